"""What it takes to compare two envers whose template has a megabyte, and to say how far 10,000 are behind:
`PYTHONPATH=tests python bench/truth.py`. A state in SQLite, read as commands read it; seconds of the processor."""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.bootstrap.comparing import read_recipe
from odmd.control.leading.compared_sides import SideReader
from odmd.control.leading.comparing import CompareAsked, EnverComparer
from odmd.control.leading.slices import keep_slice
from odmd.control.ports.log import Touched
from odmd.control.reading.objectives import keep_expected
from odmd.control.reading.records import Records
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.values import RunInput, Value, ValueStatus
from odmd.graph import EnverNode, ProductNode
from odmd.plan.fingerprint import Fingerprint
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from odmd.providers.aws.recipe import to_recipe
from odmd.providers.git.fake import FakeRepositories
from odmd.store.artifacts import SqlArtifacts
from odmd.store.reads import open_reads
from odmd.store.sql import SqlStore
from support.worlds import address, graph_of, node, product

ENVERS = 10_000
RESOURCES = 1_800
TIMES = 3


def main() -> None:
    """Prints a line for each."""
    folder = Path(tempfile.mkdtemp())
    file = folder / "state.db"
    store = SqlStore(file, lambda _connection, _position, _effects: None)
    dev, prod = (place(*said) for said in (("b..main", "dev", "111122223333"), ("s..prod", "prod", "444455556666")))
    graph = graph_of([dev, prod])
    record(store, [dev, prod])
    for one in (dev, prod):
        keep_slice(store, graph, one.address)
    keep_expected(store, graph)
    reads = open_reads(file)
    records = Records(reads, lambda: True, lambda: None, lambda _refs: {}, reads)  # type: ignore[arg-type]
    sides = SideReader(records, SqlArtifacts(store.database), read_recipe)
    comparer = EnverComparer(sides, FakeRepositories(), _nobody)
    asked = CompareAsked("big@main", "big@s..prod")
    size = len(template(dev, 128))
    took, found = timed(lambda: comparer.compare(asked))
    print(f"two envers, a template of {size / 1e6:.1f} MB each, {len(found.differences):,} differences: {took:5.3f} s")
    took, lags = timed(lambda: list(records.all_lags()))
    print(f"how far {ENVERS:,} envers are behind ({len(lags):,} wires are): {took:5.3f} s")
    took, status = timed(lambda: list(records.all_envers()))
    print(f"status of {len(status):,} envers, with ages: {took:5.3f} s")


def _nobody() -> Any:
    """Of config nothing differs, so nobody is asked."""
    raise NotImplementedError


def timed(do: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest of some."""
    gc.freeze()
    best, found = float("inf"), None
    for _ in range(TIMES):
        began = time.process_time()
        found = do()
        best = min(best, time.process_time() - began)
    return best, found


def place(slot: str, stage: str, account: str) -> EnverNode:
    """One of the two that are compared."""
    here = f"big/{slot}"
    products = (ProductNode(f"{here}/out", "out", "test:Text"),)
    said = {"address": here, "build": "big", "slot": slot, "stage": stage, "account": account, "products": products}
    return node(0, **said)


def template(one: EnverNode, memory: int) -> str:
    """Functions with roles that name their account and stack, as CDK writes them."""
    role = f"arn:aws:iam::{one.account}:role/{one.stack_name}-role"
    function = {"MemorySize": memory, "Role": role, "Description": "x" * 240, "Environment": {"Variables": {"A": role}}}
    resources = {f"F{n}": {"Type": "AWS::Lambda::Function", "Properties": function} for n in range(RESOURCES)}
    return json.dumps({"Resources": resources})


def record(store: SqlStore, big: Sequence[EnverNode]) -> None:
    """Two with a large template; a producer with ten versions; and all others, each some versions behind it."""
    artifacts = SqlArtifacts(store.database)
    envers, runs = list[Enver](), list[Run]()
    for at, one in enumerate(big, 1):
        stack = StackTemplate(one.stack_name, template(one, 128 * at), (), (), ())
        recipe = artifacts.put(to_recipe(Assembly((stack,), ())))
        made = Fingerprint("c" * 40, one.slice(), (), "content")
        envers.append(Enver(one.address, deployed=made, recipe=recipe, deployed_by=at, last_run=at, stage=one.stage))
        runs.append(run(at, one.address, made))
    older = [
        Value(product(0), n, f"t{n}", f"t{n}", "k", 1, float(n), status=ValueStatus.SUPERSEDED) for n in range(1, 10)
    ]
    values = [*older, Value(product(0), 10, "t10", "t10", "k", 1, 10.0)]
    for n in range(1, ENVERS + 1):
        given = RunInput("in0", product(0), version := n % 10 + 1, f"t{version}", f"t{version}")
        made = Fingerprint("c" * 40, "k", (("in0", given.identity),), "content")
        more = {"deployed": made, "consumed": (given,), "deployed_by": n + 2, "last_run": n + 2, "stage": "prod"}
        envers.append(Enver(address(n), **more))
        runs.append(run(n + 2, address(n), made))
    store.commit(0, [], [], Touched(envers=envers, runs=runs, values=values), [])


def run(id: int, enver: str, made: Fingerprint) -> Run:
    """One that succeeded."""
    ended = {"status": RunStatus.SUCCEEDED, "finished_at": float(id)}
    return Run(id, enver, made, (), RunMode.FULL, (), (), 0.0, **ended)


if __name__ == "__main__":
    main()
