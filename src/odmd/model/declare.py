"""Reads an enver class's annotations into fields, and gives its instances their products and wires.

To a type checker an enver class is a keyword-only dataclass (`dataclass_transform`): `Consumes` and `Requests` fields
are constructor arguments; products, hubs, offers, config and secrets are not.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from inspect import get_annotations
from types import CodeType
from typing import Any, ClassVar, Final, ForwardRef, Literal, cast, dataclass_transform

from odmd.errors import ContractsNotLoaded, NameTaken, Place
from odmd.model.access import READ, Access
from odmd.model.adopted import Goal, Source
from odmd.model.builds import Build
from odmd.model.checked import Checked, check, classes_of
from odmd.model.kinds.base import Kind
from odmd.model.offers import Offer, Offers, Requests, kind_of
from odmd.model.party import Party
from odmd.model.place import caller, calling_frame
from odmd.model.private import Config, NeededSecret, ReadAt
from odmd.model.wiring import Consumes, Hub, Produces, Wire, no_source


@dataclass(frozen=True, slots=True)
class Dockerfile(Checked):
    """How an image is built; paths start from the build's folder, and stay within it."""

    path: str
    context: str = ""
    """The folder that it copies from; empty: the one that the Dockerfile is in."""
    target: str = ""
    """The stage of it that is wanted; empty: the last one."""
    arguments: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """Texts for its `ARG` lines; everybody may read them."""
    platforms: tuple[str, ...] = ()
    """What it runs on, as `linux/arm64`; nothing: what the machine is that builds it."""
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """Id of a `RUN --mount=type=secret` → name of the secret in AWS Secrets Manager, in the enver's account."""


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
    of: Source | None = None
    read: ReadAt = "synth"
    restarts: bool = False
    asleep: Mapping[str, object] | None = None


_NOTHING_SAID: Final = Specified()


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
    of: Source | None = None,
    init: Literal[False] = False,
) -> Any:
    """A product.

    Args:
        name: the declared name, where it is not the Python name.
        source: how an image is built; where it is not said, by the `Dockerfile` in the build's folder.
        regions: where else it is replicated to, so that envers there can consume it.
        schema: a document, by path from the declaring file: JSON Schema, OpenAPI or AsyncAPI (JSON, YAML), GraphQL
            (`.graphql`), Avro (`.avsc`), or Protobuf as a descriptor set (`.binpb`, `.desc`).
        tells_consumers: its enver's run is told who consumes it (who may pull an image, which networks to let in);
            a new consumer is then a new deployment of the producer.
        external: somebody uses it who is not in these contracts; so it is never called unused.
        of: what the app calls it, where the app does not publish it: `Output("ApiEndpoint")`.
    """
    return Specified(about, name, source, regions, schema, tells_consumers, external, of)


def consumed(
    about: str,
    *,
    access: Access = READ,
    name: str = "",
    schema: str = "",
    uses: tuple[str, ...] = (),
    to: Goal | None = None,
) -> Any:
    """An input, with what the consumer does with the thing behind the value.

    Args:
        schema: the document that it relies on, as of a product; or a Pact file of its contract tests.
        uses: what of the document it uses, so that nobody has to keep the rest: `("order_id", "guest.name")` of a
            message, `("GET /orders", "GET /orders/{id} total")` of an API, `("Query.order", "Order.total")` of GraphQL.
        to: what the app calls it, where the app does not ask for it by its name here: `Parameter("BusName")`.
    """
    return Consumes[Kind](about, access=access, alias=name, schema=schema, uses=uses, to=to)


def late(
    about: str,
    *,
    access: Access = READ,
    name: str = "",
    schema: str = "",
    uses: tuple[str, ...] = (),
    to: Goal | None = None,
    init: Literal[False] = False,
) -> Any:
    """An input that is wired by assignment after construction."""
    return Consumes[Kind](about, access=access, alias=name, schema=schema, uses=uses, to=to)


def requested(template: Offer) -> Any:
    """What to ask a shared enver for; its constructor argument is that enver's `Offers` field."""
    return Requests(template)


def offered(about: str, *, init: Literal[False] = False) -> Any:
    """Where clients' requests are collected."""
    return Specified(about)


def hub(about: str, *, init: Literal[False] = False) -> Any:
    """Where wires are collected under a key each."""
    return Specified(about)


