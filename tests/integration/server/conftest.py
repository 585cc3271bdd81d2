from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.served import Served
from support.worlds import graph_of, node, wire


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """e0 → e1 → e2, the last wire gated."""
    monkeypatch.chdir(tmp_path)
    graph = graph_of([node(0), node(1, [wire(0, 1)]), node(2, [wire(1, 2, mode="gated")])])
    with Served(graph, tmp_path).serving() as made:
        yield made


@pytest.fixture
def api(served: Served) -> Iterator[httpx.Client]:
    with served.http() as client:
        yield client


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that wants tokens."""
    monkeypatch.chdir(tmp_path)
    graph = graph_of([node(0), node(1, [wire(0, 1)]), node(2, [wire(1, 2, mode="gated")])])
    with Served(graph, tmp_path).serving(tokens=True) as made:
        yield made
