"""What the guide to security says that holds, is held by a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def rows() -> dict[str, list[str]]:
    """First words of a sentence → the tests that hold it."""
    text = (ROOT / "tests" / "attack" / "README.md").read_text()
    found = re.findall(r"^\| (?!what holds|---)(.+?) \| (.+) \|$", text, re.MULTILINE)
    return {said: re.findall(r"`(\w+)`", tests) for said, tests in found}


def test_every_sentence_has_a_test_and_every_row_a_sentence() -> None:
    guide = (ROOT / "docs" / "guides" / "security.md").read_text()
    (holds,) = re.findall(r"^## Holds\n(.*?)^## ", guide, re.MULTILINE | re.DOTALL)
    said = re.findall(r"^- \*\*(.+?)\*\*", holds, re.MULTILINE)
    assert len(said) == len(re.findall(r"^- ", holds, re.MULTILINE)), "each begins with what holds"
    assert sorted(said) == sorted(rows())


def test_the_tests_are_there() -> None:
    there = "\n".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    named = {name for tests in rows().values() for name in tests}
    assert not [name for name in named if f"def {name}(" not in there]
    assert all(rows().values())
