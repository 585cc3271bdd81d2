"""Where the attackers are. What changes an answer is tried, and not every combination:

- each test runs as whoever runs the tests; what one user may do to another, and one program to another of the same
  user, needs a second user or an ordinary one: `test_same_machine` makes both, where the tests run as root;
- there, foreign programs run once more under an ordinary user's odmd: `test_as_an_ordinary_user`;
- the database decides where locks and transactions do: whose an attempt is, quotas, what is taken over (`on_both`);
  all else of a server is the same on both, and tried on SQLite;
- a worker on the database is somebody to pass for: `test_attempts_of_others`. What runs in a worker is the same as in
  `odmd apply`: `test_malicious_app`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.served import Served
from support.worlds import graph_of, node


@pytest.fixture
def kept_in(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test says otherwise."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_in: str, request: pytest.FixtureRequest
) -> Iterator[Served]:
    """A server that wants tokens, on which runs 1 and 2 wait for somebody."""
    monkeypatch.chdir(tmp_path)
    where = request.getfixturevalue("postgres") if kept_in == "postgres" else None
    with Served(graph_of([node(0), node(1)]), tmp_path, where).serving(tokens=True) as made:
        made.push("c1", 0, 1)
        yield made
