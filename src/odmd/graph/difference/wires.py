"""What changed of wires."""

from __future__ import annotations

from collections.abc import Iterator

from odmd.graph.difference.both import Both, schema_of
from odmd.graph.difference.changes import ContractChange, How, Verdict, What
from odmd.graph.difference.fits import READS, WRITES, no_longer_fits, unmet
from odmd.graph.difference.say import short, text
from odmd.graph.nodes import WireEdge
from odmd.graph.schemas import misfits
from odmd.model.access import READ_WRITE


def of_wires(both: Both) -> Iterator[ContractChange]:
    """New ones, gone ones, and what changed of the others."""
    old, new = both.wires_before, both.wires_after
    for key in new.keys() - old.keys():
        yield _wire(Verdict.ADDITIVE, How.ADDED, new[key], after=new[key].product)
    for key in old.keys() - new.keys():
        yield _wire(Verdict.REMOVED, How.REMOVED, old[key], before=old[key].product)
    for key in old.keys() & new.keys():
        yield from _wire_changed(both, old[key], new[key])


def _wire_changed(both: Both, old: WireEdge, new: WireEdge) -> Iterator[ContractChange]:
    if old.product != new.product:
        wrong = tuple(_wrong_when_rewired(both, old, new))
        verdict = Verdict.BREAKING if wrong else Verdict.VALUE_ONLY
        yield _wire(verdict, How.CHANGED, new, "product", old.product, new.product, wrong)
    if old.access != new.access:
        verdict = Verdict.ADDITIVE if new.access == READ_WRITE else Verdict.BREAKING
        yield _wire(verdict, How.CHANGED, new, "access", str(old.access), str(new.access))
    for name in ("mode", "gate", "placeholder"):
        if (was := text(old, name)) != (now := text(new, name)):
            yield _wire(Verdict.VALUE_ONLY, How.CHANGED, new, name, was, now)
    yield from _reliance_changed(both, old, new)


def _wrong_when_rewired(both: Both, old: WireEdge, new: WireEdge) -> Iterator[str]:
    if old.kind != new.kind and not both.is_narrower(new.kind, old.kind):
        yield f"it is {short(new.kind)}, not {short(old.kind)}"
    yield from no_longer_fits(both, old, both.promised_to(new))


def _reliance_changed(both: Both, old: WireEdge, new: WireEdge) -> Iterator[ContractChange]:
    relied, relies = both.before.documents.get(old.schema), both.after.documents.get(new.schema)
    if old.schema == new.schema and relied == relies:
        return
    if old.schema == schema_of(both.products_before, old) and new.schema == schema_of(both.products_after, new):
        return  # both ends speak of one schema: what the product says of it is enough
    promises = both.promised_to(new)
    read = unmet(promises, relies) if relies and new.access in READS else ()
    written = misfits(relies, promises) if relies and promises and new.access in WRITES else ()
    wrong = (*read, *written)
    verdict = Verdict.BREAKING if wrong else Verdict.ADDITIVE
    yield _wire(verdict, How.CHANGED, new, "schema", short(old.schema), short(new.schema), wrong)


def _wire(
    verdict: Verdict,
    how: How,
    wire: WireEdge,
    aspect: str = "",
    before: str = "",
    after: str = "",
    details: tuple[str, ...] = (),
) -> ContractChange:
    subject = f"{wire.consumer}:{wire.name}"
    return ContractChange(verdict, how, What.WIRE, subject, aspect, before, after, details, (wire.consumer,))
