"""ODMD030: what a consumer relies on is what its producer promises."""

from collections.abc import Iterator
from pathlib import Path

from odmd.errors import Diagnostic, FormatMissing, Severity
from odmd.graph.draft import Draft
from odmd.graph.nodes import WireEdge
from odmd.graph.schemas import Comparison, Schema, SchemaUnreadable, check_document, compared, document
from odmd.model import naming
from odmd.model.access import READ, WRITE


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds wires whose ends have schemas that do not fit, and schemas that cannot be read."""
    yield from _unreadable(draft)
    relied_on = any(form.schema for form in draft.forms)
    for node in draft.nodes if relied_on else ():
        for wire in node.wires:
            product = draft.products.get(wire.product) if wire.schema else None
            theirs = product.schema if product else ""
            if not theirs or wire.schema == theirs:
                continue
            try:
                for said, found in _compared(draft, wire, theirs):
                    fact = f"{node.label} {said}"
                    if found.misfits:
                        yield Diagnostic("ODMD030", f"{fact}: {'; '.join(found.misfits)}", wire.place, _HINT)
                    elif found.doubts:
                        yield Diagnostic(
                            "ODMD030",
                            f"{fact}, and whether they fit is not known: {'; '.join(found.doubts)}",
                            wire.place,
                            "say it in both schemas in the same words",
                            Severity.WARNING,
                        )
            except (SchemaUnreadable, FormatMissing) as unreadable:
                yield Diagnostic("ODMD030", unreadable.fact, wire.place, unreadable.next_step or _CORRECT)


def _unreadable(draft: Draft) -> Iterator[Diagnostic]:
    """Files that are no schemas, be it that nobody compares them."""
    wrong: dict[str, SchemaUnreadable | FormatMissing] = {}
    for name, schema in draft.schemas.items():
        if isinstance(schema, Path):
            try:
                check_document(document(schema))
            except (SchemaUnreadable, FormatMissing) as unreadable:
                wrong[name] = unreadable
    for node in draft.nodes if wrong else ():
        named = [(one.schema, node.place) for one in node.products] + [(one.schema, one.place) for one in node.wires]
        for schema, place in named:
            if schema in wrong:
                yield Diagnostic("ODMD030", wrong[schema].fact, place, wrong[schema].next_step or _CORRECT)


_CORRECT = "correct the schema"
_HINT = "rely on less, or promise more"


def _compared(draft: Draft, wire: WireEdge, theirs: str) -> Iterator[tuple[str, Comparison]]:
    """A reader relies on what is published; a writer promises what the others rely on."""
    relied_on, promised = draft.schemas[wire.schema], draft.schemas[theirs]
    if wire.access == READ and _extends(promised, relied_on):
        return
    mine, published, producer = document(relied_on), document(promised), naming.enver_label(wire.producer)
    if wire.access != WRITE:
        said = f"reads `{wire.name}` as {_short(wire.schema)}, and {producer} publishes {_short(theirs)}"
        yield said, compared(published, mine, wire.uses)
    if wire.access != READ:
        said = f"writes {_short(wire.schema)} into `{wire.name}`, and readers of {producer} rely on {_short(theirs)}"
        yield said, compared(mine, published)


def _extends(schema: Schema, other: Schema) -> bool:
    return isinstance(schema, type) and isinstance(other, type) and issubclass(schema, other)


def _short(schema: str) -> str:
    return schema.rpartition(":")[2]
