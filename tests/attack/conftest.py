from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.served import Served
from support.worlds import graph_of, node


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that wants tokens, on which runs 1 and 2 wait for somebody."""
    monkeypatch.chdir(tmp_path)
    with Served(graph_of([node(0), node(1)]), tmp_path).serving(tokens=True) as made:
        made.push("c1", 0, 1)
        yield made
