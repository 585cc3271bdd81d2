"""What a run tells a service's CDK app: its names, its place, its inputs. One JSON file, in any language's reach.

The app finds it through the environment variable `ODMD_RUN`; it never loads the organisation's contracts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from odmd.errors import FileUnfit, NotInRun
from odmd.foreign import read_json

VARIABLE: Final = "ODMD_RUN"
FORMAT: Final = 1
_LARGEST_SEEN: Final = 1_000_000
"""Bytes of names."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A consumed value and the CloudFormation parameter that carries it."""

    parameter: str
    product: str
    kind: str
    version: int
    text: str
    to: str = ""
    """Where the app takes it from, if not by our convention: `ContextKey:bus`, `Variable:BUS`."""


@dataclass(frozen=True, slots=True)
class DocumentConsumer:
    """Who consumes a product."""

    enver: str
    account: str
    region: str
    access: str


@dataclass(frozen=True, slots=True)
class DocumentProduct:
    """A product to publish and the CloudFormation output that carries it."""

    output: str
    kind: str
    consumers: tuple[DocumentConsumer, ...] | None = None
    """Told only where the contract asks for it."""
    lets_in: tuple[Mapping[str, Any], ...] = ()
    """Statements of the thing's own policy, that let in those consumers: `{arn}` and `{name}` stand for its own."""


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """What a client asks a shared enver for; products of it are called `<key>/<name>`."""

    key: str
    client: str
    account: str
    offer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentConfig:
    """A private config of the enver, and how it comes to whoever reads it."""

    read: str
    """`synth`: its text is here; `deploy`: the parameter carries it; `live`: what runs reads it at the path."""
    text: str
    """JSON; empty for what is read live."""
    parameter: str
    path: str


@dataclass(frozen=True, slots=True)
class RunDocument:
    """Format 1. A reader skips what it does not know, so that an app with older packages still runs."""

    run: int
    enver: str
    build: str
    slot: str
    stage: str
    account: str
    region: str
    ephemeral: bool
    inputs: Mapping[str, DocumentInput]
    products: Mapping[str, DocumentProduct]
    requests: Mapping[str, tuple[DocumentRequest, ...]] = field(default_factory=dict[str, tuple[DocumentRequest, ...]])
    """What clients ask for, by the field that offers it."""
    contracts: str = ""
    """Version of the organisation's contracts package."""
    stack: str = ""
    """The name of the stack that the enver goes on with; empty: named after build and slot."""
    config: Mapping[str, DocumentConfig] = field(default_factory=dict[str, DocumentConfig])
    """Private config by its name in the contract."""

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, sort_keys=True)

    @staticmethod
    def read(path: Path) -> RunDocument:
        """Reads a run document.

        Raises:
            NotInRun: the file is missing or is no run document of this format.
        """
        try:
            data: dict[str, Any] = json.loads(path.read_text())
            if data.pop("format") != FORMAT:
                raise ValueError(f"it is not of format {FORMAT}")
            data["inputs"] = {name: _known(DocumentInput, given) for name, given in data["inputs"].items()}
            data["products"] = {name: _product(given) for name, given in data["products"].items()}
            data["config"] = {name: _known(DocumentConfig, one) for name, one in data.get("config", {}).items()}
            asked = data.get("requests", {}).items()
            data["requests"] = {name: tuple(_known(DocumentRequest, one) for one in given) for name, given in asked}
            return _known(RunDocument, data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise NotInRun(
                f"{path} is no run document: {wrong}", next_step=f"unset {VARIABLE} to synthesise without a run"
            ) from wrong


def _product(given: Mapping[str, Any]) -> DocumentProduct:
    product = _known(DocumentProduct, given)
    product = replace(product, lets_in=tuple(product.lets_in))
    if product.consumers is None:
        return product
    return replace(product, consumers=tuple(_known(DocumentConsumer, one) for one in given["consumers"]))


def _known(cls: type[T], data: Mapping[str, Any]) -> T:
    """The dataclass from those of the data that it has a field for."""
    names = getattr(cls, "__dataclass_fields__")  # noqa: B009  # a type variable has no such attribute to a checker
    return cls(**{name: given for name, given in data.items() if name in names})


@dataclass(frozen=True, slots=True)
class Seen:
    """What an app's contracts package knew of its enver, left beside the run document: how far the two are apart."""

    contracts: str
    inputs: tuple[str, ...]
    hubs: tuple[str, ...]
    """Inputs that may have any number of wires, or none."""
    products: tuple[str, ...]

    @staticmethod
    def beside(document: Path) -> Path:
        """Where it is left."""
        return document.with_suffix(".seen.json")

    def leave(self, document: Path) -> None:
        self.beside(document).write_text(json.dumps(asdict(self)))

    @staticmethod
    def found(document: Path) -> Seen | None:
        """What the app left; None where it left nothing that can be read."""
        try:
            data = cast("dict[str, Any]", read_json(Seen.beside(document), most=_LARGEST_SEEN))
            lists = (tuple(map(str, data[name])) for name in ("inputs", "hubs", "products"))
            return Seen(str(data["contracts"]), *lists)
        except (OSError, ValueError, KeyError, TypeError, FileUnfit):
            return None
