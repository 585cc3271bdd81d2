"""What the process itself promises, as far as one need not start it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from odmd.bootstrap.settings import read_settings
from odmd.errors import ServeRefused, SettingsInvalid
from odmd.server.process import ListensAt, listen, serve
from support.workbench import Workbench

COMPANY = """
[tool.odmd.identities.company]
type = "oidc"
issuer = "https://login.acme.example"
audience = "odmd"
allow = [{ when = { groups = "cooks" }, scope = "read" }]
"""


def test_answers_do_not_wait_for_the_caller_to_acknowledge_their_head() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_that_is_taken_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Workbench(tmp_path)
    monkeypatch.chdir(tmp_path)
    with listen("127.0.0.1", 0) as listener, pytest.raises(ServeRefused, match="cannot be listened on"):
        serve(read_settings(), ListensAt("127.0.0.1", listener.getsockname()[1], tokens=False), lambda _: None)


@pytest.mark.parametrize("tokens", [True, False])
def test_beyond_this_machine_it_does_not_serve_without_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: bool
) -> None:
    Workbench(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ServeRefused):
        serve(read_settings(), ListensAt("0.0.0.0", 0, tokens=tokens), lambda _: None)


def test_where_people_prove_who_they_are_it_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they prove is for a name; whoever asks can say any."""
    Workbench(tmp_path)
    monkeypatch.chdir(tmp_path)
    with Path("pyproject.toml").open("a") as settings:
        settings.write(COMPANY)
    with pytest.raises(ServeRefused, match="nothing says what this one's is"):
        serve(read_settings(), ListensAt("0.0.0.0", 0, tokens=True), lambda _: None)


@pytest.mark.parametrize(
    ("said", "names"), [("odmd.acme.example, [::1]:8471", ("odmd.acme.example", "[::1]:8471")), ("", ())]
)
def test_the_environment_says_its_names_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, names: tuple[str, ...]
) -> None:
    Workbench(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ODMD_NAMES", said)
    assert read_settings().names == names
    for wrong in ("https://odmd.acme.example", "odmd.acme.example,", "odmd/acme"):
        monkeypatch.setenv("ODMD_NAMES", wrong)
        with pytest.raises(SettingsInvalid, match="ODMD_NAMES must be a list of hosts"):
            read_settings()


def test_the_environment_says_the_proxies_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Workbench(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ODMD_PROXIES", "10.0.4.0/24, 10.0.5.7,fd00:4::/64")
    assert list(map(str, read_settings().proxies)) == ["10.0.4.0/24", "10.0.5.7/32", "fd00:4::/64"]
    for wrong in ("10.0.4.1/24", "proxy", "10.0.4.0/24,"):
        monkeypatch.setenv("ODMD_PROXIES", wrong)
        with pytest.raises(SettingsInvalid, match="ODMD_PROXIES must be a list of networks"):
            read_settings()
    for wide in ("0.0.0.0/0", "::/0", "10.0.4.0/24,fc00::/7"):
        monkeypatch.setenv("ODMD_PROXIES", wide)
        with pytest.raises(SettingsInvalid, match="where callers are, too"):
            read_settings()