def configured(
    about: str,
    *,
    read: ReadAt = "synth",
    asleep: Mapping[str, object] | None = None,
    init: Literal[False] = False,
) -> Any:
    """Private settings; the annotation `Config[T]` gives their schema, a dataclass or pydantic model.

    Args:
        read: when they are. At `synth`, another value is another recipe; at `deploy` it is handed over as consumed
            values are, and needs no source; `live` ones the running service reads itself: no run at all.
        asleep: the fields that are otherwise while a clone sleeps, as `{"replicas": 0}`.
    """
    return Specified(about, read=read, asleep=asleep)


def needed(about: str, *, name: str = "", restarts: bool = False, init: Literal[False] = False) -> Any:
    """A secret that has to be there before the enver is deployed.

    Args:
        name: the declared name, where it is not the Python name.
        restarts: what uses it reads it once, so that a new version of it means a new deployment; else it is taken to
            read it anew by itself.
    """
    return Specified(about, name, restarts=restarts)


@dataclass(slots=True)
class Declaration:
    """The fields of an enver class, by Python name, in the order written; complete once its class is."""

    products: dict[str, tuple[Specified, type[Kind]]] = field(default_factory=dict[str, tuple[Specified, type[Kind]]])
    consumes: dict[str, tuple[Consumes[Kind], type[Kind]]] = field(
        default_factory=dict[str, tuple[Consumes[Kind], type[Kind]]]
    )
    requests: dict[str, Requests[Offer]] = field(default_factory=dict[str, Requests[Offer]])
    offers: dict[str, type[Offer]] = field(default_factory=dict[str, type[Offer]])
    hubs: dict[str, type[Kind]] = field(default_factory=dict[str, type[Kind]])
    configs: dict[str, tuple[Specified, type[Any]]] = field(default_factory=dict[str, tuple[Specified, type[Any]]])
    secrets: dict[str, Specified] = field(default_factory=dict[str, Specified])
    schemas: dict[str, type[Any]] = field(default_factory=dict[str, type[Any]])
    """What a product or an input says its messages or items are: `Order` of `EventBus[Order]`."""
    plain: dict[str, Any] = field(default_factory=dict[str, Any])
    allowed: dict[str, tuple[type[Any], ...]] = field(default_factory=dict[str, tuple[type[Any], ...]])
    """What the constructor takes → the classes that it may be of; any, where an annotation cannot be asked."""
    required: dict[str, None] = field(default_factory=dict[str, None])
    """Plain fields without a default."""
    hints: dict[str, Any] = field(default_factory=dict[str, Any])
    """All annotations, resolved."""
    kept: frozenset[str] = frozenset()
    """Names that every enver of this build type has, and that no field of a user's may have."""

    def copy(self) -> Declaration:
        """What a subclass begins with."""
        named = {name: dict(getattr(self, name)) for name in _BY_NAME}
        return Declaration(**named, kept=self.kept)

    def forget(self, name: str) -> None:
        """Takes out a field that a subclass annotates as another sort of thing."""
        for fields in _BY_NAME:
            getattr(self, fields).pop(name, None)


_BY_NAME: Final = tuple(one for one in Declaration.__slots__ if one != "kept")


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

    @property
    def place(self) -> Place:
        """Where it was declared."""
        return self.__dict__["_place"]

    def __init_subclass__(cls, *, build: Build | None = None) -> None:
        if build is not None:
            cls.build = build
        cls.declaration = _read(cls)

    def __init__(self, **given: object) -> None:
        self.make_fields()
        self._refuse_misfits(given)
        own = self.__dict__
        own.update(given)  # fields look for their values here
        for name in type(self).declaration.requests:
            if name in given:
                setattr(self, name, own.pop(name))
        note(self)

    def make_fields(self) -> None:
        """Gives the instance its products, hubs and offers."""
        me, fields, own = cast("Party", self), type(self).declaration, self.__dict__
        own["_place"] = caller()
        for name, (said, kind) in fields.products.items():
            own[name] = Produces(me, said.alias or name, kind, said.about)
        for name in fields.hubs:
            own[name] = Hub()
        for name, offer in fields.offers.items():
            own[name] = Offers(me, name, offer)
        for name, (said, schema) in fields.configs.items():
            own[name] = Config(name, schema, said.about, said.read, me, said.asleep)
        for name, said in fields.secrets.items():
            own[name] = NeededSecret(said.alias or name, said.about, said.restarts)

    def _refuse_misfits(self, given: Mapping[str, object]) -> None:
        cls, fields = type(self), type(self).declaration
        if misfits := [name for name, value in given.items() if not isinstance(value, fields.allowed.get(name, ()))]:
            self._refuse_unknown([name for name in misfits if name not in fields.allowed])
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
        for name in misfits:
            if name in fields.consumes:
                raise no_source(given[name])
            check(cls.__name__, name, given[name], fields.plain[name])

    def _refuse_unknown(self, names: Sequence[str]) -> None:
        cls, fields = type(self), type(self).declaration
        if names:
            raise ContractsNotLoaded(
                f"{cls.__name__} takes no {', '.join(sorted(names))}",
                place=self.place,
                next_step=f"it takes {', '.join((*fields.plain, *fields.consumes, *fields.requests))}",
            )


