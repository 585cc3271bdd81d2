"""What changed between two editions of the contracts, and what that means for who runs with the earlier one.

| change | verdict |
|---|---|
| an enver, product, input, config or secret is new | additive: nobody has to move, its producer neither |
| a product goes, and an input that stays behind leads nowhere | breaking |
| a product goes that is used outside the contracts (`external`) | breaking |
| a product goes, and nobody needs it or all lead elsewhere now | removed |
| an enver goes | the worst of its products' |
| an input goes | removed: its own service must not ask for it any more |
| a product's kind becomes a subclass of what it was | additive |
| a product's kind becomes another | breaking; value only if nobody consumes it |
| a product's schema promises its readers less, or asks more of its writers | breaking; unconsumed: value only |
| a product's schema changes otherwise | additive |
| a product is replicated to one region less | breaking if somebody there consumes it, else removed |
| an input leads to another product of its kind whose schema fits | value only, else breaking |
| an input's access is widened | additive; narrowed: breaking |
| an input's mode, gate or placeholder changes | value only |
| an input relies on another schema | additive if what is published fits, else breaking |
| an enver moves to another account or region, or becomes another build type | breaking: it is made anew |
| an enver gets another revision at the same address, repo, folder, team … | value only |
| a branch or tag enver gets another revision | it has another address: one enver goes, one is new |
| the central account changes | breaking: all values are mirrored elsewhere |

What a kind accepts (its pattern) is code, and not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from odmd.graph.compile import Compiled
from odmd.graph.draft import lasting_name
from odmd.graph.nodes import EnverNode, Graph, ProductNode, WireEdge
from odmd.graph.schemas import Json, SchemaUnreadable, document, misfits
from odmd.model import naming
from odmd.model.access import READ, READ_WRITE, WRITE
from odmd.model.kinds import Kind


class Verdict(StrEnum):
    """What a change means for who runs with the earlier contracts; the worst first."""

    BREAKING = "breaking"
    """Somebody who consumes it has to move first, or does not work any more."""
    REMOVED = "removed"
    """Something goes that nobody else needs."""
    VALUE_ONLY = "value-only"
    """Another value, or at another time; no code has to know."""
    ADDITIVE = "additive"
    """Nobody has to do anything."""


class How(StrEnum):
    """What happened to a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class What(StrEnum):
    """What a change is about."""

    ORGANISATION = "organisation"
    ENVER = "enver"
    PRODUCT = "product"
    WIRE = "wire"


