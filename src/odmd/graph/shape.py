"""What whoever installs contracts relies on: their classes by name, with inputs and products; and what breaks that.

Envers, stages and accounts are no part of it: they are in the contracts that are in force, not in what is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from odmd.graph.difference import Edition
from odmd.graph.difference.fits import WRITES, unmet
from odmd.graph.nodes import EnverNode
from odmd.graph.schemas import Json, misfits
from odmd.model.access import READ_WRITE


@dataclass(frozen=True, slots=True)
class Product:
    """What a class says of one of its products."""

    kind: str
    schema: str
    is_written: bool
    """Whether somebody writes to what it stands for."""


@dataclass(frozen=True, slots=True)
class ClassInput:
    """What a class says of one of its inputs."""

    kind: str
    access: str


@dataclass(frozen=True, slots=True)
class DeclaredClass:
    """A class of envers: what they all have."""

    products: Mapping[str, Product]
    inputs: Mapping[str, ClassInput]


@dataclass(frozen=True, slots=True)
class Shape:
    """The classes of contracts by their lasting names."""

    classes: Mapping[str, DeclaredClass]
    documents: Mapping[str, Json]
    """Of schemas, by lasting name."""
    lineage: Mapping[str, tuple[str, ...]]
    """The kinds that a kind is a subclass of; all by lasting name."""


def shape(edition: Edition) -> Shape:
    """That of the classes that have an enver."""
    written = {wire.product for wire in edition.graph.wires() if wire.access in WRITES}
    classes: dict[str, list[EnverNode]] = {}
    for node in edition.graph.envers.values():
        classes.setdefault(node.declared_as, []).append(node)
    declared = {name: _declared(nodes, written) for name, nodes in sorted(classes.items())}
    return Shape(declared, edition.documents, edition.lineage)


def breaks(before: Shape, after: Shape) -> Sequence[str]:
    """What of the earlier shape is not there any more, or is less; nothing where all of it still holds."""
    found = list[str]()
    for name, old in before.classes.items():
        if (new := after.classes.get(name)) is None:
            found.append(f"{_short(name)} is gone")
            continue
        found += _products(_short(name), old, new, before, after)
        found += _inputs(_short(name), old, new, after)
    return found


def _declared(nodes: Iterable[EnverNode], written: set[str]) -> DeclaredClass:
    products, inputs = dict[str, Product](), dict[str, ClassInput]()
    for node in nodes:
        for one in node.products:
            if "/" not in one.name:  # else it is there for somebody who asks for it
                was = products.get(one.name)
                is_written = one.address in written or (was is not None and was.is_written)
                products[one.name] = Product(one.kind, one.schema, is_written)
        for wire in node.wires:
            if "/" not in wire.name:  # else it is a key of a hub
                inputs.setdefault(wire.name, ClassInput(wire.kind, wire.access))
    return DeclaredClass(products, inputs)


def _products(owner: str, old: DeclaredClass, new: DeclaredClass, before: Shape, after: Shape) -> Iterator[str]:
    for name, was in old.products.items():
        where = f"{owner}.{name}"
        if (now := new.products.get(name)) is None:
            yield f"{where} is gone"
            continue
        if not _is_a(now.kind, was.kind, after):
            yield f"{where} is {_short(now.kind)}, and was {_short(was.kind)}"
        promised, promises = before.documents.get(was.schema), after.documents.get(now.schema)
        if promised is not None and promised != promises:
            for wrong in unmet(promises, promised):
                yield f"{where}, for its readers: {wrong}"
            for wrong in misfits(promised, promises) if was.is_written and promises is not None else ():
                yield f"{where}, for its writers: {wrong}"


def _inputs(owner: str, old: DeclaredClass, new: DeclaredClass, after: Shape) -> Iterator[str]:
    for name, was in old.inputs.items():
        where = f"{owner}.{name}"
        if (now := new.inputs.get(name)) is None:
            yield f"{where} is no input any more"
            continue
        if not _is_a(now.kind, was.kind, after):
            yield f"{where} is {_short(now.kind)}, and was {_short(was.kind)}"
        if now.access not in (was.access, READ_WRITE):
            yield f"{where} may {now.access}, and might {was.access}"


def _is_a(kind: str, other: str, shape: Shape) -> bool:
    return kind == other or other in shape.lineage.get(kind, ())


def _short(name: str) -> str:
    return name.rpartition(":")[2]
