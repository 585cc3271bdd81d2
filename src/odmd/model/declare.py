"""Reads an enver class's annotations into fields, and gives its instances their products and wires.

To a type checker an enver class is a keyword-only dataclass (`dataclass_transform`): `Consumes` and `Requests` fields
are constructor arguments, products, hubs and offers are not.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, dataclass_transform

from odmd.errors import ContractsNotLoaded
from odmd.model.access import READ, Access
from odmd.model.checked import check
from odmd.model.kinds.base import Kind
from odmd.model.offers import Offer, Offers, Requests, kind_of
from odmd.model.organisation import Build
from odmd.model.place import caller, calling_frame
from odmd.model.wiring import Consumes, Hub, Produces


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """Where in the repo an image's Dockerfile is."""

    path: str


@dataclass(frozen=True, slots=True)
class Specified:
    """What a field specifier said; the annotation says the rest."""

    about: str
    alias: str = ""
    source: Dockerfile | None = None


# A specifier's result stands for whatever its annotation declares, as with dataclasses.field: hence Any.
def produced(about: str, *, name: str = "", source: Dockerfile | None = None, init: Literal[False] = False) -> Any:
    """A product; `name` where the declared name is not the Python name."""
    return Specified(about, name, source)


def consumed(about: str, *, access: Access = READ, name: str = "") -> Any:
    """An input, with what the consumer does with the thing behind the value."""
    return Consumes[Kind](about, access=access, alias=name)


def late(about: str, *, access: Access = READ, name: str = "", init: Literal[False] = False) -> Any:
    """An input that is wired by assignment after construction."""
    return Consumes[Kind](about, access=access, alias=name)


def requested(template: Offer) -> Any:
    """What to ask a shared enver for; its constructor argument is that enver's `Offers` field."""
    return Requests(template)


def offered(about: str, *, init: Literal[False] = False) -> Any:
    """Where clients' requests are collected."""
    return Specified(about)


def hub(about: str, *, init: Literal[False] = False) -> Any:
    """Where wires are collected under a key each."""
    return Specified(about)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The fields of an enver class, by Python name, in the order written."""

    products: Mapping[str, tuple[Specified, type[Kind]]]
    consumes: Mapping[str, tuple[Consumes[Kind], type[Kind]]]
    requests: Mapping[str, Requests[Offer]]
    offers: Mapping[str, type[Offer]]
    hubs: Mapping[str, type[Kind]]
    plain: Mapping[str, Any]


@dataclass_transform(kw_only_default=True, field_specifiers=(produced, consumed, late, requested, offered, hub))
class Declared:
    """Private base of Enver: turns annotations into fields."""

    declaration: ClassVar[Declaration]
    build: ClassVar[Build]

    def __init_subclass__(cls, *, build: Build | None = None) -> None:
        if build is not None:
            cls.build = build
        cls.declaration = _read(cls, typing.get_type_hints(cls, localns=dict(calling_frame().f_locals)))

    def __init__(self, **given: object) -> None:
        self.make_fields()
        self._refuse_misfits(given)
        for name, value in given.items():
            setattr(self, name, value)

    def make_fields(self) -> None:
        """Gives the instance its products, hubs and offers."""
        self.place = caller()
        fields = type(self).declaration
        for name, (said, kind) in fields.products.items():
            setattr(self, name, Produces[Kind](_enver(self), said.alias or name, kind, said.about))
        for name in fields.hubs:
            setattr(self, name, Hub[Kind]())
        for name, offer in fields.offers.items():
            setattr(self, name, Offers[Offer](_enver(self), name, offer))

    def _refuse_misfits(self, given: Mapping[str, object]) -> None:
        cls, fields = type(self), type(self).declaration
        takes = (*fields.plain, *fields.consumes, *fields.requests)
        if wrong := sorted(given.keys() - set(takes)):
            raise ContractsNotLoaded(
                f"{cls.__name__} takes no {', '.join(wrong)}",
                place=self.place,
                next_step=f"it takes {', '.join(takes)}",
            )
        if not isinstance(getattr(cls, "build", None), Build):
            raise ContractsNotLoaded(
                f"{cls.__name__} belongs to no build",
                place=self.place,
                next_step=f"declare it as class {cls.__name__}({cls.__bases__[0].__name__}, build=Build(…))",
            )
        if missing := [name for name in fields.plain if name not in given and not hasattr(self, name)]:
            raise ContractsNotLoaded(
                f"{cls.__name__} needs {' and '.join(missing)}",
                place=self.place,
                next_step=f"write {', '.join(f'{name}=…' for name in missing)}",
            )
        for name in fields.plain:
            check(cls.__name__, name, given.get(name, getattr(self, name, None)), fields.plain[name])


def _enver(declared: Declared) -> Any:
    return declared  # the one subclass is Enver; naming it here would be a circular import


def _read(cls: type[Declared], hints: Mapping[str, Any]) -> Declaration:
    hints = {name: hint for name, hint in hints.items() if typing.get_origin(hint) is not ClassVar}

    def of(origin: object) -> list[str]:
        return [name for name, hint in hints.items() if typing.get_origin(hint) is origin]

    def kind(name: str) -> type[Kind]:
        return kind_of(typing.get_args(hints[name])[0])

    for name in of(Consumes):
        if not isinstance(cls.__dict__.get(name, getattr(cls, name, None)), Consumes):
            _attach(cls, name, Consumes[Kind]())
    return Declaration(
        products={name: (_specified(cls, name), kind(name)) for name in of(Produces)},
        consumes={name: (getattr(cls, name), kind(name)) for name in of(Consumes)},
        requests={name: getattr(cls, name) for name in of(Requests)},
        offers={name: typing.get_args(hints[name])[0] for name in of(Offers)},
        hubs={name: kind(name) for name in of(Hub)},
        plain={name: hint for name, hint in hints.items() if not _is_wiring(hint)},
    )


def _is_wiring(hint: object) -> bool:
    return typing.get_origin(hint) in (Produces, Consumes, Requests, Offers, Hub)


def _specified(cls: type[Declared], name: str) -> Specified:
    said = getattr(cls, name, None)
    return said if isinstance(said, Specified) else Specified("")


def _attach(cls: type[Declared], name: str, field: Consumes[Kind]) -> None:
    field.__set_name__(cls, name)
    setattr(cls, name, field)
