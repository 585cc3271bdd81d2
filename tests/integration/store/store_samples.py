"""Values to store."""

from collections.abc import Sequence
from pathlib import Path

from odmd.control.ports.log import Logged, Touched
from odmd.control.ports.store import Store
from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.effects import Effect, RemoveRetired
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import FinishRun, Publication
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.state import Wave
from odmd.control.scheduler.values import Resource, RunInput, Value, ValueRef, ValueStatus
from odmd.plan.fingerprint import Fingerprint
from odmd.store.reads import SqliteReads
from odmd.store.sql import Outbox, SqlStore

PRINT = Fingerprint("c" * 40, "digest", (("bus", "arn"),))
RESOURCE = Resource("AWS::Events::EventBus", "bus-1", "111111111111", "eu-west-1")


def finish(run: int = 1) -> FinishRun:
    return FinishRun(run, 1, "sha256:0", (Publication("orders@main/bus", "{}", "arn", "EventBus", RESOURCE),))


def claimed(position: int, run: int = 1, message: str = "m") -> Logged:
    return Logged(position, RunClaimed(run, 1, "worker", float(position)), message)


def run(id: int, enver: str = "orders@main", status: RunStatus = RunStatus.STARTED) -> Run:
    given = (RunInput("bus", "menu@main/bus", 3, "{}", "arn"),)
    return Run(id, enver, PRINT, given, RunMode.FULL, (1,), ("new",), 1.0, status, published=(ValueRef("p", 1),))


def value(product: str, version: int, status: ValueStatus = ValueStatus.CURRENT) -> Value:
    return Value(product, version, "{}", f"{product}{version}", "EventBus", 1, 2.0, RESOURCE, status)


def wave(id: int, open: int = 0) -> Wave:
    return Wave(id, "push", Actor("ada", ActorKind.PERSON, "a test", Scope.ADMIN), 1.0, "plan", ("orders@main",), open)


def enver(address: str, **fields: object) -> Enver:
    return Enver(address, **fields)


def append(
    store: Store,
    count: int = 1,
    touched: Touched | None = None,
    effects: Sequence[Effect] = (),
    handled: Sequence[str] = (),
) -> int:
    """Commits `count` events at the end of the log, and returns where it ends then."""
    end = store.load().position
    events = [claimed(end + 1 + n) for n in range(count)]
    store.commit(end, handled, events, touched or Touched(), effects)
    return end + count


DISPATCH = RemoveRetired("p", 7)


def answer(store: Store, id: str) -> Sequence[Logged] | None:
    """What was committed for a message; None while it is not handled."""
    told = store.told(id)
    return told.answer if told is not None and told.handled else None


class _Beside(SqlStore):
    """Writes as any store; everything that is read goes another way."""

    def __init__(self, file: Path, outbox: Outbox | None) -> None:
        super().__init__(file, outbox)
        self._reads = SqliteReads(file)
        for name in _READ:
            setattr(self, name, getattr(self._reads, name))

    def close(self) -> None:
        self._reads.close()
        super().close()


_READ = [name for name in vars(SqliteReads) if not name.startswith("_") and name not in ("close", "lines")]


def read_beside(file: Path, outbox: Outbox | None = None) -> SqlStore:
    """A store in a file that is read with the driver alone."""
    return _Beside(file, outbox)


DIE_AT = """
    import os, signal, sys
    from pathlib import Path
    from sqlalchemy import Engine, event
    sys.path.insert(0, sys.argv[3])
    from store_samples import DISPATCH, claimed, enver, run, value, wave
    from odmd.control.ports.log import Touched
    from odmd.store.sql import SqlStore
    from odmd.store.where import Postgres

    where = Postgres(sys.argv[1]) if "://" in sys.argv[1] else Path(sys.argv[1])
    store = SqlStore(where, lambda connection, *_: connection.exec_driver_sql(
        "INSERT INTO documents (name, body) VALUES ('effect', '')"))
    left = int(sys.argv[2])

    def count(*_):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", count)
    touched = Touched([enver("a@main")], [run(1)], [value("p", 1)], [wave(1, 1)])
    store.commit(0, ["m"], [claimed(1), claimed(2)], touched, [DISPATCH])
    print("acknowledged", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
"""A process that commits and kills itself after so many statements: where, how many, the folder of this module."""
