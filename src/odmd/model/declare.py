"""Reads an enver class's annotations into fields, and gives its instances their products and wires.

To a type checker an enver class is a keyword-only dataclass (`dataclass_transform`): `Consumes` and `Requests` fields
are constructor arguments; products, hubs, offers, config and secrets are not.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from inspect import get_annotations
from types import CodeType
from typing import Any, ClassVar, Final, ForwardRef, Literal, cast, dataclass_transform

from odmd.errors import ContractsNotLoaded
from odmd.model.access import READ, Access
from odmd.model.checked import check
from odmd.model.kinds.base import Kind
from odmd.model.offers import Offer, Offers, Requests, kind_of
from odmd.model.organisation import Build
from odmd.model.place import caller, calling_frame
from odmd.model.private import Config, NeededSecret
from odmd.model.wiring import Consumes, Hub, Produces


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """Where in the repo an image's Dockerfile is."""

    path: str


@dataclass(frozen=True, slots=True)
class Specified:
    """What a field specifier said; the annotation says the rest."""

    about: str = ""
    alias: str = ""
    source: Dockerfile | None = None
    regions: tuple[str, ...] = ()
    schema: str = ""
    tells_consumers: bool = False
    external: bool = False


# A specifier's result stands for whatever its annotation declares, as with dataclasses.field: hence Any.
def produced(
    about: str,
    *,
    name: str = "",
    source: Dockerfile | None = None,
    regions: tuple[str, ...] = (),
    schema: str = "",
    tells_consumers: bool = False,
    external: bool = False,
    init: Literal[False] = False,
) -> Any:
    """A product.

    Args:
        name: the declared name, where it is not the Python name.
        source: how an image is built.
        regions: where else it is replicated to, so that envers there can consume it.
        schema: a JSON Schema, OpenAPI or AsyncAPI document, by path from the declaring file.
        tells_consumers: its enver's run is told who consumes it (who may pull an image, which networks to let in);
            a new consumer is then a new deployment of the producer.
        external: somebody uses it who is not in these contracts; so it is never called unused.
    """
    return Specified(about, name, source, regions, schema, tells_consumers, external)


def consumed(about: str, *, access: Access = READ, name: str = "", schema: str = "") -> Any:
    """An input, with what the consumer does with the thing behind the value; `schema` is what it relies on."""
    return Consumes[Kind](about, access=access, alias=name, schema=schema)


def late(about: str, *, access: Access = READ, name: str = "", schema: str = "", init: Literal[False] = False) -> Any:
    """An input that is wired by assignment after construction."""
    return Consumes[Kind](about, access=access, alias=name, schema=schema)


def requested(template: Offer) -> Any:
    """What to ask a shared enver for; its constructor argument is that enver's `Offers` field."""
    return Requests(template)


def offered(about: str, *, init: Literal[False] = False) -> Any:
    """Where clients' requests are collected."""
    return Specified(about)


def hub(about: str, *, init: Literal[False] = False) -> Any:
    """Where wires are collected under a key each."""
    return Specified(about)


def configured(about: str, *, init: Literal[False] = False) -> Any:
    """Private settings; the annotation `Config[T]` gives their schema, a dataclass or pydantic model."""
    return Specified(about)


