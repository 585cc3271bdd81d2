"""An order of deployments that is proposed never passes through a state in which a link does not fit that fits now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from hypothesis import event, given
from hypothesis import strategies as st

from odmd.graph import Graph, digest
from odmd.graph.schemas import compared
from odmd.graph.schemas.comparer import Comparer
from odmd.model import (
    WRITE,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Organisation,
    Produces,
    Repo,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import EventBus, HttpApi
from odmd.plan.fitting import KnownVersions, Move, Phase, Situation, Staged, Version, answer, staged
from support.pairs import FITS, word
from support.worlds import ACCOUNT, DEV

TEAM: Final = Team("team")
BUS, TILL, COOK, WAITER = (f"{name}/b..main" for name in ("bus", "till", "cook", "waiter"))
MENU, GUEST = "menu/b..main", "guest/b..main"
Json = Mapping[str, Any]


class Bus(CdkEnver, build=Build("bus", Repo("acme/bus", TEAM))):
    bus: Produces[EventBus[object]] = produced("orders")


class Till(CdkEnver, build=Build("till", Repo("acme/till", TEAM))):
    bus: Consumes[EventBus[object]] = consumed("puts orders", access=WRITE, schema="till.json")


class Cook(CdkEnver, build=Build("cook", Repo("acme/cook", TEAM))):
    bus: Consumes[EventBus[object]] = consumed("takes orders", schema="cook.json")


class Waiter(CdkEnver, build=Build("waiter", Repo("acme/waiter", TEAM))):
    bus: Consumes[EventBus[object]] = consumed("takes orders", schema="waiter.json")


class Menu(CdkEnver, build=Build("menu", Repo("acme/menu", TEAM))):
    api: Produces[HttpApi] = produced("the menu", schema="menu.json")


class Guest(CdkEnver, build=Build("guest", Repo("acme/guest", TEAM))):
    menu: Consumes[HttpApi] = consumed("what there is", schema="guest.json")


@cache
def shop() -> Graph:
    """A till puts orders on a bus, from which a cook and a waiter take them; a guest reads a menu."""
    from odmd.graph.compile import ordered
    from odmd.graph.reading import draft

    main = Branch("main")
    bus, menu = Bus(on=main, at=DEV), Menu(on=main, at=DEV)
    others = [
        Till(on=main, at=DEV, bus=bus.bus),
        Cook(on=main, at=DEV, bus=bus.bus),
        Waiter(on=main, at=DEV, bus=bus.bus),
    ]
    guest = Guest(on=main, at=DEV, menu=menu.api)
    drafted = draft(Organisation("acme", central=ACCOUNT, envers=[bus, menu, guest, *others]))
    envers, moves_after = ordered(drafted, ("dev",))
    return Graph("acme", ACCOUNT.id, envers, moves_after, "", drafted.builds)


@dataclass
class World:
    """What runs, what the contracts say now, and what was deployed before."""

    now: Mapping[str, Json]
    """Enver → its document."""
    declared: Mapping[str, Json]
    before: Mapping[str, Json] = field(default_factory=dict[str, Json])
    documents: dict[str, Json] = field(default_factory=dict[str, Json])

    def version(self, enver: str, said: Json, commit: str = "") -> Version:
        self.documents[digest(said)] = said
        node = shop().envers[enver]
        names = [one.schema for one in (*node.wires, *node.products) if one.schema]
        return Version(node, dict.fromkeys(names, digest(said)), commit)

    def runs(self, enver: str) -> Version | None:
        return self.version(enver, self.now[enver], "c1") if enver in self.now else Version(shop().envers[enver], {})

    def known(self) -> KnownVersions:
        def declared(enver: str) -> Version | None:
            return self.version(enver, self.declared[enver]) if enver in self.declared else None

        def earlier(enver: str) -> list[Version]:
            return [self.version(enver, self.before[enver], "0ff1ce0")] if enver in self.before else []

        return KnownVersions(declared, earlier)

    def situation(self, *movers: str) -> Situation:
        moves = {enver: Move(self.version(enver, self.declared[enver]), 0) for enver in movers}
        consumers = {
            product: [wire.consumer for wire in shop().consumers(product)] for product in (f"{BUS}/bus", f"{MENU}/api")
        }
        return Situation(self.runs, moves, lambda product: consumers.get(product, []), Comparer(self.documents.get))

    def order(self, *movers: str) -> list[Staged]:
        situation = self.situation(*movers)
        return staged(situation, situation.moves, self.known())


WRITES: Final = ((TILL, COOK), (TILL, WAITER), (MENU, GUEST))


def clashes(world: World, there: Mapping[str, list[Json]]) -> Iterator[tuple[str, str, str]]:
    """What does not fit of all that is there at the same time."""
    for writer, reader in WRITES:
        for said in there.get(writer, ()):
            for wanted in there.get(reader, ()):
                yield from ((writer, reader, one) for one in compared(said, wanted).misfits)


def followed(world: World, steps: list[Staged], made: Mapping[str, Json]) -> dict[str, Json]:
    """What runs in the end, after a look at each state on the way."""
    runs = dict(world.now)
    already = set(clashes(world, {enver: [said] for enver, said in runs.items()}))
    for step in steps:
        enver = step.step.enver
        (name,) = {one.schema for one in (*step.version.node.wires, *step.version.node.products) if one.schema}
        new = made[step.version.schemas[name]]
        there = {one: [said] for one, said in runs.items()} | {enver: [runs[enver], new]}
        assert set(clashes(world, there)) <= already, step.step.says
        runs[enver] = new
    return runs


def message(names: frozenset[str], required: frozenset[str] | None = None, type_: str = "string") -> Json:
    return {
        "type": "object",
        "properties": {one: {"type": type_} for one in sorted(names)},
        "required": sorted(names if required is None else names & required),
    }


NAMES: Final = st.frozensets(st.sampled_from("abcd"), min_size=1, max_size=4)
MESSAGES: Final = st.builds(message, NAMES, NAMES | st.none(), st.sampled_from(["string", "string", "integer"]))


def apis(paths: frozenset[str], answered: str = "string") -> Json:
    body = {"application/json": {"schema": {"type": answered}}}
    return {
        "openapi": "3.1.0",
        "paths": {f"/{one}": {"get": {"responses": {"200": {"content": body}}}} for one in sorted(paths)},
    }


APIS: Final = st.builds(apis, NAMES, st.sampled_from(["string", "string", "integer"]))


def each(documents: st.SearchStrategy[Json], apis: st.SearchStrategy[Json]) -> st.SearchStrategy[dict[str, Json]]:
    bus = dict.fromkeys((TILL, COOK, WAITER), documents)
    return st.fixed_dictionaries({**bus, MENU: apis, GUEST: apis})


@given(
    each(MESSAGES, APIS),
    each(MESSAGES, APIS),
    each(MESSAGES, APIS),
    st.sets(st.sampled_from([TILL, COOK, WAITER, MENU, GUEST]), min_size=1, max_size=3),
)
def test_who_follows_the_steps_breaks_nobody(
    now: dict[str, Json], declared: dict[str, Json], before: dict[str, Json], movers: set[str]
) -> None:
    world = World(now, declared, before)
    steps = world.order(*sorted(movers))
    event(" ".join(step.step.phase for step in steps) or "none")
    runs = followed(world, steps, _imagined(world, steps))
    moved = {one.step.enver for one in steps} & movers
    assert all(runs[enver] == declared[enver] for enver in moved)


def _imagined(world: World, steps: list[Staged]) -> Mapping[str, Json]:
    """Documents by digest: those that there are, and those that the steps' words ask somebody to write."""
    made = dict(world.documents)
    for step in steps:
        made |= step.documents
    return made


