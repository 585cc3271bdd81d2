"""Values to store."""

from collections.abc import Sequence

from odmd.control.effects import DispatchRun, Effect
from odmd.control.events import RunClaimed
from odmd.control.messages import FinishRun, Publication
from odmd.control.ports import Logged, Store, Touched
from odmd.control.state import (
    Enver,
    Resource,
    Run,
    RunInput,
    RunMode,
    RunStatus,
    Value,
    ValueRef,
    ValueStatus,
    Wave,
)
from odmd.plan.fingerprint import Fingerprint

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
    return Wave(id, "push", "ada", 1.0, "plan", ("orders@main",), open)


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


DISPATCH = DispatchRun(7)
