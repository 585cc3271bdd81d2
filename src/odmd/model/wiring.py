"""Products, and the wires that lead them to their consumers."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, Generic, Self, TypeVar, overload

from odmd.errors import ContractsNotLoaded, Place
from odmd.model.access import READ, Access
from odmd.model.adopted import Goal
from odmd.model.approvals import Approval
from odmd.model.builds import Team
from odmd.model.checked import an, check
from odmd.model.kinds.base import Child, Kind
from odmd.model.party import Party
from odmd.model.place import caller
from odmd.model.stages import Lag

K = TypeVar("K", bound=Kind)
C = TypeVar("C", bound=Kind)
K_co = TypeVar("K_co", bound=Kind, covariant=True)


class Mode(StrEnum):
    """What a new value does to its consumer."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    GATED = "gated"


class Produces(Generic[K_co]):
    """A product: a typed value that an enver (or an offer, on a client's behalf) publishes."""

    __slots__ = ("about", "kind", "name", "owner")

    def __init__(self, owner: object, name: str, kind: type[Kind], about: str = "") -> None:
        self.owner = owner  # an enver, or the template of an offer
        self.name = name
        self.kind = kind
        self.about = about

    def child(self: Produces[K], child: Child[K, C]) -> Produces[C]:
        """A product that comes with this one, e.g. `api.child(API_DOC)`."""
        if not issubclass(self.kind, child.of):
            raise ContractsNotLoaded(
                f"{self.name} is {an(self.kind.__name__)}, and {child.name} comes with {an(child.of.__name__)}",
                place=caller(),
                next_step=f"ask {an(child.of.__name__)} for it",
            )
        return Produces(self.owner, f"{self.name}/{child.name}", child.kind)

    def gated(self, *, by: Team | Approval) -> Wire[K_co]:
        """A wire whose consumer gets a new value only after a member of `by` approved it, or as an approval says."""
        return Wire(self, mode=Mode.GATED, gate=by)

    def manual(self) -> Wire[K_co]:
        """A wire whose consumer gets a new value only when somebody says so."""
        return Wire(self, mode=Mode.MANUAL)

    def until(self: Produces[K], placeholder: K) -> Wire[K]:
        """A wire that hands over `placeholder` until the product exists; this is what closes a cycle."""
        check("until", "placeholder", placeholder, Kind)
        return Wire(self, placeholder=placeholder)

    def within(self, versions: int | None = None, age: timedelta | None = None) -> Wire[K_co]:
        """A wire whose consumer may be so many versions behind at most, and for so long."""
        return Wire(self, objective=Lag(versions, age))


class Wire(Generic[K_co]):
    """The edge from a product to an enver that consumes it. No dataclass: of nothing are there more."""

    __slots__ = ("approval", "gate", "mode", "objective", "place", "placeholder", "producer")

    def __init__(
        self,
        producer: Produces[K_co],
        mode: Mode = Mode.AUTOMATIC,
        gate: Team | Approval | None = None,
        placeholder: Kind | None = None,
        place: Place | None = None,
        objective: Lag | None = None,
    ) -> None:
        check("gated", "by", gate, Team | Approval | None)
        self.producer: Final = producer
        self.mode: Final = mode
        self.approval: Final = gate if isinstance(gate, Approval) else None
        self.gate: Final = gate.by if isinstance(gate, Approval) else gate
        self.placeholder: Final = placeholder
        self.objective: Final = objective
        self.place: Final = place or caller()

    def __repr__(self) -> str:
        return f"<Wire from {self.producer.name} at {self.place}>"

    def led_from(self, producer: Produces[Kind]) -> Wire[Kind]:
        """The same wire from another product."""
        return Wire(producer, self.mode, self.approval or self.gate, self.placeholder, self.place, self.objective)

    def within(self, versions: int | None = None, age: timedelta | None = None) -> Wire[K_co]:
        """The same wire, whose consumer may be so many versions behind at most, and for so long."""
        asked = self.approval or self.gate
        return Wire(self.producer, self.mode, asked, self.placeholder, self.place, Lag(versions, age))