def _read(cls: type[Declared]) -> Declaration:
    """The declaration of the base, and what the class itself says.

    Who annotates the same and says no more has the same: a function or a loop may declare thousands of such classes.
    """
    annotated = get_annotations(cls)
    if (alike := _ALIKE.get(_annotations(cls, annotated))) is None:
        annotated = _resolved(cls, annotated)
        alike = _ALIKE.get(_annotations(cls, annotated))
    base: Declaration | None = getattr(super(cls, cls), "declaration", None)
    if base is None or not vars(cls).keys().isdisjoint((*annotated, *base.hints)):
        return _read_alone(cls, base, annotated)
    if alike is None:
        alike = _ALIKE[_annotations(cls, annotated)] = _read_alone(cls, base, annotated)
    for name in annotated:
        if name in alike.consumes:
            setattr(cls, name, alike.consumes[name][0])
    return alike


_ALIKE: Final[dict[tuple[object, ...], Declaration]] = {}


def _annotations(cls: type[Declared], annotated: Mapping[str, Any]) -> tuple[object, ...]:
    """Bases, names and annotations; these by identity, as the declaration that is found by them keeps them."""
    return (cls.__bases__, *annotated, *map(id, annotated.values()))


def _read_alone(cls: type[Declared], base: Declaration | None, annotated: Mapping[str, Any]) -> Declaration:
    fields = base.copy() if base else Declaration()
    if cls.__module__.startswith(_OURS):
        fields.kept = _names_of(cls)
    else:
        _refuse_taken_names(cls, annotated, fields)
    said_anew = {name: fields.hints[name] for name in fields.hints.keys() & vars(cls).keys()}
    for name, hint in {**said_anew, **annotated}.items():
        _add(cls, name, hint, fields)
    return fields


def _add(cls: type[Declared], name: str, hint: Any, fields: Declaration) -> None:
    """Notes a field by what its annotation and its class say of it."""
    origin, inner = _origin(hint), _in_brackets(hint)
    if name in fields.hints and _origin(fields.hints[name]) is not origin:
        fields.forget(name)
    fields.hints[name] = hint
    if origin is Produces:
        fields.products[name] = (_specified(cls, name), kind_of(inner))
    elif origin is Consumes:
        fields.consumes[name] = (_input(cls, name), kind_of(inner))
        fields.allowed[name] = _SOURCES
    elif origin is Requests:
        fields.requests[name] = _template(cls, name)
        fields.allowed[name] = _ANYTHING  # it checks itself what it is given
    elif origin is Offers:
        fields.offers[name] = inner
    elif origin is Hub:
        fields.hubs[name] = kind_of(inner)
    elif origin is Config:
        fields.configs[name] = (_specified(cls, name), inner)
    elif origin is NeededSecret:
        fields.secrets[name] = _specified(cls, name)
    else:
        _add_plain(cls, name, hint, fields)
    if origin in _WITH_SCHEMA and (schema := _schema(inner)) is not None:
        fields.schemas[name] = schema


def _add_plain(cls: type[Declared], name: str, hint: Any, fields: Declaration) -> None:
    fields.plain[name] = hint
    fields.allowed[name] = classes_of(hint) or _ANYTHING
    if hasattr(cls, name):
        fields.required.pop(name, None)
    else:
        fields.required[name] = None


def _refuse_taken_names(cls: type[Declared], annotated: Mapping[str, Any], of_base: Declaration) -> None:
    """A field that is called as what every enver has would stand in its place.

    Raises:
        NameTaken
    """
    for name, hint in annotated.items():
        is_taken = name in of_base.kept
        if not is_taken and not name.startswith("_"):
            continue
        origin = _origin(hint)
        # What an enver has as a plain field may be given a default; anything else is another thing under its name.
        if origin not in _FIELDS and (name in of_base.plain or not is_taken):
            continue
        write = _WRITES.get(origin, "")
        raise NameTaken(
            f"{cls.__name__} calls a field `{name}`, and every enver has that already"
            if is_taken
            else f"{cls.__name__} calls a field `{name}`, and names with _ in front are kept",
            place=caller(),
            next_step=f"call it by another name{write.format(name.lstrip('_'))}",
        )


