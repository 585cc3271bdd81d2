"""Envers and wires as nodes and strands: what every view says of them in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from odmd.graph.nodes import EnverNode, ProductNode, WireEdge
from odmd.graph.views.names import kind_label, plural, revision_label
from odmd.graph.views.scope import ViewScope
from odmd.graph.views.view import Attributes, Edge, Node, Outlet, Strand, Style
from odmd.model.access import READ
from odmd.model.kinds.base import HIDDEN
from odmd.model.wiring import Mode

WIRE = "wire"
PROMOTION = "promotion"
_NAMED = 3


class Grouping(StrEnum):
    """What envers are drawn together by."""

    TEAM = "team"
    STAGE = "stage"
    ACCOUNT = "account"

    def of(self, enver: EnverNode) -> str:
        """The group of an enver."""
        match self:
            case Grouping.TEAM:
                return enver.team
            case Grouping.STAGE:
                return enver.stage
            case Grouping.ACCOUNT:
                return f"{enver.account} {enver.region}"


def group_order(scope: ViewScope, grouping: Grouping) -> Sequence[str]:
    """Of stages that in which they are declared; other groups have none."""
    return scope.graph.stages if grouping is Grouping.STAGE else ()


def usual_grouping(scope: ViewScope) -> Grouping:
    """By stage where there are several, else by team."""
    return Grouping.STAGE if len({enver.stage for enver in scope.envers()}) > 1 else Grouping.TEAM


def enver_node(enver: EnverNode, scope: ViewScope, grouping: Grouping, more: Attributes | None = None) -> Node:
    """An enver as a box, its products as outlets."""
    return Node(
        id=enver.address,
        label=enver.label,
        type="enver",
        group=grouping.of(enver),
        notes=tuple(_enver_notes(enver, scope)),
        attributes={**_enver_attributes(enver), **(more or {})},
        outlets=tuple(_outlet(product, scope) for product in enver.products),
    )


def wire_edges(wires: Iterable[tuple[WireEdge, Strand]]) -> Sequence[Edge]:
    """One arrow for each pair of envers, whatever runs between them."""
    pairs: dict[tuple[str, str], list[tuple[WireEdge, Strand]]] = {}
    for wire, strand in wires:
        pairs.setdefault((wire.producer, wire.consumer), []).append((wire, strand))
    return [_arrow(*ends, joined) for ends, joined in pairs.items()]


def promotion_edge(enver: EnverNode, label: str = "", more: Attributes | None = None) -> Edge:
    """From the origin of a promoted enver to it."""
    by = f", approved by {enver.approver}" if enver.approver else ""
    more_said = f": {label}" if label else ""
    return Edge(
        enver.promoted_from,
        enver.address,
        PROMOTION,
        f"promoted to{by}{more_said}",
        Style.PROMOTED,
        {"approver": enver.approver, **(more or {})},
        passive=f"promoted from{by}{more_said}",
    )


def _arrow(source: str, target: str, joined: Sequence[tuple[WireEdge, Strand]]) -> Edge:
    strands = tuple(strand for _, strand in joined)
    return Edge(
        source,
        target,
        WIRE,
        label_of([strand.inlet for strand in strands]),
        _joint_style(strands),
        strands=strands,
        holds=any(wire.placeholder is None for wire, _ in joined),
    )


def wire_strand(
    wire: WireEdge,
    scope: ViewScope,
    notes: Sequence[str] = (),
    style: Style | None = None,
    more: Attributes | None = None,
) -> Strand:
    """A wire as a strand; what it says of itself stands before the view's notes."""
    loose = wire.placeholder is not None or wire.mode != Mode.AUTOMATIC
    return Strand(
        outlet=product_name(wire),
        inlet=wire.name,
        notes=(*_wire_notes(wire, scope), *notes),
        style=style or (Style.LOOSE if loose else Style.PLAIN),
        attributes={**_wire_attributes(wire, scope), **(more or {})},
    )


def product_name(wire: WireEdge) -> str:
    """The name of a wire's product within its enver."""
    return wire.product.removeprefix(f"{wire.producer}/")


def label_of(names: Sequence[str]) -> str:
    """`bus, config` or `bus, config, menu and 4 more`."""
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED + 1 else ""
    return ", ".join(distinct[:_NAMED] if more else distinct) + more


def _joint_style(strands: Sequence[Strand]) -> Style:
    styles = {strand.style for strand in strands}
    if Style.WARNING in styles:
        return Style.WARNING
    if Style.MARKED in styles:
        return Style.MARKED
    return Style.LOOSE if styles == {Style.LOOSE} else Style.PLAIN


def _enver_notes(enver: EnverNode, scope: ViewScope) -> Iterator[str]:
    yield from (enver.team, enver.stage)
    if enver.origin:
        yield "clone"
    if not enver.type.has_stacks:
        yield enver.build_type
    unseen = {wire.producer for wire in enver.wires if not scope.shows(wire.producer)}
    if unseen:
        yield f"{plural(len(unseen), 'producer')} not shown"


def _enver_attributes(enver: EnverNode) -> Mapping[str, str | bool | None]:
    return {
        "build": enver.build,
        "build_type": enver.build_type,
        "slot": enver.slot,
        "revision": revision_label(enver),
        "repo": enver.repo,
        "folder": enver.folder,
        "team": enver.team,
        "stage": enver.stage,
        "account": enver.account,
        "region": enver.region,
        "ephemeral": enver.ephemeral,
        "origin": enver.origin,
        "declared": str(enver.place),
    }


def _outlet(product: ProductNode, scope: ViewScope) -> Outlet:
    return Outlet(
        id=product.address,
        name=product.name,
        type=kind_label(product.kind),
        about=product.about,
        notes=tuple(_product_notes(product, scope)),
        attributes={
            "kind": product.kind,
            "schema": product.schema or None,
            "regions": ", ".join(product.regions) or None,
            "external": product.external,
        },
    )


def _product_notes(product: ProductNode, scope: ViewScope) -> Iterator[str]:
    consumers = {wire.consumer for wire in scope.graph.consumers(product.address)}
    unseen = [consumer for consumer in consumers if not scope.shows(consumer)]
    if unseen:
        yield f"{plural(len(unseen), 'consumer')} not shown"
    if product.external:
        yield "used from outside"
    elif not consumers:
        yield "nobody consumes it"


def _wire_notes(wire: WireEdge, scope: ViewScope) -> Iterator[str]:
    if wire.access != READ:
        yield "writes" if wire.access == "write" else wire.access.replace("read", "reads").replace("write", "writes")
    if wire.mode == Mode.MANUAL:
        yield "moved by hand"
    if wire.mode == Mode.GATED:
        yield f"gated by {wire.gate}"
    if wire.placeholder is not None:
        yield f"until it exists: {_placeholder(wire, scope)}"


def _wire_attributes(wire: WireEdge, scope: ViewScope) -> Attributes:
    return {
        "input": wire.name,
        "product": wire.product,
        "kind": wire.kind,
        "schema": wire.schema or None,
        "access": str(wire.access),
        "mode": str(wire.mode),
        "gate": wire.gate,
        "placeholder": _placeholder(wire, scope),
        "declared": str(wire.place),
    }


def _placeholder(wire: WireEdge, scope: ViewScope) -> str | None:
    return HIDDEN if wire.placeholder is not None and scope.hides(wire) else wire.placeholder
