"""Which version a Python package has, and how its project comes to say it."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from odmd.errors import PackageUnfit
from odmd.providers.python.versions import prerelease, with_version

CONTENT = st.text("0123456789abcdef", min_size=64, max_size=64)
BASE = st.from_regex(
    r"\A([1-3]!)?[0-9]{1,2}(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9]{1,2})?(\.post[0-9])?(\.dev[0-9])?(\+[a-z]{1,4})?\Z"
).map(Version)


@given(BASE, CONTENT)
def test_a_pre_release_is_one_that_an_index_takes_and_before_what_it_is_a_pre_release_of(
    base: Version, content: str
) -> None:
    version = prerelease(base, content)
    assert version.is_devrelease
    assert version.local is None
    assert version.release == base.release
    if not base.is_devrelease:
        assert version < Version(base.public)
    assert version == prerelease(base, content) == Version(str(version))


@given(BASE, CONTENT, CONTENT)
def test_other_content_has_another_pre_release(base: Version, content: str, another: str) -> None:
    assert (prerelease(base, content) == prerelease(base, another)) == (content[:12] == another[:12])


PROJECT = """
[build-system]
version = "not of the project"
requires = []

[project]  # all of it
name = "acme-orders"
version = '1.0.0'
description = "version = 'one'"
dependencies = [
  "requests",
]

[tool.other]
version = "7"
"""


def test_only_the_projects_own_version_is_written() -> None:
    changed = with_version(PROJECT, "1.0.0.dev7", "it")
    before = tomllib.loads(PROJECT)
    assert tomllib.loads(changed) == {**before, "project": {**before["project"], "version": "1.0.0.dev7"}}
    assert len(changed.splitlines()) == len(PROJECT.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        'project.version = "1.0.0"\nproject.name = "x"\n',
        'project = {name = "x", version = "1.0.0"}\n',
        '[project]\nname = "x"\nversion = """1.0.0"""\n',
        '["project"]\nname = "x"\nversion = "1.0.0"\n',
    ],
)
def test_a_version_that_is_said_in_another_way_is_refused_and_nothing_else_is_changed(text: str) -> None:
    with pytest.raises(PackageUnfit, match="cannot be written again") as refused:
        with_version(text, "2.0.0", "it")
    assert "on a line of its own" in refused.value.next_step
