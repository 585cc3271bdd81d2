"""Contracts for bench/workers.py: as `ODMD_FLEET` says, services alone, in pairs, or behind one gate."""

from __future__ import annotations

import os

from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Enver,
    Organisation,
    Produces,
    Repo,
    Stage,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import EventBus

SHAPE, _, COUNT = os.environ.get("ODMD_FLEET", "alone:3").partition(":")
TEAM = Team("everybody")
DEV = Stage("dev", Account("dev", "111122223333"), "us-west-1")
MAIN = Branch("main")


def _producer(name: str) -> Enver:
    return _service(name, {"out": Produces[EventBus[str]]}, {"out": produced("a bus")})(on=MAIN, at=DEV)


def _consumer(name: str, producer: Enver) -> Enver:
    bus = producer.out  # type: ignore[attr-defined]  # generated
    made = _service(name, {"bus": Consumes[EventBus[str]]}, {"bus": consumed("a bus")})
    return made(on=MAIN, at=DEV, bus=bus.gated(by=TEAM) if SHAPE == "gated" else bus)


def _service(name: str, annotations: dict[str, object], fields: dict[str, object]) -> type[CdkEnver]:
    body = {"__annotations__": annotations, "__module__": __name__, **fields}
    return type(name.title(), (CdkEnver,), body, build=Build(name, Repo(f"acme/{name}", TEAM)))


def _envers() -> list[Enver]:
    count = int(COUNT)
    producers = [_producer(f"p{n}") for n in range(1 if SHAPE == "gated" else count)]
    if SHAPE == "alone":
        return producers
    return [*producers, *(_consumer(f"c{n}", producers[n % len(producers)]) for n in range(count))]


fleet = Organisation("fleet", central=DEV.account, envers=_envers())
