"""A little organisation with names, for who looks at it: two stages, three teams; one failed, some ask, one is new."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from odmd.control.ports.run_log import Line
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.messages import Answer, ClaimRun, FailRun, FinishRun, Head, Publication, StartChange
from odmd.graph import EnverNode, Graph, ProductNode, WireEdge
from support.actors import somebody
from support.served import Served
from support.worlds import HERE, graph_of, node

TEAMS: Final = {"network": "platform", "shared-db": "platform", "menu": "baristas", "till": "baristas"}
USES: Final[Mapping[str, tuple[str, ...]]] = {
    "network": (),
    "shared-db": ("network",),
    "menu": ("shared-db",),
    "payments": ("shared-db", "network"),
    "orders": ("menu", "payments"),
    "loyalty": ("orders",),
    "till": ("orders", "menu", "payments"),
}
STAGES: Final = ("dev", "prod")
GATED: Final = (("orders", "payments"), ("till", "menu"))
NEW: Final = "loyalty/s..prod"


def shop() -> Graph:
    """Every build in both stages; in production two wires are gated."""
    return replace(graph_of([_enver(build, stage) for stage in STAGES for build in USES]), stages=STAGES)


def address_in(build: str, stage: str) -> str:
    return f"{build}/{'b..main' if stage == 'dev' else 's..prod'}"


def _enver(build: str, stage: str) -> EnverNode:
    address = address_in(build, stage)
    return node(
        0,
        [_wire(build, other, stage) for other in USES[build]],
        address=address,
        build=build,
        slot=address.partition("/")[2],
        repo=f"acme/{build}",
        team=TEAMS.get(build, "checkout"),
        stage=stage,
        products=(ProductNode(f"{address}/endpoint", "endpoint", "test:Text", f"where {build} is"),),
    )


def _wire(build: str, other: str, stage: str) -> WireEdge:
    is_gated = stage == "prod" and (build, other) in GATED
    producer = address_in(other, stage)
    return WireEdge(
        consumer=address_in(build, stage),
        name=other,
        product=f"{producer}/endpoint",
        kind="test:Text",
        access="read",
        mode="gated" if is_gated else "automatic",
        gate="checkout" if is_gated else None,
        placeholder=None,
        place=HERE,
        producer=producer,
    )


def live_through(served: Served) -> None:
    """Opened, changed once, and one thing broke."""
    push(served, [one for one in served.graph.envers if one != NEW], "8d1f02c4", "Open the shop")
    finish(served, "v1")
    answer_all(served)
    finish(served, "v1")
    push(
        served,
        [address_in(one, stage) for one in ("payments", "menu") for stage in STAGES],
        "31c7a9e0",
        "Take cards, too",
    )
    finish(served, "v2", failing=("till/b..main",))


def push(served: Served, envers: Collection[str], commit: str, subject: str) -> None:
    heads = tuple(Head(one, commit, served.graph.slice(one), subject=subject) for one in envers)
    served.leader.ask(StartChange("a push", somebody("ada"), "sha256:0123456789", heads))


def finish(served: Served, text: str, failing: Collection[str] = ()) -> None:
    """Ends all runs, and those that follow from them."""
    while runs := served.leader.look(lambda state: [(run.id, run.enver) for run in state.runs.values()]):
        for run, enver in runs:
            events = served.leader.ask(ClaimRun(run, "worker"))
            attempt = next(one.attempt for one in events if isinstance(one, RunClaimed))
            served.run_log.say(_lines(run))
            if enver in failing:
                served.leader.ask(
                    FailRun(
                        run,
                        attempt,
                        "Stack till--main: UPDATE_ROLLBACK_COMPLETE\nResource Queue: already exists",
                        clean=True,
                    )
                )
                continue
            product = served.graph.envers[enver].products[0]
            published = Publication(
                product.address, f"https://{enver.partition('/')[0]}.{text}.acme.example", text, product.kind
            )
            served.leader.ask(FinishRun(run, attempt, "sha256:assembly", (published,)))


def answer_all(served: Served) -> None:
    """Yes to all that is asked."""
    envers = served.leader.look(lambda state: list(state.envers.values()))
    for enver in envers:
        for question, offer in enver.offers.items():
            yes = Answer(
                enver.address, question, offer.content.identity, True, somebody("ada", "checkout"), "seen in dev"
            )
            served.leader.ask(yes)


def _lines(run: int) -> list[Line]:
    said = (
        "checked out 8d1f02c4",
        "app: Bundling asset orders/Code/Stage...",
        "orders--main: UPDATE_IN_PROGRESS",
        "orders--main: UPDATE_COMPLETE",
    )
    return [Line(0, run, time.time(), text) for text in said]


def deployed_shop(folder: Path) -> Served:
    """To be served."""
    return Served(shop(), folder)
