"""What somebody imagines: names become envers, products and wires, and these a simulation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from odmd.control.reading.named import suggestion
from odmd.control.scheduler.limits import PLACE
from odmd.control.scheduler.state import State
from odmd.errors import EnverUnknown, SettingsInvalid
from odmd.graph import EnverNode, Graph
from odmd.graph.paused import EVERYTHING, PausedGroup
from odmd.model import naming
from odmd.plan.wiring import promoted_from
from odmd.simulate.begin import Begin, from_deployed, from_nothing, from_recorded, rewired, undeclared, without
from odmd.simulate.clock import ImaginedFreeze, Limits, Push, limited
from odmd.simulate.durations import Duration, Ran, durations, parse_duration, parse_seconds
from odmd.simulate.report import Imagined
from odmd.simulate.scenario import Scenario, without_wires
from odmd.simulate.simulation import Simulation

Inputs = Mapping[str, frozenset[str]]
"""Enver → names of its inputs."""


class Beginning(StrEnum):
    """What a simulation begins with."""

    RECORDED = "recorded"
    DEPLOYED = "deployed"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What there is: a simulation rests on it."""

    declared: Graph
    """The contracts that it is about."""
    before: Graph
    """Those in force."""
    state: State
    """What is recorded."""
    where: str
    """That is recorded."""
    past: Sequence[Ran]
    """Runs that durations are taken from."""
    runs_at_once: int
    limits: Mapping[str, int]
    retire_after: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """As it is typed."""

    push: Sequence[str]
    value: Sequence[str]
    everything: bool
    fail: Sequence[str]
    drop: Sequence[str]
    takes: Sequence[str]
    approver_takes: str | None
    changes: float
    ripple: float
    apart: str
    at_once: Sequence[str]
    pause: Sequence[str]
    begin: Beginning | None
    seed: int


def imagine(wanted: Wanted, grounds: Grounds) -> Imagined:
    """The simulation that somebody asks for.

    Raises:
        EnverUnknown: a name is of nothing that is there.
        SettingsInvalid: a duration is none; it is to begin with what is recorded, and nothing is.
    """
    declared = grounds.declared
    dropped = _inputs(wanted.drop, declared)
    graph = without_wires(declared, dropped) if dropped else declared
    begin, base = _begin(grounds, graph if grounds.before is declared else grounds.before, wanted.begin)
    if dropped:
        begin = without(begin, graph, dropped)
    title, pushes = _pushes(wanted, graph, rewired(graph, begin))
    title += "".join(f"; {typed} fails" for typed in wanted.fail)
    title += "".join(f"; without {typed}" for typed in wanted.drop)
    title += "".join(f"; {typed} paused" for typed in wanted.pause)
    simulation = Simulation(
        graph,
        begin,
        _scenario(wanted, graph, pushes),
        durations(graph.envers, grounds.past, dict(map(_given, wanted.takes))),
        _limits(wanted.at_once, grounds, graph),
        grounds.retire_after,
    )
    return Imagined(title, base, simulation, dropped, undeclared(graph, begin))


def _begin(grounds: Grounds, graph: Graph, wanted: Beginning | None) -> tuple[Begin, str]:
    """The state to begin with, also in words."""
    if wanted is Beginning.RECORDED and not grounds.state.envers:
        raise SettingsInvalid(
            f"--from recorded: nothing is recorded in {grounds.where}",
            next_step="say --from deployed (as if everything were) or --from nothing, or give --state FOLDER",
        )
    match wanted or (Beginning.RECORDED if grounds.state.envers else Beginning.DEPLOYED):
        case Beginning.RECORDED:
            return from_recorded(grounds.state), "from what is recorded"
        case Beginning.DEPLOYED:
            return from_deployed(graph), "as if everything were deployed"
        case Beginning.NOTHING:
            return from_nothing, "from nothing"


def _pushes(wanted: Wanted, graph: Graph, moved: tuple[str, ...]) -> tuple[str, tuple[Push, ...]]:
    """Everything that happens from outside, in words and as changes; with nothing said, what a newcomer asks for."""
    apart = _seconds(wanted.apart)
    causes = [(f"push of {typed}", _pushed(typed, graph)) for typed in wanted.push]
    causes += [(f"new value of {typed}", (_product(typed, graph).rpartition("/")[0],)) for typed in wanted.value]
    if wanted.everything or not (causes or moved):
        causes.append(
            ("push of everything", tuple(one for one in graph.envers if not promoted_from(graph.envers[one])))
        )
    if moved and not wanted.everything:
        never = "first deployment" if len(moved) == len(graph.envers) else "new contracts"
        pushes = [Push(0.0, never, (), moved)]
    else:
        pushes = []
    pushes += [Push(apart * (n + len(pushes)), cause, envers) for n, (cause, envers) in enumerate(causes)]
    return "; ".join(push.cause for push in pushes), tuple(pushes)


