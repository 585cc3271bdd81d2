"""Contracts of a branch: real git, and contracts that really run in a cage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from odmd.bootstrap.merged import MergedContracts, merged_contracts
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.settings import Settings, read_settings
from odmd.errors import ContractsUnsound
from odmd.isolation import Isolation
from odmd.providers.cage import find_cage
from odmd.store.sql import SqlStore
from support.workbench import CONTRACTS, Workbench

UNSOUND = CONTRACTS.replace("reader = Reader(on=main, at=dev, bus=foundation.bus)", "reader = Reader(on=main, at=dev)")
SETTINGS = """
[tool.odmd]
contracts = "contracts.py:acme"
repositories = "repos/{repo}"
[tool.odmd.github]
contracts = "acme/contracts"
folder = "said"
in-force = "main"
"""

pytestmark = pytest.mark.skipif(find_cage(Isolation.PREFERRED).program is None, reason="there is no cage here")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    monkeypatch.chdir(tmp_path)
    for name in ("ODMD_STATE", "ODMD_CONTRACTS"):
        monkeypatch.delenv(name, raising=False)
    made = Workbench(tmp_path)
    made.write("pyproject.toml", SETTINGS)
    made.write("repos/acme/contracts/said/contracts.py", CONTRACTS)
    made.git("contracts", "init", "-q", "-b", "main")
    return made


@pytest.fixture
def store(tmp_path: Path, bench: Workbench) -> Iterator[SqlStore]:
    with closing(SqlStore(tmp_path / ".odmd" / "state.db")) as made:
        yield made


def commit(bench: Workbench, contracts: str) -> str:
    bench.write("repos/acme/contracts/said/contracts.py", contracts)
    bench.git("contracts", "add", "-A")
    bench.git("contracts", "commit", "-q", "--allow-empty", "-m", "contracts")
    return bench.git("contracts", "rev-parse", "HEAD").strip()


def merged(store: SqlStore, settings: Settings | None = None) -> MergedContracts:
    settings = settings or read_settings(None)
    made = merged_contracts(settings, repositories(settings), store)
    assert made
    return made


def test_whoever_comes_next_has_those_of_the_commit_though_the_branch_went_on(
    bench: Workbench, store: SqlStore
) -> None:
    first = commit(bench, CONTRACTS)
    one = merged(store)
    assert one.in_force() is None
    one.note(one.head())
    commit(bench, CONTRACTS.replace("reader, writer]", "reader]").replace("writer = Writer", "_ = Writer"))
    next_one = merged(store)
    compiled = next_one.in_force()
    assert compiled is not None
    assert (next_one.commit, len(compiled.graph.envers)) == (first, 3)
    queue = compiled.kinds[next(name for name in compiled.kinds if "Queue" in name)]
    assert queue.parse("https://queue.example/1")  # the code of its kinds is there as long as it is
    assert next_one.load(first) is compiled


def test_mistakes_are_told_at_their_lines_of_the_repository(bench: Workbench, store: SqlStore) -> None:
    head = commit(bench, UNSOUND)
    with pytest.raises(ContractsUnsound) as unsound:
        merged(store).load(head)
    place = unsound.value.diagnostics()[0].place
    assert place is not None
    assert place.file == "said/contracts.py"
