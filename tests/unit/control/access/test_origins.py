"""Where a request comes from, as far as somebody says it who is believed."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.access.origins import Proxies

OURS: Final = Proxies((ip_network("10.0.4.0/24"), ip_network("fd00:4::/64")))
PROXY: Final = "10.0.4.7"
CALLER: Final = "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        (CALLER, [], CALLER),
        (CALLER, ["198.51.100.1"], CALLER),
        (PROXY, [], PROXY),
        (PROXY, [CALLER], CALLER),
        (PROXY, [f"{CALLER}:49152"], CALLER),
        ("::ffff:10.0.4.7", [CALLER], CALLER),
        (PROXY, ["2001:db8::9"], "2001:db8::9"),
        ("fd00:4::7", ["[2001:db8::9]:443"], "2001:db8::9"),
        (PROXY, [f"{CALLER}, 10.0.4.8"], CALLER),
        (PROXY, [CALLER, "10.0.4.8"], CALLER),
        (PROXY, [f"{CALLER}, unknown"], PROXY),
        (PROXY, [f"{CALLER}, unknown, 10.0.4.8"], "10.0.4.8"),
        (PROXY, ["10.0.4.9, 10.0.4.8"], "10.0.4.9"),
        (PROXY, ["fe80::1%ada"], PROXY),
        (PROXY, [" , "], PROXY),
        ("", [CALLER], ""),
    ],
)
def test_the_last_address_counts_that_is_no_proxys(peer: str, forwarded: list[str], origin: str) -> None:
    assert OURS.origin(peer, forwarded) == origin


addresses = st.ip_addresses().map(str)
said = st.lists(st.lists(addresses | st.sampled_from([PROXY, "unknown", ""]) | st.text(), max_size=4).map(",".join))


@given(said, addresses)
def test_nothing_that_a_caller_says_moves_where_he_is(invented: list[str], caller: str) -> None:
    if any(word in caller for word in ("10.0.4.", "fd00:4:")):
        return
    honest = OURS.origin(PROXY, [caller])
    assert OURS.origin(PROXY, [*invented, caller]) == honest
    assert OURS.origin(PROXY, [",".join([*invented, caller])]) == honest
    assert OURS.origin(caller, invented) == caller
    assert Proxies().origin(PROXY, [*invented, caller]) == PROXY
