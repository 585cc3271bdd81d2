"""What does not fit where it is given says so at its line; type checkers would, but not everybody runs them."""

from __future__ import annotations

import reprlib
import types
import typing
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from odmd.errors import ContractsNotLoaded, TextUnfit
from odmd.model.place import caller
from odmd.texts import is_whole


class Checked:
    """Base of the plain dataclasses of a contracts file: each field holds what its annotation says."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, hint, classes in _hints(type(self)):
            given = getattr(self, name)
            if not isinstance(given, classes):
                check(type(self).__name__, name, given, hint)
            if given.__class__ is str and not given.isascii() and not is_whole(given):
                raise _no_text(f"{type(self).__name__}'s {name}", given)


@cache
def _hints(cls: type[Any]) -> Sequence[tuple[str, Any, tuple[type[Any], ...]]]:
    """Each field, its annotation, and the classes that it may be of."""
    hints = typing.get_type_hints(cls)
    return [(one.name, hints[one.name], classes_of(hints[one.name]) or (object,)) for one in fields(cls)]


def check(owner: str, name: str, given: object, hint: Any) -> None:
    """Refuses a value that is not of its annotation, as far as an annotation can be asked.

    Raises:
        ContractsNotLoaded: with the line of the declaration.
    """
    if not fits(given, hint):
        wanted = ["None" if option is types.NoneType else option.__name__ for option in _options(hint)]
        raise ContractsNotLoaded(
            f"{owner} takes {' or '.join(wanted)} as {name}, not {reprlib.repr(given)}",
            place=caller(),
            next_step="write " + " or ".join(_example(name, option) for option in _options(hint)),
        )


def _no_text(what: str, given: str) -> TextUnfit:
    return TextUnfit(
        f"{what} {reprlib.repr(given)} has half of a character",
        place=caller(),
        next_step="write it in characters that UTF-8 has",
    )


def fits(given: object, hint: Any) -> bool:
    """Whether a value is of a class or a union of classes; anything finer is left to type checkers."""
    classes = classes_of(hint)
    return classes is None or isinstance(given, classes)


@cache
def classes_of(hint: Any) -> tuple[type[Any], ...] | None:
    """The classes that an annotation allows; None where it cannot be asked."""
    options = _options(hint)
    return tuple(options) if all(isinstance(option, type) for option in options) else None


def _options(hint: Any) -> list[Any]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return [option for part in typing.get_args(hint) for option in _options(part)]
    if hint is float:
        return [float, int]  # as type checkers have it
    return [typing.get_origin(hint) or hint]


def _example(name: str, option: type[object]) -> str:
    if option is types.NoneType:
        return f"{name}=None"
    return f'{name}="…"' if option is str else f"{name}={option.__name__}(…)"


def an(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
