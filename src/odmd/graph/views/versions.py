"""What every consumer runs with, and how far that is behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from odmd.graph.nodes import EnverNode, WireEdge
from odmd.graph.views.facts import (
    Grouping,
    enver_node,
    group_order,
    label_of,
    promotion_edge,
    usual_grouping,
    wire_edges,
    wire_strand,
)
from odmd.graph.views.names import plural
from odmd.graph.views.scope import ViewScope
from odmd.graph.views.view import Attributes, Edge, Node, Outlet, Strand, Style, View
from odmd.model import naming


@dataclass(frozen=True, slots=True)
class Consumed:
    """What an enver runs with as one of its inputs; version 0 is the wire's placeholder."""

    product: str
    version: int


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is recorded of an enver; `inputs` by name."""

    condition: str
    commit: str
    inputs: Mapping[str, Consumed]


@dataclass(frozen=True, slots=True)
class RecordedVersions:
    """What is recorded of an organisation: its envers by address, and every product's newest version."""

    envers: Mapping[str, Deployed]
    newest: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WireLag:
    """Where one wire stands: what its consumer runs with, what is current, and whether that is known at all."""

    runs: int | None
    """None: it does not run with this product."""
    current: int
    instead: str = ""
    """The product that it runs with as this input."""

    @property
    def behind(self) -> int | None:
        """How many versions; None where there is nothing to count from."""
        return None if self.runs is None else self.current - self.runs

    def __str__(self) -> str:
        current = f"#{self.current}" if self.current else "nothing"
        if self.runs is None:
            return (
                f"runs with {self.instead}, current is {current}"
                if self.instead
                else f"not deployed, current is {current}"
            )
        mine = f"#{self.runs}" if self.runs else "placeholder"
        return f"{mine} of {current}, {self.behind} behind" if self.behind else mine


def lag(wire: WireEdge, running: RecordedVersions) -> WireLag:
    """Where a wire stands."""
    current = running.newest.get(wire.product, 0)
    enver = running.envers.get(wire.consumer)
    given = enver.inputs.get(wire.name) if enver else None
    if given is None:
        return WireLag(None, current)
    if given.product != wire.product:
        return WireLag(None, current, f"{given.product} #{given.version}")
    return WireLag(given.version, current)


def versions(scope: ViewScope, running: RecordedVersions, grouping: Grouping | None = None) -> View:
    """The wires, each with the version that its consumer runs with, and promotions with the commits at both ends."""
    grouping = grouping or usual_grouping(scope)
    stands = [(wire, lag(wire, running)) for wire in scope.wires()]
    behind = sum(bool(one.behind) for _, one in stands)
    counted = f"{plural(len(stands), 'wire')}, {f'{behind} behind' if behind else 'none behind'}"
    return View(
        name="versions",
        organisation=scope.graph.organisation,
        version=scope.graph.version,
        title=f"{scope.about}: {counted}" if scope.about else counted,
        nodes=[_node(enver, scope, grouping, running) for enver in scope.envers()],
        edges=[
            *(_label(edge) for edge in wire_edges((wire, _strand(wire, one, scope)) for wire, one in stands)),
            *(_promotion(enver, running) for enver in scope.promoted()),
        ],
        notes=list(_notes(scope, running)),
        group=grouping,
        order=group_order(scope, grouping),
    )


def _node(enver: EnverNode, scope: ViewScope, grouping: Grouping, running: RecordedVersions) -> Node:
    known = running.envers.get(enver.address)
    condition = known.condition if known else "not deployed"
    more: Attributes = {"condition": condition, "commit": known.commit if known else None}
    whole = enver_node(enver, scope, grouping, more)
    notes = (condition, *([naming.short_commit(known.commit)] if known and known.commit else []), enver.stage)
    outlets = tuple(_with_version(outlet, running) for outlet in whole.outlets)
    return replace(whole, notes=notes, outlets=outlets)


def _with_version(outlet: Outlet, running: RecordedVersions) -> Outlet:
    newest = running.newest.get(outlet.id, 0)
    said = f"#{newest}" if newest else "not published"
    return replace(outlet, notes=(said, *outlet.notes), attributes={**outlet.attributes, "version": newest})


def _strand(wire: WireEdge, stands: WireLag, scope: ViewScope) -> Strand:
    more = {
        "runs_with": stands.runs,
        "current": stands.current,
        "lag": stands.behind,
        "instead": stands.instead or None,
    }
    style = Style.WARNING if stands.behind or stands.instead else Style.LOOSE if stands.runs is None else Style.PLAIN
    strand = wire_strand(wire, scope, style=style, more=more)
    return replace(strand, notes=(str(stands),))


def _promotion(enver: EnverNode, running: RecordedVersions) -> Edge:
    """From its origin, and whether it runs what that does."""
    mine, origins = (
        known.commit if (known := running.envers.get(one)) else "" for one in (enver.address, enver.promoted_from)
    )
    runs = naming.short_commit(mine) if mine else "not deployed"
    said = f"{runs} of {naming.short_commit(origins)}" if origins and origins != mine else runs
    return promotion_edge(enver, said, {"runs": mine or None, "origin_runs": origins or None})


def _label(edge: Edge) -> Edge:
    """The arrow with its inputs' versions."""
    said = [f"{strand.inlet} {strand.notes[0]}" for strand in edge.strands]
    return replace(edge, label=label_of(said))


def _notes(scope: ViewScope, running: RecordedVersions) -> Iterator[str]:
    undeclared = sorted(running.envers.keys() - scope.graph.envers.keys())
    if undeclared:
        yield f"recorded and no longer declared: {label_of([naming.enver_label(address) for address in undeclared])}"