@given(NAMES, NAMES)
def test_a_writer_whose_readers_may_need_less_always_gets_there(old: frozenset[str], new: frozenset[str]) -> None:
    """Properties come and go; nobody's contracts say so yet."""
    world = World({TILL: message(old), COOK: message(old), WAITER: message(old)}, {TILL: message(new)})
    if word(compared(message(new), message(old))) == FITS:
        return
    phases = [(step.step.phase, step.step.enver) for step in world.order(TILL)]
    assert ((Phase.EXPAND, TILL) in phases[:1]) is bool(new - old)
    assert phases[-1] == (Phase.CONTRACT, TILL)
    assert {enver for phase, enver in phases if phase is Phase.MIGRATE} == {COOK, WAITER}


def test_consumers_move_to_the_commit_that_fits() -> None:
    ab, a = message(frozenset("ab")), message(frozenset("a"))
    world = World({TILL: ab, COOK: ab, WAITER: a}, {TILL: a, COOK: ab}, {COOK: a})
    assert [step.step.says for step in world.order(TILL)] == ["deploy cook@main at 0ff1ce0", "then deploy till@main"]


def test_an_operation_goes_when_nobody_calls_it_any_more() -> None:
    world = World(
        {MENU: apis(frozenset("a")), GUEST: apis(frozenset("a"))},
        {MENU: apis(frozenset("b")), GUEST: apis(frozenset("b"))},
    )
    situation = world.situation(MENU)
    found = answer(situation, [MENU], MENU, "", world.known())
    assert not found.possible
    assert [(step.phase, step.enver, step.says) for step in found.proposal] == [
        ("expand", MENU, "expand: let menu@main go on with `GET /a` beside what is new, and deploy it"),
        ("migrate", GUEST, "migrate: deploy guest@main as the contracts say now"),
        ("contract", MENU, "contract: let menu@main leave `GET /a` out, and deploy it"),
    ]


def test_where_one_thing_becomes_another_no_order_is_made_up() -> None:
    number, text = message(frozenset("a"), type_="integer"), message(frozenset("a"))
    assert World({TILL: text, COOK: text}, {TILL: number, COOK: number}).order(TILL) == []


def test_all_that_break_are_in_one_order() -> None:
    ab, b = message(frozenset("ab")), message(frozenset("b"))
    world = World({TILL: ab, COOK: ab, WAITER: ab}, {TILL: b, COOK: b, WAITER: b})
    assert {step.step.enver for step in world.order(TILL)} == {COOK, WAITER, TILL}
    assert replace(world.order(TILL)[-1].step, says="").enver == TILL