def _names_of(enver: type[Declared]) -> frozenset[str]:
    """All names that an enver of this type has, be it as a method, a property or a field."""
    annotated = (name for base in enver.__mro__ for name in get_annotations(base))
    return frozenset((*dir(enver), *annotated))


_OURS: Final = "odmd.model."
_FIELDS: Final = (Produces, Consumes, Requests, Offers, Hub, Config, NeededSecret)
_WRITES: Final[Mapping[Any, str]] = {
    Produces: ', and keep its declared name: … = produced(…, name="{}")',
    Consumes: ', and keep its declared name: … = consumed(…, name="{}")',
    NeededSecret: ', and keep its declared name: … = needed(…, name="{}")',
}
_WITH_SCHEMA: Final = (Produces, Consumes)
_SOURCES: Final = (Produces, Wire)
_ANYTHING: Final = (object,)


def _input(cls: type[Declared], name: str) -> Consumes[Kind]:
    """What the class, or a base of it, says of an input; nothing said is a plain one."""
    said: object = getattr(cls, name, None)
    if isinstance(said, Consumes):
        return cast("Consumes[Kind]", said)
    plain = _plain_input(name)
    setattr(cls, name, plain)
    return plain


@cache
def _plain_input(name: str) -> Consumes[Kind]:
    """An input of which its name and kind say everything; one object for all classes that have it."""
    plain: Consumes[Kind] = Consumes()
    plain.__set_name__(Declared, name)
    return plain


def _template(cls: type[Declared], name: str) -> Requests[Offer]:
    said: object = getattr(cls, name, None)
    if isinstance(said, Requests):
        return cast("Requests[Offer]", said)
    raise ContractsNotLoaded(
        f"{cls.__name__} says nowhere what `{name}` asks for", place=caller(), next_step=f"{name}: … = requested(…)"
    )


def _resolved(cls: type[Declared], hints: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a class annotates itself; what its bases annotate was resolved with them."""
    if any(isinstance(part, (str, ForwardRef)) for hint in hints.values() for part in (hint, *_parts(hint))):
        words = vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}
        around = {**_own_words(calling_frame().f_locals), cls.__name__: cls}
        hints = {name: _evaluated(hint, words, around) for name, hint in hints.items()}
    return {name: hint for name, hint in hints.items() if _origin(hint) is not ClassVar}


def _own_words(words: Mapping[str, Any]) -> Mapping[str, Any]:
    """The names around a class statement; classes of a module find their own through that module."""
    return {} if "__name__" in words else words


def _evaluated(hint: Any, words: dict[str, Any], around: dict[str, Any]) -> Any:
    """An annotation's meaning. As `typing.get_type_hints`, which would compile the same text for every class anew."""
    found = eval(_code(hint), words, around) if isinstance(hint, str) else hint  # noqa: S307  # the user's own code
    if any(isinstance(part, (str, ForwardRef)) for part in _parts(found)):
        annotated = type("_", (), {"__annotations__": {"_": found}})
        return typing.get_type_hints(annotated, globalns=words, localns=around)["_"]
    return found


@cache
def _code(hint: str) -> CodeType:
    return compile(hint, "<annotation>", "eval")


def _origin(hint: Any) -> Any:
    """`Produces` of `Produces[HttpApi]`; anything else is its own."""
    return getattr(hint, "__origin__", hint)


def _in_brackets(hint: Any) -> Any:
    """`HttpApi` of `Produces[HttpApi]`; None where nothing stands in brackets."""
    arguments = _parts(hint)
    return arguments[0] if arguments else None


def _parts(hint: Any) -> Sequence[Any]:
    """All that stands in brackets."""
    return getattr(hint, "__args__", ())


def _schema(kind: Any) -> type[Any] | None:
    """`Order` of `EventBus[Order]`; None where a kind takes none."""
    schema = None if isinstance(kind, type) else _in_brackets(kind)
    return schema if isinstance(schema, type) and schema is not object else None


def _specified(cls: type[Declared], name: str) -> Specified:
    said = getattr(cls, name, None)
    return said if isinstance(said, Specified) else _NOTHING_SAID
