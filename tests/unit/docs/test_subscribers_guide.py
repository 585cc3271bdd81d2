"""The subscriber in the guide runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from odmd.control.leading.subscribers import Subscribers
from odmd.control.ports.log import Logged, Touched
from odmd.control.scheduler.events import RunFailed
from odmd.control.scheduler.runs import Run, RunMode
from odmd.plan.fingerprint import Fingerprint
from odmd.store.memory import MemoryStore
from support.until import until

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "subscribers.md"


def test_it_says_what_failed_after_it_began() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    given: dict[str, Any] = {"__name__": __name__}
    exec(code, given)  # our own
    store, said = MemoryStore(), list[str]()
    running = Subscribers(store, store, [given["Failures"](store, said.append)])
    fail(store, 1)
    running.start()
    fail(store, 2)

    def is_told() -> object:
        running.listen(store.read(1)[0], store.load())
        return said

    until(is_told)
    running.stop()
    assert said == ["run 2 of e/b..main failed at w"]


def fail(store: MemoryStore, run: int) -> None:
    ended = Run(run, "e/b..main", Fingerprint("c", "", ()), (), RunMode.FULL, (1,), (), 1.0, worker="w")
    entry = Logged(run, RunFailed(run, "e/b..main", "boom", clean=True, at=2.0), "m")
    store.commit(run - 1, [], [entry], Touched(runs=[ended]), [])
