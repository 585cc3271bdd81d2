"""Which version a package for npm has, and what it is called in its registry."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import PackageUnfit
from odmd.model import Branch, Tag
from odmd.providers.npm.versions import dist_tag, is_of, is_version, prerelease

SEMVER = re.compile(
    r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
    r"(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$",
    re.ASCII,
)
"""As semver.org suggests it."""
NUMBER = st.integers(0, 9999).map(str)
IDENTIFIER = st.one_of(NUMBER, st.from_regex(r"\A[0-9]{0,3}[a-zA-Z-][0-9a-zA-Z-]{0,6}\Z"))
BASE = st.builds(
    lambda numbers, before, behind: f"{'.'.join(numbers)}{'-' * bool(before)}{before}{'+' * bool(behind)}{behind}",
    st.tuples(NUMBER, NUMBER, NUMBER),
    st.lists(IDENTIFIER, max_size=3).map(".".join),
    st.from_regex(r"\A([0-9A-Za-z-]{1,5})?\Z"),
)
REF = st.text("abAB01279-_./+é", min_size=1, max_size=60).filter(lambda ref: ref.strip("/-.") == ref)
CONTENT = st.text("0123456789abcdef", min_size=64, max_size=64)


def slot(ref: str) -> str:
    return f"b..{Branch(ref).short}"


@given(BASE, REF, CONTENT)
def test_a_pre_release_is_a_version_of_its_enver_and_before_what_it_is_a_pre_release_of(
    base: str, ref: str, content: str
) -> None:
    version = prerelease(base, slot(ref), content)
    assert SEMVER.fullmatch(version), version
    assert is_version(version)
    assert is_of(version, slot(ref))
    assert version.startswith(f"{base.partition('+')[0].partition('-')[0]}-")
    assert version == prerelease(base, slot(ref), content)


@given(BASE, REF, REF, CONTENT, CONTENT)
def test_no_two_envers_and_no_two_contents_have_one_pre_release(
    base: str, ref: str, other: str, content: str, another: str
) -> None:
    if slot(ref) != slot(other):
        assert prerelease(base, slot(ref), content) != prerelease(base, slot(other), content)
        assert not is_of(prerelease(base, slot(ref), content), slot(other))
    if content[:16] != another[:16]:
        assert prerelease(base, slot(ref), content) != prerelease(base, slot(ref), another)


@given(BASE)
def test_what_somebody_released_is_no_enver_s_pre_release(base: str) -> None:
    assert is_version(base)
    assert not is_of(base, slot("main"))


@pytest.mark.parametrize(
    "text", ["", "1", "1.0", "01.0.0", "1.0.0-01", "v1.0.0", "1.0.0 ", "1.0.0-é", "1.0.0-", "\u0661.0.0"]
)
def test_what_is_no_version_of_semver_is_none(text: str) -> None:
    assert not is_version(text)


def test_a_version_that_leaves_no_room_says_so() -> None:
    with pytest.raises(PackageUnfit, match="no pre-release that npm takes") as refused:
        prerelease(f"1.0.0-{'a' * 240}", slot("main"), "0" * 64)
    assert "shorter" in refused.value.next_step


def test_a_tags_enver_has_a_mark_too() -> None:
    of_tag = f"t..{Tag('v1.2.0').short}"
    assert is_of(prerelease("1.2.0", of_tag, "0" * 64), of_tag)


@pytest.mark.parametrize(
    ("version", "there", "tag"),
    [
        ("1.0.0", (), "latest"),
        ("1.0.1", ("1.0.0",), "latest"),
        ("1.10.0", ("1.9.0",), "latest"),
        ("1.0.1", ("2.0.0",), "release-1.0"),
        ("1.0.1", ("2.0.0-rc.1",), "latest"),
        ("1.0.1", ("no version",), "latest"),
        ("2.0.0-rc.1", ("1.0.0",), "next"),
        ("1.0.0-b-fix-1.t0123456789abcdef", (), "b-fix-1"),
    ],
)
def test_who_names_no_version_gets_the_highest_release(version: str, there: tuple[str, ...], tag: str) -> None:
    assert dist_tag(version, slot("fix-1"), frozenset(there)) == tag
