"""What it takes to look at 1,000 envers, and to tell of 10,000 at which somebody looked before:
`PYTHONPATH=tests python bench/drift.py`. A state in SQLite; who looks answers at once, so that what odmd itself does is
measured; seconds of the processor."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.control.leading.drift import DriftAsked, DriftLook, LookKeeping
from odmd.control.leading.mirrored import MirrorLook
from odmd.control.ports.log import Touched
from odmd.control.reading.records import Records
from odmd.control.running.observing import LastDeployed, Observation
from odmd.control.scheduler.drift import LastLook
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.values import Value
from odmd.model.build_types import CDK
from odmd.model.targets import Target
from odmd.plan.fingerprint import Fingerprint
from odmd.providers.aws.fake import FakeAws
from odmd.store.artifacts import SqlArtifacts
from odmd.store.sql import SqlStore
from support.actors import SOMEBODY
from support.worlds import ACCOUNT, DEV, address, graph_of, node, product

LOOKED_AT, KNOWN = 1_000, 10_000


class Nothing:
    """Who finds all as it was deployed."""

    def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:
        del deployed, resources
        return Observation()


def main() -> None:
    """Prints a line for each."""
    graph, target = graph_of([node(n) for n in range(LOOKED_AT)]), Target(ACCOUNT.id, DEV.region)
    with closing(SqlStore(Path(tempfile.mkdtemp()) / "state.db", lambda *_: None)) as store:
        recipe, mirror = SqlArtifacts(store.database).put(b"recipe"), FakeAws()
        envers, values = list[Enver](), list[Value]()
        for n in range(KNOWN):
            made = Fingerprint("c" * 40, graph.slice(address(n)) if n < LOOKED_AT else "k", (), "content")
            run = {"deployed_by": n + 1, "last_run": n + 1, "recipe": recipe, "target": target}
            envers.append(Enver(address(n), deployed=made, **run))  # type: ignore[arg-type]
            values.append(Value(product(n), 1, "text", "text", "k", n + 1, 1.0))
            mirror.put(f"/odmd-share/{product(n)}", "text", target)
        store.commit(0, [], [], Touched(envers=envers, values=values), [])
        records = Records(store, lambda: True, lambda: None, lambda _refs: {}, lambda *_: ())  # type: ignore[arg-type]
        parts = SqlArtifacts(store.database), {CDK.name: Nothing()}, {}, MirrorLook(mirror, ACCOUNT.id)
        look = DriftLook(records, graph, *parts, LookKeeping(store.keep_looks, print, SOMEBODY), 3600.0)
        names = tuple(f"e{n}@main" for n in range(LOOKED_AT))
        began = time.process_time()
        found = look.look(DriftAsked(names, now=True))
        print(f"a look at {len(found.envers):,} envers: {time.process_time() - began:5.3f} s")
        store.keep_looks([LastLook(one.address, time.time(), "somebody", one.deployed_by) for one in envers])
        began = time.process_time()
        found = look.look(DriftAsked())
        print(f"what is known of {len(found.envers):,} envers: {time.process_time() - began:5.3f} s")


if __name__ == "__main__":
    main()
