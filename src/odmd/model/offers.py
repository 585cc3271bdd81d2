"""Offers and requests: what a shared enver makes for each client that asks (a schema in the shared database)."""

from __future__ import annotations

import copy
import typing
from dataclasses import dataclass
from typing import Generic, Self, TypeVar, overload

from odmd.errors import Place
from odmd.model.checked import check
from odmd.model.kinds.base import Kind
from odmd.model.party import Party
from odmd.model.place import caller, calling_frame
from odmd.model.wiring import Produces, Slotted


class Offer:
    """Base of what clients ask for: a frozen dataclass whose `Produces` fields belong to the shared enver."""

    products: typing.ClassVar[dict[str, type[Kind]]]

    def __init_subclass__(cls) -> None:
        hints = typing.get_type_hints(cls, localns=calling_frame().f_locals)
        cls.products = {
            name: kind_of(typing.get_args(hint)[0])
            for name, hint in hints.items()
            if typing.get_origin(hint) is Produces
        }

    def __post_init__(self) -> None:
        for name, kind in self.products.items():
            object.__setattr__(self, name, Produces[Kind](self, name, kind))


O = TypeVar("O", bound=Offer)  # noqa: E741  # O as in offer, beside K as in kind


@dataclass(frozen=True)
class Asked(Generic[O]):
    """One request as the shared enver sees it."""

    offer: O
    client: Party
    field: str
    place: Place


class Offers(Generic[O]):
    """The field of a shared enver where its clients' requests are collected."""

    def __init__(self, owner: Party, name: str, offer: type[O]) -> None:
        self.owner, self.name, self.offer = owner, name, offer
        self.asked: list[Asked[O]] = []

    def ask(self, request: O, client: Party, field: str) -> O:
        """Adds a client's request; a client that asks again replaces what it asked before."""
        self.withdraw(client, field)
        self.asked.append(Asked(request, client, field, caller()))
        return request

    def withdraw(self, client: Party, field: str) -> None:
        """Forgets what a client asked in one of its fields."""
        self.asked = [asked for asked in self.asked if (asked.client, asked.field) != (client, field)]


class Requests(Slotted, Generic[O]):
    """A field of a client: what it asks a shared enver to make for it. Every clone asks for its own."""

    def __init__(self, template: O) -> None:
        self.template = template

    @overload
    def __get__(self, enver: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, enver: Party, owner: type[object]) -> O: ...
    def __get__(self, enver: Party | None, owner: type[object]) -> Self | O:
        if enver is None:
            return self
        offers = self.offers(enver)
        mine = [asked.offer for asked in offers.asked if asked.client is enver] if offers else []
        if not mine:
            raise AttributeError(f"{enver} asks for {self.name}, and nobody was asked yet")
        return mine[-1]

    def __set__(self, enver: Party, source: Offers[O]) -> None:
        check(type(enver).__name__, self.name, source, Offers)
        if (before := self.offers(enver)) is not None:
            before.withdraw(enver, self.name)
        fresh = copy.copy(self.template)
        fresh.__post_init__()
        source.ask(fresh, enver, self.name)
        enver.__dict__[self.name] = source

    def offers(self, enver: Party) -> Offers[O] | None:
        """The shared enver's field that was asked, or None while nobody was."""
        return enver.__dict__.get(self.name)


def kind_of(hint: object) -> type[Kind]:
    """The kind class of `EventBus[Order]` or `EventBus`."""
    kind = hint if isinstance(hint, type) else getattr(hint, "__origin__", hint)
    if not (isinstance(kind, type) and issubclass(kind, Kind)):
        raise TypeError(f"{hint} is no kind: products and inputs are typed with a subclass of Kind")
    return kind
