"""Kinds whose code is in another process: here they have their name, their ancestors and their facts, and ask there."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from odmd.errors import ContractsNotBelieved
from odmd.graph.told import NOT_BELIEVED, KindTold, is_ours
from odmd.model import kinds
from odmd.model.kinds import Kind, base


@dataclass(frozen=True, slots=True)
class Said:
    """A value as its kind reads it."""

    text: str
    identity: str
    consumed: str


Read = Callable[[str, str], Said]
"""Reads a text as a value of a kind, given by its lasting name.

Raises:
    NotOfKind: it is none.
    KindSilent: nobody answers.
"""


def kinds_away(told: Iterable[KindTold], used: Iterable[str], read: Read) -> Mapping[str, type[Kind]]:
    """Classes for the kinds that contracts use, by lasting name.

    Raises:
        ContractsNotBelieved: there can be no such kinds.
    """
    made: dict[str, type[Kind]] = {}
    for one in told:
        made[one.name] = _made(one, made, read)
    return {name: _known(name, made) for name in used}


def _known(name: str, made: Mapping[str, type[Kind]]) -> type[Kind]:
    found = _ours(name) if is_ours(name) else made.get(name)
    if found is None:
        raise ContractsNotBelieved(f"the contracts use a kind {name!r} that nothing tells of", next_step=NOT_BELIEVED)
    return found


def _ours(name: str) -> type[Kind] | None:
    found = {**vars(base), **vars(kinds)}.get(name.partition(":")[2])
    return found if isinstance(found, type) and issubclass(found, Kind) else None


def _made(told: KindTold, made: Mapping[str, type[Kind]], read: Read) -> type[Kind]:
    module, _, name = told.name.partition(":")

    def parse(cls: type[Kind], text: str) -> Any:
        return _value(cls, read(told.name, text))

    facts: dict[str, object] = {
        "__module__": module,
        "__qualname__": name,
        "handover": told.handover,
        "concern": told.concern,
        "accesses": told.accesses,
        "sensitive": told.sensitive,
        "looks_like": told.looks_like,
        "parse": classmethod(parse),
        "text": _text,
        "identity": _identity,
        "consumed": _consumed,
    }
    bases = tuple(_known(one, made) for one in told.bases)
    if is_ours(told.name) or not (bases and module and name):
        raise ContractsNotBelieved(f"there can be no kind {told.name!r}", next_step=NOT_BELIEVED)
    try:
        return types.new_class(name.rpartition(".")[2], bases, exec_body=lambda space: space.update(facts))
    except TypeError as wrong:
        raise ContractsNotBelieved(f"there can be no kind {told.name!r}", next_step=NOT_BELIEVED) from wrong


def _value(cls: type[Any], said: Said) -> Any:
    """An instance, which no `__init__` made: only the other process could."""
    value = object.__new__(cls)
    value.__dict__.update(said=said, value=said.text)
    return value


def _said(value: Kind) -> Said:
    return value.__dict__["said"]


def _text(value: Kind) -> str:
    return _said(value).text


def _identity(value: Kind) -> str:
    return _said(value).identity


def _consumed(value: Kind) -> str:
    return _said(value).consumed