def _scenario(wanted: Wanted, graph: Graph, pushes: tuple[Push, ...]) -> Scenario:
    only: dict[str, frozenset[str]] = {}
    for product in (_product(typed, graph) for typed in wanted.value):
        enver = product.rpartition("/")[0]
        only[enver] = only.get(enver, frozenset()) | {product}
    for typed in wanted.push:
        for enver in _pushed(typed, graph):
            only.pop(enver, None)
    return Scenario(
        pushes=pushes,
        only={} if wanted.everything else only,
        fails=frozenset(enver for typed in wanted.fail for enver in _envers(typed, graph)),
        changes=wanted.changes,
        ripple=wanted.ripple,
        approver=_duration(wanted.approver_takes) if wanted.approver_takes else None,
        seed=wanted.seed,
        freezes=tuple(_freeze(typed, graph) for typed in wanted.pause),
    )


def _limits(typed: Sequence[str], grounds: Grounds, graph: Graph) -> Limits:
    """As set, but for what was said: `4`, `place=2` or `cdk=8`; 0 is any number."""
    at_once, further = grounds.runs_at_once, dict(grounds.limits)
    known = {PLACE, *(node.build_type for node in graph.envers.values())}
    for one in typed:
        what, _, number = one.rpartition("=")
        if not number.isdecimal() or (what and what not in known):
            raise SettingsInvalid(f"--at-once {one} is no limit", next_step=f"say N, or one of {_listed(known)} =N")
        if what:
            further[what] = int(number)
        else:
            at_once = int(number)
    return limited(at_once, further)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _freeze(typed: str, graph: Graph) -> ImaginedFreeze:
    """`everything`, `team:NAME` or an enver; with `=2h..5h` behind it from when until when, with `=2h` until when."""
    scope, _, window = typed.partition("=")
    begins, _, ends = window.rpartition("..")
    return ImaginedFreeze(_scope(scope, graph), _seconds(begins) if begins else 0.0, _seconds(ends) if ends else None)


def _scope(typed: str, graph: Graph) -> str:
    teams = {str(PausedGroup("team", node.team)) for node in graph.envers.values()}
    if typed.startswith("team:") and typed not in teams:
        raise EnverUnknown(f"the contracts declare no {typed}", next_step=suggestion(typed, teams))
    if typed in teams:
        return typed
    return EVERYTHING if typed == "everything" else _envers(typed, graph)[0]


def _envers(typed: str, graph: Graph) -> tuple[str, ...]:
    """The enver of this name, else all of a build (or repository) at a revision, else all of a build."""
    if (address := naming.enver_address(typed, graph.envers)) in graph.envers:
        return (address,)
    build, _, revision = typed.partition("@")
    found = tuple(node.address for node in graph.envers.values() if _is_of(node, build, revision))
    if not found:
        labels = [node.label for node in graph.envers.values()]
        raise EnverUnknown(f"the contracts declare no enver {typed}", next_step=suggestion(typed, labels))
    return found


def _pushed(typed: str, graph: Graph) -> tuple[str, ...]:
    """Those of these envers that a push reaches: what is promoted follows its source, when it is let in.

    Raises:
        EnverUnknown: there are none.
    """
    named = _envers(typed, graph)
    if found := tuple(enver for enver in named if not promoted_from(graph.envers[enver])):
        return found
    source = naming.enver_label(promoted_from(graph.envers[named[0]]))
    raise EnverUnknown(f"no push reaches {typed}: it is promoted from {source}", next_step=f"say --push {source}")


def _is_of(node: EnverNode, build: str, revision: str) -> bool:
    return build in (node.build, node.repo) and (not revision or node.revision.partition(":")[2] == revision)


def _product(typed: str, graph: Graph) -> str:
    """The address of the product that somebody typed, as in `orders@main/bus`."""
    enver, _, name = typed.partition("/") if "@" in typed else typed.rpartition("/")
    address = f"{naming.enver_address(enver, graph.envers)}/{name}" if "@" in enver else typed
    products = {product.address for node in graph.envers.values() for product in node.products}
    if address not in products:
        near = suggestion(typed, [naming.product_label(product) for product in products])
        raise EnverUnknown(f"the contracts declare no product {typed}", next_step=near)
    return address


def _inputs(typed: Iterable[str], graph: Graph) -> Inputs:
    """Dropped inputs by enver; `orders@main.bus` is the input `bus` of `orders@main`."""
    found: dict[str, frozenset[str]] = {}
    for one in typed:
        address, name = _input(one, graph)
        found[address] = found.get(address, frozenset()) | {name}
    return found


def _input(typed: str, graph: Graph) -> tuple[str, str]:
    wires = {f"{node.label}.{wire.name}": wire for node in graph.envers.values() for wire in node.wires}
    wires |= {f"{wire.consumer}.{wire.name}": wire for wire in wires.values()}
    if typed not in wires:
        near = suggestion(typed, [label for label in wires if "@" in label])
        raise EnverUnknown(f"the contracts declare no wire {typed}", next_step=near)
    return wires[typed].consumer, wires[typed].name


def _given(typed: str) -> tuple[str, Duration]:
    what, _, how = typed.rpartition("=")
    return what, _duration(how)


def _duration(text: str) -> Duration:
    try:
        return parse_duration(text)
    except ValueError as wrong:
        raise SettingsInvalid(str(wrong), next_step="durations are said as 3m, 3m..8m or 90s~20s") from wrong


def _seconds(text: str) -> float:
    try:
        return parse_seconds(text)
    except ValueError as wrong:
        raise SettingsInvalid(str(wrong), next_step="durations are said as 90s, 3m or 1h30m") from wrong