def needed(about: str, *, name: str = "", init: Literal[False] = False) -> Any:
    """A secret that has to be there before the enver is deployed."""
    return Specified(about, name)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The fields of an enver class, by Python name, in the order written."""

    products: Mapping[str, tuple[Specified, type[Kind]]]
    consumes: Mapping[str, tuple[Consumes[Kind], type[Kind]]]
    requests: Mapping[str, Requests[Offer]]
    offers: Mapping[str, type[Offer]]
    hubs: Mapping[str, type[Kind]]
    configs: Mapping[str, tuple[Specified, type[Any]]]
    secrets: Mapping[str, Specified]
    schemas: Mapping[str, type[Any]]
    """What a product or an input says its messages or items are: `Order` of `EventBus[Order]`."""
    plain: Mapping[str, Any]
    required: tuple[str, ...]
    """Plain fields without a default."""
    takes: frozenset[str]
    """What the constructor takes."""
    hints: Mapping[str, Any]
    """All annotations, resolved."""


loading: Final[ContextVar[list[Any] | None]] = ContextVar("loading", default=None)
"""Where envers that are declared are noted while contracts are loaded."""


def note(declared: Declared) -> None:
    """Notes an enver for whoever loads the contracts."""
    if (noted := loading.get()) is not None:
        noted.append(declared)


@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(produced, consumed, late, requested, offered, hub, configured, needed),
)
class Declared:
    """Private base of Enver: turns annotations into fields."""

    declaration: ClassVar[Declaration]
    build: ClassVar[Build]

    def __init_subclass__(cls, *, build: Build | None = None) -> None:
        if build is not None:
            cls.build = build
        cls.declaration = _read(cls, _own_words(calling_frame().f_locals))

    def __init__(self, **given: object) -> None:
        self.make_fields()
        self._refuse_misfits(given)
        consumes = type(self).declaration.consumes
        for name, value in given.items():
            if name in consumes:
                consumes[name][0].set_at(_enver(self), _anything(value), self.place)
            else:
                setattr(self, name, value)
        note(self)

    def make_fields(self) -> None:
        """Gives the instance its products, hubs and offers."""
        self.place = caller()
        fields, own = type(self).declaration, self.__dict__
        for name, (said, kind) in fields.products.items():
            own[name] = Produces(_enver(self), said.alias or name, kind, said.about)
        for name in fields.hubs:
            own[name] = Hub()
        for name, offer in fields.offers.items():
            own[name] = Offers(_enver(self), name, offer)
        for name, (said, schema) in fields.configs.items():
            own[name] = Config(name, schema, said.about)
        for name, said in fields.secrets.items():
            own[name] = NeededSecret(said.alias or name, said.about)

    def _refuse_misfits(self, given: Mapping[str, object]) -> None:
        cls, fields = type(self), type(self).declaration
        if wrong := sorted(given.keys() - fields.takes):
            raise ContractsNotLoaded(
                f"{cls.__name__} takes no {', '.join(wrong)}",
                place=self.place,
                next_step=f"it takes {', '.join((*fields.plain, *fields.consumes, *fields.requests))}",
            )
        if not isinstance(getattr(cls, "build", None), Build):
            raise ContractsNotLoaded(
                f"{cls.__name__} belongs to no build",
                place=self.place,
                next_step=f"declare it as class {cls.__name__}({cls.__bases__[0].__name__}, build=Build(…))",
            )
        if missing := [name for name in fields.required if name not in given]:
            raise ContractsNotLoaded(
                f"{cls.__name__} needs {' and '.join(missing)}",
                place=self.place,
                next_step=f"write {', '.join(f'{name}=…' for name in missing)}",
            )
        for name, value in given.items():
            if name in fields.plain:
                check(cls.__name__, name, value, fields.plain[name])


def _enver(declared: Declared) -> Any:
    return declared  # the one subclass is Enver; naming it here would be a circular import


def _anything(given: object) -> Any:
    return given  # refused where it is used, if it is of a wrong type


def _own_words(words: Mapping[str, Any]) -> dict[str, Any]:
    """The names around a class statement; classes of a module find their own through that module."""
    return {} if "__name__" in words else dict(words)


def _read(cls: type[Declared], around: dict[str, Any]) -> Declaration:
    """The declaration of the base, and what the class itself annotates."""
    hints = _hints(cls, around)
    named: dict[object, dict[str, Any]] = {}
    for name, hint in hints.items():
        origin = getattr(hint, "__origin__", hint)
        named.setdefault(origin if origin in _WIRING else None, {})[name] = hint

    def of(origin: object) -> dict[str, Any]:
        """Field → what stands in the brackets; a secret has none."""
        return {name: next(iter(getattr(hint, "__args__", ())), None) for name, hint in named.get(origin, {}).items()}

    products, consumes = of(Produces), of(Consumes)
    for name in consumes:
        if not isinstance(cls.__dict__.get(name, getattr(cls, name, None)), Consumes):
            _attach(cls, name, Consumes())
    return Declaration(
        products={name: (_specified(cls, name), kind_of(kind)) for name, kind in products.items()},
        consumes={name: (getattr(cls, name), kind_of(kind)) for name, kind in consumes.items()},
        requests={name: _template(cls, name) for name in of(Requests)},
        offers=of(Offers),
        hubs={name: kind_of(kind) for name, kind in of(Hub).items()},
        configs={name: (_specified(cls, name), schema) for name, schema in of(Config).items()},
        secrets={name: _specified(cls, name) for name in of(NeededSecret)},
        schemas={name: schema for name, kind in (products | consumes).items() if (schema := _schema(kind)) is not None},
        plain=(plain := named.get(None, {})),
        required=tuple(name for name in plain if not hasattr(cls, name)),
        takes=frozenset((*plain, *consumes, *of(Requests))),
        hints=hints,
    )


def _template(cls: type[Declared], name: str) -> Requests[Offer]:
    said: object = getattr(cls, name, None)
    if isinstance(said, Requests):
        return cast("Requests[Offer]", said)
    raise ContractsNotLoaded(
        f"{cls.__name__} says nowhere what `{name}` asks for", place=caller(), next_step=f"{name}: … = requested(…)"
    )


def _hints(cls: type[Declared], around: dict[str, Any]) -> Mapping[str, Any]:
    """What the bases annotate, which was resolved with them, and the class's own annotations."""
    inherited: Declaration | None = getattr(cls.__mro__[1], "declaration", None)
    words = vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}
    around[cls.__name__] = cls
    own = {name: _evaluated(hint, words, around) for name, hint in get_annotations(cls).items()}
    before: Mapping[str, Any] = inherited.hints if inherited else {}
    return {**before, **{name: hint for name, hint in own.items() if typing.get_origin(hint) is not ClassVar}}


def _evaluated(hint: Any, words: dict[str, Any], around: dict[str, Any]) -> Any:
    """An annotation's meaning. As `typing.get_type_hints`, which would compile the same text for every class anew."""
    found = eval(_code(hint), words, around) if isinstance(hint, str) else hint  # noqa: S307  # the user's own code
    if not any(isinstance(part, (str, ForwardRef)) for part in getattr(found, "__args__", ())):
        return found
    annotated = type("_", (), {"__annotations__": {"_": found}})
    return typing.get_type_hints(annotated, globalns=words, localns=around)["_"]


@cache
def _code(hint: str) -> CodeType:
    return compile(hint, "<annotation>", "eval")


_WIRING: Final = (Produces, Consumes, Requests, Offers, Hub, Config, NeededSecret)


def _schema(kind: Any) -> type[Any] | None:
    """`Order` of `EventBus[Order]`; None where a kind takes none, or it is a plain text or number."""
    schema = next(iter(typing.get_args(kind)), None)
    return schema if isinstance(schema, type) and schema.__module__ != "builtins" else None


def _specified(cls: type[Declared], name: str) -> Specified:
    said = getattr(cls, name, None)
    return said if isinstance(said, Specified) else Specified()


def _attach(cls: type[Declared], name: str, field: Consumes[Kind]) -> None:
    field.__set_name__(cls, name)
    setattr(cls, name, field)