_VERDICTS: Final = list(Verdict)
_WHATS: Final = list(What)
_READS: Final = (READ, READ_WRITE)
_WRITES: Final = (WRITE, READ_WRITE)
_PLAIN: Final = ("revision", "stage", "repo", "folder", "team", "ephemeral", "approver", "origin", "commands")
"""Of an enver, what may change without anybody else being concerned."""
_MOVES: Final = ("build_type", "account", "region")
_NOWHERE: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs."""

    verdict: Verdict
    how: How
    what: What
    subject: str
    """The organisation's name, an enver's or product's address, or `<consumer's address>:<input>` of a wire."""
    aspect: str = ""
    """Of what is changed: kind, schema, access, region …"""
    before: str = ""
    after: str = ""
    details: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    """Addresses of the envers that it concerns."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of an organisation's contracts, with what comparing it needs."""

    graph: Graph
    documents: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """JSON documents of schemas, by lasting name; without those that cannot be read."""
    lineage: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The kinds that a kind is a subclass of; all by lasting name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes, the worst first."""

    organisation: str
    before: str
    """The contracts' version, as their package says."""
    after: str
    changes: tuple[Change, ...]

    def of(self, verdict: Verdict) -> Sequence[Change]:
        return [change for change in self.changes if change.verdict is verdict]

    def as_bad_as(self, verdict: Verdict) -> bool:
        """Whether a change deserves this verdict or a worse one."""
        return any(_VERDICTS.index(change.verdict) <= _VERDICTS.index(verdict) for change in self.changes)


def edition(compiled: Compiled) -> Edition:
    """What compiled contracts say, as data that outlives their process."""
    documents: dict[str, Json] = {}
    for name, schema in compiled.schemas.items():
        try:
            documents[name] = document(schema)
        except SchemaUnreadable:
            continue  # a rule says so
    lineage = {name: tuple(map(lasting_name, _ancestors(kind))) for name, kind in compiled.kinds.items()}
    return Edition(compiled.graph, documents, lineage)


def difference(before: Edition, after: Edition) -> Difference:
    """Holds two editions against each other."""
    made = _Comparison(before, after)
    found = (*made.of_organisation(), *made.of_envers(), *made.of_products(), *made.of_wires())
    ordered = sorted(found, key=lambda one: (_rank(one), one.subject, one.aspect, one.before, one.after))
    return Difference(after.graph.organisation, before.graph.version, after.graph.version, tuple(ordered))


def _rank(change: Change) -> tuple[int, int]:
    return _VERDICTS.index(change.verdict), _WHATS.index(change.what)


def _ancestors(kind: type[Kind]) -> Iterator[type[Kind]]:
    return (base for base in kind.__mro__[1:] if issubclass(base, Kind) and base is not Kind)


Wires = Mapping[tuple[str, str], WireEdge]
Products = Mapping[str, tuple[EnverNode, ProductNode]]


class _Comparison:
    def __init__(self, before: Edition, after: Edition) -> None:
        self._before, self._after = before, after
        self._wires_before, self._wires_after = _wires(before.graph), _wires(after.graph)
        self._products_before, self._products_after = _products(before.graph), _products(after.graph)

    def of_organisation(self) -> Iterator[Change]:
        old, new = self._before.graph, self._after.graph
        whole = What.ORGANISATION
        if old.organisation != new.organisation:
            yield _changed(Verdict.VALUE_ONLY, whole, new.organisation, "name", old.organisation, new.organisation)
        if old.central_account != new.central_account:
            central = "central account", old.central_account, new.central_account
            staying = tuple(sorted(set(old.envers) & set(new.envers)))
            yield _changed(Verdict.BREAKING, whole, new.organisation, *central, consumers=staying)

    def of_envers(self) -> Iterator[Change]:
        old, new = self._before.graph.envers, self._after.graph.envers
        for address in new.keys() - old.keys():
            yield Change(Verdict.ADDITIVE, How.ADDED, What.ENVER, address, after=_place(new[address]))
        for address in old.keys() - new.keys():
            yield self._enver_removed(old[address])
        for address in old.keys() & new.keys():
            yield from self._enver_changed(old[address], new[address])

    def _enver_removed(self, enver: EnverNode) -> Change:
        products = [self._product_removed(enver, product) for product in enver.products]
        breaks = any(change.verdict is Verdict.BREAKING for change in products)
        verdict = Verdict.BREAKING if breaks else Verdict.REMOVED
        consumers = tuple(sorted({consumer for change in products for consumer in change.consumers}))
        return Change(verdict, How.REMOVED, What.ENVER, enver.address, before=_place(enver), consumers=consumers)

    def _enver_changed(self, old: EnverNode, new: EnverNode) -> Iterator[Change]:
        for name in _PLAIN:
            yield from _compared(Verdict.VALUE_ONLY, What.ENVER, old.address, name, _text(old, name), _text(new, name))
        if any(_text(old, name) != _text(new, name) for name in _MOVES):
            consumers = sorted({wire.consumer for product in old.products for wire in self._staying(product.address)})
            for name in _MOVES:
                said = name.replace("_", " "), _text(old, name), _text(new, name)
                yield from _compared(Verdict.BREAKING, What.ENVER, old.address, *said, consumers=tuple(consumers))
        yield from _listed(old.address, "secret", dict.fromkeys(old.secrets, ""), dict.fromkeys(new.secrets, ""))
        configs = ({one.name: one.schema for one in node.configs} for node in (old, new))
        yield from _listed(old.address, "config", *configs)
        asked = ({f"{one.key} ({one.field})": one.offer for one in node.asked} for node in (old, new))
        yield from _listed(old.address, "request", *asked)

    def of_products(self) -> Iterator[Change]:
        old, new = self._products_before, self._products_after
        for address in new.keys() - old.keys():
            yield Change(Verdict.ADDITIVE, How.ADDED, What.PRODUCT, address, after=_short(new[address][1].kind))
        for address in old.keys() - new.keys():
            yield self._product_removed(*old[address])
        for address in old.keys() & new.keys():
            yield from self._product_changed(*old[address], new[address][1])

    def _product_removed(self, enver: EnverNode, product: ProductNode) -> Change:
        left = [wire for wire in self._staying(product.address) if self._still_leads_there(wire)]
        outside = _used_outside(enver, product)
        return Change(
            Verdict.BREAKING if left or outside else Verdict.REMOVED,
            How.REMOVED,
            What.PRODUCT,
            product.address,
            before=_short(product.kind),
            details=outside,
            consumers=_consumers(left),
        )

    def _still_leads_there(self, wire: WireEdge) -> bool:
        now = self._wires_after.get((wire.consumer, wire.name))
        return now is None or now.product == wire.product

    def _product_changed(self, enver: EnverNode, old: ProductNode, new: ProductNode) -> Iterator[Change]:
        yield from self._kind_changed(enver, old, new)
        yield from self._schema_changed(enver, old, new)
        yield from self._regions_changed(old, new)
        for name in ("source", "sensitive", "external"):
            said = name, _text(old, name), _text(new, name)
            yield from _compared(Verdict.VALUE_ONLY, What.PRODUCT, old.address, *said)
        told, tells = old.told is not None, new.told is not None
        verdict = Verdict.ADDITIVE if tells else Verdict.REMOVED
        yield from _compared(verdict, What.PRODUCT, old.address, "tells consumers", str(told), str(tells))

    def _kind_changed(self, enver: EnverNode, old: ProductNode, new: ProductNode) -> Iterator[Change]:
        if old.kind == new.kind:
            return
        wires, outside = self._leading_to(old.address), _used_outside(enver, old)
        if self._is_narrower(new.kind, old.kind):
            verdict = Verdict.ADDITIVE
        else:
            verdict = Verdict.BREAKING if wires or outside else Verdict.VALUE_ONLY
        kinds = "kind", _short(old.kind), _short(new.kind)
        yield _changed(verdict, What.PRODUCT, old.address, *kinds, details=outside, consumers=_consumers(wires))

    def _schema_changed(self, enver: EnverNode, old: ProductNode, new: ProductNode) -> Iterator[Change]:
        promised, promises = self._before.documents.get(old.schema), self._after.documents.get(new.schema)
        if old.schema == new.schema and promised == promises:
            return
        wires = self._leading_to(old.address)
        broken = {wire: wrong for wire in wires if (wrong := self._no_longer_fits(wire, promises))}
        lost = _unmet(promises, promised) if promised else ()
        outside = _used_outside(enver, old) if lost else ()
        details = dict.fromkeys(one for wrong in broken.values() for one in wrong)
        if outside or not wires:
            details |= dict.fromkeys(lost)
        if broken or outside:
            verdict = Verdict.BREAKING
        else:
            verdict = Verdict.VALUE_ONLY if lost and not wires else Verdict.ADDITIVE
        names = "schema", _short(old.schema), _short(new.schema)
        concerned = _consumers(broken or wires)
        said = (*details, *outside)
        yield _changed(verdict, What.PRODUCT, old.address, *names, details=said, consumers=concerned)

    def _no_longer_fits(self, wire: WireEdge, promises: Json | None) -> Sequence[str]:
        """Why a consumer of the earlier contracts does not work with what is promised now."""
        mine = self._before.documents.get(wire.schema)
        if mine is None:
            return ()
        read = _unmet(promises, mine) if wire.access in _READS else ()
        written = misfits(mine, promises) if wire.access in _WRITES and promises is not None else ()
        return [*read, *(f"from its writers: {wrong}" for wrong in written)]

    def _regions_changed(self, old: ProductNode, new: ProductNode) -> Iterator[Change]:
        envers = self._before.graph.envers
        there, gone = set(old.regions), set(old.regions) - set(new.regions)
        for region in sorted(set(new.regions) - there):
            yield _changed(Verdict.ADDITIVE, What.PRODUCT, old.address, "replicated to", "", region)
        for region in sorted(gone):
            wires = [wire for wire in self._leading_to(old.address) if envers[wire.consumer].region == region]
            verdict = Verdict.BREAKING if wires else Verdict.REMOVED
            said = "replicated to", region, ""
            yield _changed(verdict, What.PRODUCT, old.address, *said, consumers=_consumers(wires))

    def of_wires(self) -> Iterator[Change]:
        old, new = self._wires_before, self._wires_after
        for key in new.keys() - old.keys():
            yield _wire(Verdict.ADDITIVE, How.ADDED, new[key], after=new[key].product)
        for key in old.keys() - new.keys():
            yield _wire(Verdict.REMOVED, How.REMOVED, old[key], before=old[key].product)
        for key in old.keys() & new.keys():
            yield from self._wire_changed(old[key], new[key])

    def _wire_changed(self, old: WireEdge, new: WireEdge) -> Iterator[Change]:
        if old.product != new.product:
            wrong = tuple(self._wrong_when_rewired(old, new))
            verdict = Verdict.BREAKING if wrong else Verdict.VALUE_ONLY
            yield _wire(verdict, How.CHANGED, new, "product", old.product, new.product, wrong)
        if old.access != new.access:
            verdict = Verdict.ADDITIVE if new.access == READ_WRITE else Verdict.BREAKING
            yield _wire(verdict, How.CHANGED, new, "access", str(old.access), str(new.access))
        for name in ("mode", "gate", "placeholder"):
            if (was := _text(old, name)) != (now := _text(new, name)):
                yield _wire(Verdict.VALUE_ONLY, How.CHANGED, new, name, was, now)
        yield from self._reliance_changed(old, new)

    def _wrong_when_rewired(self, old: WireEdge, new: WireEdge) -> Iterator[str]:
        if old.kind != new.kind and not self._is_narrower(new.kind, old.kind):
            yield f"it is {_short(new.kind)}, not {_short(old.kind)}"
        yield from self._no_longer_fits(old, self._promised_to(new))

    def _reliance_changed(self, old: WireEdge, new: WireEdge) -> Iterator[Change]:
        relied, relies = self._before.documents.get(old.schema), self._after.documents.get(new.schema)
        if old.schema == new.schema and relied == relies:
            return
        if old.schema == _schema_of(self._products_before, old) and new.schema == _schema_of(self._products_after, new):
            return  # both ends speak of one schema: what the product says of it is enough
        promises = self._promised_to(new)
        read = _unmet(promises, relies) if relies and new.access in _READS else ()
        written = misfits(relies, promises) if relies and promises and new.access in _WRITES else ()
        wrong = (*read, *written)
        verdict = Verdict.BREAKING if wrong else Verdict.ADDITIVE
        yield _wire(verdict, How.CHANGED, new, "schema", _short(old.schema), _short(new.schema), wrong)

    def _promised_to(self, wire: WireEdge) -> Json | None:
        return self._after.documents.get(_schema_of(self._products_after, wire))

    def _is_narrower(self, kind: str, other: str) -> bool:
        return other in self._after.lineage.get(kind, ())

    def _staying(self, product: str) -> Sequence[WireEdge]:
        """The earlier wires out of a product whose consumers are still declared."""
        return [wire for wire in self._before.graph.consumers(product) if wire.consumer in self._after.graph.envers]

    def _leading_to(self, product: str) -> Sequence[WireEdge]:
        """The earlier wires out of a product that still lead there."""
        return [
            wire
            for wire in self._staying(product)
            if (now := self._wires_after.get((wire.consumer, wire.name))) and now.product == product
        ]


def _wires(graph: Graph) -> Wires:
    return {(wire.consumer, wire.name): wire for wire in graph.wires()}


def _products(graph: Graph) -> Products:
    return {product.address: (enver, product) for enver in graph.envers.values() for product in enver.products}


def _schema_of(products: Products, wire: WireEdge) -> str:
    return products[wire.product][1].schema if wire.product in products else ""


def _unmet(promises: Json | None, relied_on: Json) -> Sequence[str]:
    return ("no schema is promised any more",) if promises is None else misfits(promises, relied_on)


def _used_outside(enver: EnverNode, product: ProductNode) -> tuple[str, ...]:
    """Says so of a product whose consumers the contracts do not know; an answered request has its client."""
    answered = product.name.startswith(tuple(f"{asked.key}/" for asked in enver.asked))
    unknown = product.external and not enver.ephemeral and not answered
    return ("it is used outside the contracts",) if unknown else ()


def _consumers(wires: Sequence[WireEdge] | Mapping[WireEdge, object]) -> tuple[str, ...]:
    return tuple(sorted({wire.consumer for wire in wires}))


def _changed(
    verdict: Verdict,
    what: What,
    subject: str,
    aspect: str,
    before: str,
    after: str,
    details: tuple[str, ...] = _NOWHERE,
    consumers: tuple[str, ...] = _NOWHERE,
) -> Change:
    return Change(verdict, How.CHANGED, what, subject, aspect, before, after, details, consumers)


def _compared(
    verdict: Verdict, what: What, subject: str, aspect: str, before: str, after: str, consumers: tuple[str, ...] = ()
) -> Iterator[Change]:
    if before != after:
        yield _changed(verdict, what, subject, aspect, before, after, consumers=consumers)


def _listed(enver: str, aspect: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Configs, secrets and requests of an enver, by name."""
    for name in sorted(new.keys() - old.keys()):
        yield _changed(Verdict.ADDITIVE, What.ENVER, enver, aspect, "", name)
    for name in sorted(old.keys() - new.keys()):
        yield _changed(Verdict.REMOVED, What.ENVER, enver, aspect, name, "")
    for name in sorted(old.keys() & new.keys()):
        yield from _compared(Verdict.VALUE_ONLY, What.ENVER, enver, f"{aspect} {name}", old[name], new[name])


def _wire(
    verdict: Verdict,
    how: How,
    wire: WireEdge,
    aspect: str = "",
    before: str = "",
    after: str = "",
    details: tuple[str, ...] = (),
) -> Change:
    subject = f"{wire.consumer}:{wire.name}"
    return Change(verdict, how, What.WIRE, subject, aspect, before, after, details, (wire.consumer,))


def _text(thing: object, name: str) -> str:
    said: object = getattr(thing, name)
    return "" if said is None else ", ".join(map(str, said)) if isinstance(said, tuple) else str(said)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # a tuple of texts


def _place(enver: EnverNode) -> str:
    return f"{enver.stage}, {enver.account} in {enver.region}"


def _short(name: str) -> str:
    """A lasting name as people say it."""
    return name.rpartition(":")[2]


def label(change: Change) -> str:
    """A change's subject as people write it: `orders@main`, `orders@main/bus`, `orders@main.bus` for an input."""
    address, colon, name = change.subject.partition(":")
    build, slash, rest = address.partition("/")
    if not slash:
        return change.subject
    slot, slash, product = rest.partition("/")
    end = f".{name}" if colon else f"{slash}{product}"
    return naming.enver_label(f"{build}/{slot}") + end
