"""One name is one class: who searches for it, or reads it in a signature, finds the one that is meant."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"
TWICE = {
    "Enver": "as contracts declare it, and as the scheduler's state has it",
    "Parameter": "where an input leads in an app, and a kind: authors write both, each in its place",
    "Promoted": "what an enver may run, and the event that it was promoted; events are named by what they are on disk",
}


def classes() -> Iterator[str]:
    for file in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                yield node.name


def test_no_two_classes_have_one_name() -> None:
    assert {name for name, times in Counter(classes()).items() if times > 1} == TWICE.keys()
