"""What changed of products."""

from __future__ import annotations

from collections.abc import Iterator

from odmd.graph.difference.both import Both
from odmd.graph.difference.changes import ContractChange, How, Verdict, What
from odmd.graph.difference.fits import no_longer_fits, unmet
from odmd.graph.difference.say import changed, compared, consumers_of, short, text
from odmd.graph.nodes import EnverNode, ProductNode, WireEdge


def of_products(both: Both) -> Iterator[ContractChange]:
    """New ones, gone ones, and what changed of the others."""
    old, new = both.products_before, both.products_after
    for address in new.keys() - old.keys():
        yield ContractChange(Verdict.ADDITIVE, How.ADDED, What.PRODUCT, address, after=short(new[address][1].kind))
    for address in old.keys() - new.keys():
        yield product_removed(both, *old[address])
    for address in old.keys() & new.keys():
        yield from _product_changed(both, *old[address], new[address][1])


def product_removed(both: Both, enver: EnverNode, product: ProductNode) -> ContractChange:
    """A product that goes, with its enver or without."""
    left = [wire for wire in both.staying(product.address) if _still_leads_there(both, wire)]
    outside = _used_outside(enver, product)
    return ContractChange(
        Verdict.BREAKING if left or outside else Verdict.REMOVED,
        How.REMOVED,
        What.PRODUCT,
        product.address,
        before=short(product.kind),
        details=outside,
        consumers=consumers_of(left),
    )


def _still_leads_there(both: Both, wire: WireEdge) -> bool:
    now = both.wires_after.get((wire.consumer, wire.name))
    return now is None or now.product == wire.product


def _product_changed(both: Both, enver: EnverNode, old: ProductNode, new: ProductNode) -> Iterator[ContractChange]:
    yield from _kind_changed(both, enver, old, new)
    yield from _schema_changed(both, enver, old, new)
    yield from _regions_changed(both, old, new)
    for name in ("source", "sensitive", "external"):
        said = name, text(old, name), text(new, name)
        yield from compared(Verdict.VALUE_ONLY, What.PRODUCT, old.address, *said)
    told, tells = old.told is not None, new.told is not None
    verdict = Verdict.ADDITIVE if tells else Verdict.REMOVED
    yield from compared(verdict, What.PRODUCT, old.address, "tells consumers", str(told), str(tells))


def _kind_changed(both: Both, enver: EnverNode, old: ProductNode, new: ProductNode) -> Iterator[ContractChange]:
    if old.kind == new.kind:
        return
    wires, outside = both.leading_to(old.address), _used_outside(enver, old)
    if both.is_narrower(new.kind, old.kind):
        verdict = Verdict.ADDITIVE
    else:
        verdict = Verdict.BREAKING if wires or outside else Verdict.VALUE_ONLY
    kinds = "kind", short(old.kind), short(new.kind)
    yield changed(verdict, What.PRODUCT, old.address, *kinds, details=outside, consumers=consumers_of(wires))


def _schema_changed(both: Both, enver: EnverNode, old: ProductNode, new: ProductNode) -> Iterator[ContractChange]:
    promised, promises = both.before.documents.get(old.schema), both.after.documents.get(new.schema)
    if old.schema == new.schema and promised == promises:
        return
    wires = both.leading_to(old.address)
    broken = {wire: wrong for wire in wires if (wrong := no_longer_fits(both, wire, promises))}
    lost = unmet(promises, promised) if promised else ()
    outside = _used_outside(enver, old) if lost else ()
    details = dict.fromkeys(one for wrong in broken.values() for one in wrong)
    if outside or not wires:
        details |= dict.fromkeys(lost)
    harmless = Verdict.VALUE_ONLY if lost and not wires else Verdict.ADDITIVE
    verdict = Verdict.BREAKING if broken or outside else harmless
    names = "schema", short(old.schema), short(new.schema)
    concerned = consumers_of(broken or wires)
    said = (*details, *outside)
    yield changed(verdict, What.PRODUCT, old.address, *names, details=said, consumers=concerned)


def _regions_changed(both: Both, old: ProductNode, new: ProductNode) -> Iterator[ContractChange]:
    envers = both.before.graph.envers
    there, gone = set(old.regions), set(old.regions) - set(new.regions)
    for region in sorted(set(new.regions) - there):
        yield changed(Verdict.ADDITIVE, What.PRODUCT, old.address, "replicated to", "", region)
    for region in sorted(gone):
        wires = [wire for wire in both.leading_to(old.address) if envers[wire.consumer].region == region]
        verdict = Verdict.BREAKING if wires else Verdict.REMOVED
        said = "replicated to", region, ""
        yield changed(verdict, What.PRODUCT, old.address, *said, consumers=consumers_of(wires))


def _used_outside(enver: EnverNode, product: ProductNode) -> tuple[str, ...]:
    """Says so of a product whose consumers the contracts do not know; an answered request has its client."""
    answered = product.name.startswith(tuple(f"{asked.key}/" for asked in enver.asked))
    unknown = product.external and not enver.ephemeral and not answered
    return ("it is used outside the contracts",) if unknown else ()
