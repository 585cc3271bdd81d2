"""What a change of the contracts means for each wire that it concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from odmd.graph import Graph
from odmd.graph.difference import ContractChange, Difference, Verdict, What
from odmd.plan.stages import Plan, WireVerdict

_VERDICTS: Final = tuple(map(str, Verdict))
_PLACES: Final = ("account", "region", "build type")


def moved_elsewhere(made: Difference) -> Collection[str]:
    """The envers that are made anew, in another place or by another build type."""
    return {change.subject for change in made.changes if change.what is What.ENVER and change.aspect in _PLACES}


def with_verdicts(plan: Plan, graph: Graph, made: Difference) -> Plan:
    """The plan with one verdict, the worst, for each wire that the change concerns."""
    worst: dict[tuple[str, str], WireVerdict] = {}
    for change in made.changes:
        for one in _of(change, graph):
            known = worst.setdefault((one.enver, one.input), one)
            if _rank(one) < _rank(known):
                worst[one.enver, one.input] = one
    return replace(plan, verdicts=tuple(sorted(worst.values(), key=lambda one: (_rank(one), one))))


def _rank(one: WireVerdict) -> int:
    return _VERDICTS.index(one.verdict)


def _of(change: ContractChange, graph: Graph) -> Iterator[WireVerdict]:
    verdict, says = str(change.verdict), _says(change)
    if change.what is What.WIRE:
        consumer, _, name = change.subject.partition(":")
        yield WireVerdict(consumer, name, verdict, says)
        return
    for consumer in (one for one in change.consumers if one in graph.envers):
        wires = graph.envers[consumer].wires
        inputs = [wire.name for wire in wires if change.subject in (wire.product, wire.producer)]
        for name in inputs or [""]:
            yield WireVerdict(consumer, name, verdict, f"{change.what} {says}")


def _says(change: ContractChange) -> str:
    moved = f" {change.before} → {change.after}" if change.before and change.after else ""
    what = f"{change.aspect}{moved}" if change.aspect else f"{change.how}{moved}"
    return "; ".join((what, *change.details))