def as_wire(source: Produces[K] | Wire[K]) -> Wire[K]:
    """The wire of what a user assigned in the calling line; the plain product means an automatic one.

    Raises:
        ContractsNotLoaded: it is neither.
    """
    if isinstance(source, Produces):
        return Wire(source)
    if isinstance(source, Wire):  # pyright: ignore[reportUnnecessaryIsInstance]  # not everybody type-checks
        return source
    raise no_source(source)


def no_source(given: object) -> ContractsNotLoaded:
    """What to say of something that no input can be given."""
    return ContractsNotLoaded(
        f"an input takes the product of an enver, not {reprlib.repr(given)}",
        place=caller(),
        next_step="give it <enver>.<product>, or <enver>.<product>.until(<value>) while there is none",
    )


class Slotted:
    """A field whose value lives in its enver's `__dict__` under its own name, so that assigning to it can be typed."""

    name: str

    def __set_name__(self, owner: type[object], name: str) -> None:
        self.name = name


class Consumes(Slotted, Generic[K]):
    """A field of an enver that takes one product (`Orders(bus=foundation.bus)`), now or by later assignment.

    What is given to the constructor is kept as it is, and most of it nobody asks for again: a product alone is a wire
    where its enver is declared.
    """

    def __init__(
        self,
        about: str = "",
        *,
        access: Access = READ,
        alias: str = "",
        schema: str = "",
        uses: tuple[str, ...] = (),
        to: Goal | None = None,
    ) -> None:
        self.about, self.access, self.alias, self.schema, self.to = about, access, alias, schema, to
        self.uses = uses

    @overload
    def __get__(self, enver: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, enver: Party, owner: type[object]) -> Wire[K]: ...
    def __get__(self, enver: Party | None, owner: type[object]) -> Self | Wire[K]:
        if enver is None:
            return self
        if (wire := self.wire(enver)) is None:
            raise AttributeError(f"{enver} consumes {self.name}, which nothing is wired to yet")
        return wire

    def __set__(self, enver: Party, source: Produces[K] | Wire[K]) -> None:
        """Wires it in a line of the user's; notes what is forgotten by that."""
        own, before = enver.__dict__, self.wire(enver)
        own[self.name] = wire = as_wire(source)
        if before is not None and before is not own.get("_inherited", {}).get(self.name):
            own.setdefault("_again", {})[self.name] = (before.place, wire.place)

    def wire(self, enver: Party) -> Wire[K] | None:
        """The wire, or None while there is none."""
        given: Produces[K] | Wire[K] | None = enver.__dict__.get(self.name)
        if isinstance(given, Produces):
            enver.__dict__[self.name] = given = Wire(given, place=enver.place)
        return given


def assigned_again(enver: Party) -> Mapping[str, tuple[Place, Place]]:
    """The inputs that were wired twice, and where first and then; a clone's inherited wires do not count."""
    again: Mapping[str, tuple[Place, Place]] = enver.__dict__.get("_again", {})
    return again


def remember_inherited(clone: Party) -> None:
    """From here on, a wire of a clone's may be replaced once."""
    clone.__dict__.update(_inherited=dict(clone.__dict__), _again={})


class Hub(Generic[K]):
    """A keyed set of wires into one enver; the key names the input, so removing one entry moves no other."""

    def __init__(self) -> None:
        self._wires: dict[str, Wire[K]] = {}
        self._twice: list[tuple[str, Place]] = []

    def __setitem__(self, key: str, source: Produces[K] | Wire[K]) -> None:
        if key in self._wires:
            self._twice.append((key, caller()))
        self._wires[key] = as_wire(source)

    def __getitem__(self, key: str) -> Wire[K]:
        return self._wires[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._wires)

    def wires(self) -> Mapping[str, Wire[K]]:
        """All wires by key, in the order of their declaration."""
        return self._wires

    def rewire(self, lead: Callable[[Wire[K]], Wire[K]]) -> None:
        """Replaces every wire by what `lead` makes of it, under the same key."""
        self._wires = {key: lead(wire) for key, wire in self._wires.items()}

    def set_twice(self) -> tuple[tuple[str, Place], ...]:
        """Keys that were assigned again, with the place: two clients under one name."""
        return tuple(self._twice)
