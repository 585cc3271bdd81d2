"""Which version of a package may follow which."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from packaging.version import Version

from odmd.errors import IndexUnreachable, PackageUnfit, VersionTooLow
from odmd.graph.shape import Shape
from odmd.providers.contracts.compatible import before, may_break, refuse_breaks
from odmd.providers.packages.credentials import sign_in, variable_of
from odmd.providers.packages.release import Release


def releases(*versions: str) -> list[Release]:
    return [Release(f"acme-{one}-py3-none-any.whl", Version(one), "", "") for one in versions]


@pytest.mark.parametrize(
    ("new", "published", "last"),
    [
        ("1.0.0", (), None),
        ("1.1.0", ("1.0.0", "0.9.0"), "1.0.0"),
        ("1.0.1", ("1.0.0", "2.0.0"), "1.0.0"),
        ("1.10.0", ("1.9.0", "1.2.0"), "1.9.0"),
        ("1.1.0", ("1.0.0", "1.1.0rc1"), "1.0.0"),
        ("1.1.0rc2", ("1.0.0", "1.1.0rc1"), None),
        ("0.9.0", ("1.0.0",), None),
    ],
)
def test_a_version_is_held_against_the_last_one_that_people_come_from(
    new: str, published: tuple[str, ...], last: str | None
) -> None:
    found = before(Version(new), releases(*published))
    assert (str(found.version) if found else None) == last


def test_of_one_version_a_wheel_says_more_than_its_source() -> None:
    (wheel,) = releases("1.0.0")
    source = Release("acme-1.0.0.tar.gz", Version("1.0.0"), "", "")
    assert before(Version("1.1"), [source, wheel]) is wheel


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ("1.0.0", "1.1.0", False),
        ("1.9.9", "2.0.0", True),
        ("0.1.0", "0.1.1", False),
        ("0.1.0", "0.2.0", True),
        ("0.9.0", "1.0.0", True),
        ("2024.1", "1!1.0", True),
    ],
)
def test_a_major_version_may_break_and_below_one_a_minor_one(old: str, new: str, *, may: bool) -> None:
    assert may_break(Version(old), Version(new)) is may


def test_what_cannot_be_had_for_now_is_asked_again_and_what_cannot_be_read_is_refused() -> None:
    nothing = Shape({}, {}, {})

    def had(error: Exception) -> Callable[[], Shape]:
        def fails() -> Shape:
            raise error

        return fails

    old, new = Version("1.0.0"), Version("1.1.0")
    with pytest.raises(IndexUnreachable):
        refuse_breaks("acme", old, new, had(IndexUnreachable("it sleeps")), nothing)
    with pytest.raises(VersionTooLow, match=r"acme 1\.0\.0, which is published, cannot be compared with 1\.1\.0: old"):
        refuse_breaks("acme", old, new, had(PackageUnfit("old")), nothing)
    refuse_breaks("acme", old, Version("2.0.0"), had(PackageUnfit("old")), nothing)


class TestSignIn:
    @pytest.fixture(autouse=True)
    def _nobody(self, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        self.netrc = tmp_path / "netrc"

    def test_is_said_for_a_host_and_told_to_no_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ODMD_INDEX_PYPI_ACME_DEV_8443_PASSWORD", "token-of-acme")
        assert sign_in("https://pypi.acme.dev:8443/simple/x/") == ("__token__", "token-of-acme")
        monkeypatch.setenv("ODMD_INDEX_PYPI_ACME_DEV_8443_USERNAME", "robot")
        assert sign_in("https://pypi.acme.dev:8443/") == ("robot", "token-of-acme")
        for other in ("https://pypi.acme.dev/", "https://pypi.acme.dev.evil.example:8443/", "https://evil.example/"):
            assert sign_in(other) is None

    def test_is_never_sent_where_anybody_may_listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ODMD_INDEX_PYPI_ACME_DEV_PASSWORD", "token-of-acme")
        assert sign_in("https://pypi.acme.dev/") is not None
        assert sign_in("http://pypi.acme.dev/") is None

    def test_is_what_a_netrc_file_says(self) -> None:
        self.netrc.write_text("machine pypi.acme.dev login robot password token-of-acme\n")
        assert sign_in("https://pypi.acme.dev/simple/") == ("robot", "token-of-acme")
        assert sign_in("https://evil.example/") is None

    def test_of_a_netrc_file_that_cannot_be_read_nothing_is_said_but_where(self) -> None:
        self.netrc.write_text("machine pypi.acme.dev\nlogin robot passwrd token-of-acme\n")
        with pytest.raises(Exception, match="cannot be read as a netrc file in line") as wrong:
            sign_in("https://pypi.acme.dev/")
        assert "token-of-acme" not in str(wrong.value)
        assert wrong.value.__cause__ is None

    def test_variables_are_named_after_the_host(self) -> None:
        assert variable_of("http://127.0.0.1:8080/simple/") == "ODMD_INDEX_127_0_0_1_8080"
