"""Where the submodules of a repository may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.providers.git.addresses import Address, AddressRefused

HTTPS = "https://user:pw@git.example.com/scm/acme/app.git"
LOCAL = "/srv/git/acme/app"


@pytest.mark.parametrize(
    "url", [HTTPS, LOCAL, "git@example.com:acme/app.git", "ssh://git@h:7999/acme/app", "file:///a/acme/app"]
)
def test_an_address_is_told_as_it_was_given(url: str) -> None:
    assert str(Address.declared(url, "acme/app")) == url


@pytest.mark.parametrize(
    ("base", "said", "expected"),
    [
        (HTTPS, "../shared.git", "https://user:pw@git.example.com/scm/acme/shared.git"),
        (HTTPS, "../../other/./lib/", "https://user:pw@git.example.com/scm/other/lib"),
        (LOCAL, "../shared.git", "/srv/git/acme/shared.git"),
        (LOCAL, "../../other/lib", "/srv/git/other/lib"),
        (LOCAL, "./inside", "/srv/git/acme/app/inside"),
        ("git@example.com:acme/app.git", "../lib", "git@example.com:acme/lib"),
        ("file:///srv/git/acme/app", "../lib", "file:///srv/git/acme/lib"),
        (LOCAL, "https://github.com/acme/lib.git", "https://github.com/acme/lib.git"),
        (LOCAL, "ssh://git@github.com:22/acme/lib", "ssh://git@github.com:22/acme/lib"),
        (HTTPS, "git@github.com:acme/lib.git", "git@github.com:acme/lib.git"),
        (HTTPS, "git@github.com:/acme/lib.git", "git@github.com:/acme/lib.git"),
        ("git@h:/srv/acme/app", "../lib", "git@h:/srv/acme/lib"),
    ],
)
def test_a_submodule_is_beside_its_repository_or_on_a_host(base: str, said: str, expected: str) -> None:
    assert str(Address.declared(base, "acme/app").of_submodule(said)) == expected


@pytest.mark.parametrize("base", [HTTPS, LOCAL, "file:///srv/git/acme/app"])
@pytest.mark.parametrize(
    "said",
    [
        "/etc/secrets",
        "file:///etc/secrets",
        "FILE:///etc/secrets",
        "ext::sh -c id",
        "ext::https://x/y",
        "git://example.com/x",
        "http://example.com/x",
        "-oProxyCommand=id",
        "--upload-pack=id",
        "ssh://-oProxyCommand=id/x",
        "git@-oProxyCommand=id:x",
        "https://-x/y",
        "https://example.com/with space",
        "git@host::x",
        "lib",
        ".",
        "..",
        "~/x",
        "C:\\x",
        "../../../x",
        "../../../git/acme/app",
        "../x/../../../../etc",
        "../%2e%2e/%2e%2e/%2e%2e/etc",
        "../..",
        "\nhttps://example.com/x",
        "https://example.com/x\n",
    ],
)
def test_nothing_else_is_an_address(base: str, said: str) -> None:
    with pytest.raises(AddressRefused):
        Address.declared(base, "acme/app").of_submodule(said)


def test_a_host_is_the_limit_of_what_it_refers_to() -> None:
    other = Address.declared(LOCAL, "acme/app").of_submodule("https://github.com/acme/lib")

    assert str(other.of_submodule("../../x/y")) == "https://github.com/x/y"
    with pytest.raises(AddressRefused):
        other.of_submodule("../../../y")


def test_where_the_name_is_no_part_of_the_address_its_folder_is_the_limit() -> None:
    address = Address.declared("/somewhere/else/mirror", "acme/app")

    assert str(address.of_submodule("../lib")) == "/somewhere/else/lib"
    with pytest.raises(AddressRefused):
        address.of_submodule("../../lib")


@given(st.lists(st.sampled_from(["..", ".", "", "a", "etc", "%2e%2e"]), max_size=9).map("/".join))
def test_no_relative_address_leaves_the_folder_of_all_repositories(steps: str) -> None:
    try:
        found = Address.declared(LOCAL, "acme/app").of_submodule(f"../{steps}")
    except AddressRefused:
        return
    assert str(found).startswith("/srv/git/")
    assert ".." not in str(found).split("/")
