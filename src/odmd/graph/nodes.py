"""The immutable graph: what the contracts say, as plain data that can be stored, compared and drawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from odmd.errors import Place
from odmd.model import naming


@dataclass(frozen=True, slots=True)
class ProductNode:
    """One product of one enver; its address is `<build>/<slot>/<name>`."""

    address: str
    name: str
    kind: str
    about: str

    @property
    def output(self) -> str:
        """The CloudFormation output that publishes it."""
        return naming.output_name(self.name)


@dataclass(frozen=True, slots=True)
class WireEdge:
    """One wire: `product` leads to input `name` of enver `consumer`."""

    consumer: str
    name: str
    product: str
    kind: str
    access: str
    mode: str
    gate: str | None
    placeholder: str | None
    place: Place

    @property
    def producer(self) -> str:
        """The address of the enver that makes the product."""
        build, slot, _ = self.product.split("/", 2)
        return f"{build}/{slot}"

    @property
    def parameter(self) -> str:
        """The CloudFormation parameter that carries the value."""
        return naming.parameter_name(self.name)


@dataclass(frozen=True, slots=True)
class EnverNode:
    """One enver, its products and the wires that lead into it."""

    address: str
    build: str
    build_type: str
    slot: str
    repo: str
    folder: str
    team: str
    revision: str
    """`branch:main`, `tag:v1.0.0` or `promoted:<address>`."""
    stage: str
    stage_place: Place
    account: str
    region: str
    ephemeral: bool
    products: tuple[ProductNode, ...]
    wires: tuple[WireEdge, ...]
    place: Place

    @property
    def label(self) -> str:
        return naming.enver_label(self.address)

    def slice(self) -> str:
        """Digest of what the contracts say of this enver, so that other people's edits are no change to it."""
        said = asdict(self)
        del said["stage_place"]
        for part in (said, *said["wires"]):
            del part["place"]
        for product in said["products"]:
            del product["about"]
        return digest(said)


@dataclass(frozen=True)
class Graph:
    """All envers, producers before consumers where wires without placeholder decide."""

    organisation: str
    central_account: str
    envers: Mapping[str, EnverNode]
    moves_after: Mapping[str, tuple[str, ...]]
    """Writer of a product → its readers, which move to a replaced one first. Never closes a cycle with the wires."""
    _consumers: dict[str, tuple[WireEdge, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        consumers: dict[str, list[WireEdge]] = {}
        for wire in self.wires():
            consumers.setdefault(wire.product, []).append(wire)
        object.__setattr__(self, "_consumers", {product: tuple(wires) for product, wires in consumers.items()})

    def wires(self) -> Iterator[WireEdge]:
        for enver in self.envers.values():
            yield from enver.wires

    def consumers(self, product: str) -> tuple[WireEdge, ...]:
        """The wires that lead a product to its consumers."""
        return self._consumers.get(product, ())

    def downstream(self, enver: str) -> Iterator[WireEdge]:
        """The wires out of an enver."""
        for product in self.envers[enver].products:
            yield from self.consumers(product.address)

    def digest(self) -> str:
        return digest({address: enver.slice() for address, enver in self.envers.items()})


def digest(data: Any) -> str:
    """SHA-256 over canonical JSON, as `sha256:<hex>`."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
