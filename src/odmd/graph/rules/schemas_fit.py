"""ODMD030: what a consumer relies on is what its producer promises."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import WireEdge
from odmd.graph.schemas import Schema, SchemaUnreadable, document, misfits
from odmd.model import naming
from odmd.model.access import READ, WRITE


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires whose ends have schemas that do not fit, and schemas that cannot be read."""
    for node in draft.nodes:
        for wire in node.wires:
            product = draft.products.get(wire.product) if wire.schema else None
            theirs = product.schema if product else ""
            if not theirs or wire.schema == theirs:
                continue
            try:
                wrong = list(_wrong(draft, wire, theirs))
            except SchemaUnreadable as unreadable:
                yield Diagnostic("ODMD030", unreadable.fact, wire.place, "correct the schema")
                continue
            if wrong:
                yield Diagnostic(
                    "ODMD030",
                    f"{node.label} relies on `{wire.name}` as {_short(wire.schema)}, and "
                    f"{naming.enver_label(wire.producer)} publishes {_short(theirs)}: {'; '.join(wrong)}",
                    wire.place,
                    "rely on less, or publish it so",
                )


def _wrong(draft: Draft, wire: WireEdge, theirs: str) -> Iterator[str]:
    """A reader relies on what is published; a writer promises what the others rely on."""
    relied_on, promised = draft.schemas[wire.schema], draft.schemas[theirs]
    if wire.access == READ and _extends(promised, relied_on):
        return
    mine, published = document(relied_on), document(promised)
    if wire.access != WRITE:
        yield from misfits(published, mine)
    if wire.access != READ:
        yield from misfits(mine, published)


def _extends(schema: Schema, other: Schema) -> bool:
    return isinstance(schema, type) and isinstance(other, type) and issubclass(schema, other)


def _short(schema: str) -> str:
    return schema.rpartition(":")[2]
