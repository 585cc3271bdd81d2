"""Kinds whose values are JSON objects."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, NoReturn, Self, cast

from odmd.model.kinds.base import Kind, NotOfKind, digested


@dataclass(frozen=True)
class JsonKind(Kind):
    """A kind whose value is a JSON object with the fields of the subclass, which is a frozen dataclass.

    A field is a `str`, `int`, `float`, `bool`, another kind, a `tuple[…, ...]` of these, or one of them `| None`.
    """

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            return cls.of(load(text))
        except ValueError as wrong:
            raise cls.refusal(text, str(wrong)) from (None if cls.sensitive else wrong)

    @classmethod
    def of(cls, given: object) -> Self:
        """The value of a JSON object.

        Raises:
            ValueError: says which field is wrong.
        """
        hints = typing.get_type_hints(cls)
        of = {field.name: field for field in fields(cls)}
        if not isinstance(given, dict):
            raise NotOfKind(f"expected an object with {', '.join(of)}")
        found = cast("dict[str, object]", given)
        if unknown := sorted(found.keys() - of.keys()):
            raise NotOfKind(f"{', '.join(unknown)} is none of its fields, which are {', '.join(of)}")
        needed = [name for name, field in of.items() if field.default is field.default_factory is MISSING]
        if missing := [name for name in needed if name not in found]:
            raise NotOfKind(f"{', '.join(missing)} is missing")
        return cls(**{name: _field(cls, name, hints[name], one) for name, one in found.items()})

    def text(self) -> str:
        """The object with its keys in order, without what is None: a new optional field changes no old value."""
        return dump(_plain(self, lambda kind: kind.text()))

    def identity(self) -> str:
        plain = dump(_plain(self, lambda kind: kind.identity()))
        return digested(plain) if self.sensitive else plain


def load(text: str) -> object:
    """What a JSON text says.

    Raises:
        ValueError: it is no JSON, or not one that everybody reads alike (NaN, a key twice).
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_float, object_pairs_hook=_object)
    except RecursionError:
        raise NotOfKind("it is nested too deeply") from None
    except json.JSONDecodeError as wrong:
        raise NotOfKind(f"it is no JSON: {wrong}") from None


def dump(value: object) -> str:
    """The one text of a JSON value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _float(digits: str) -> float:
    found = float(digits)
    return _refuse(digits) if found in (float("inf"), float("-inf")) else found


def _refuse(number: str) -> NoReturn:
    raise NotOfKind(f"{number[:20]} is no number that JSON knows")


def _object(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotOfKind("it has a key twice")
    return found


def _field(cls: type[JsonKind], name: str, hint: Any, given: object) -> object:
    try:
        return _read(hint, given)
    except TypeError as wrong:
        raise TypeError(f"{cls.__name__}.{name}: {wrong}") from wrong
    except (ValueError, OverflowError) as wrong:
        raise NotOfKind(f"{name}: {wrong}") from wrong


def _read(hint: Any, given: object) -> object:
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType) and type(None) in options and len(options) == 2:
        (hint,) = (option for option in options if option is not type(None))
        return None if given is None else _read(hint, given)
    if origin is tuple and len(options) == 2 and options[1] is ...:
        return tuple(_read(options[0], one) for one in cast("list[object]", _of(list, given)))
    if kind := _kind(origin or hint):
        return kind.of(given) if issubclass(kind, JsonKind) else kind.parse(_of(str, given))
    if hint is float and type(given) is int:
        return float(given)
    if hint in (str, int, float, bool):
        return _of(hint, given)
    raise TypeError(f"{hint} is no type that a JSON value can be read into")


def _kind(hint: object) -> type[Kind] | None:
    return hint if isinstance(hint, type) and issubclass(hint, Kind) else None


T = typing.TypeVar("T")
_SAID: Mapping[type[object], str] = {str: "a text", int: "a whole number", float: "a number", list: "a list"}


def _of(wanted: type[T], given: object) -> T:
    if type(given) is not wanted:
        raise NotOfKind(f"expected {_SAID.get(wanted, 'true or false')}")
    return given


def _plain(value: object, of: typing.Callable[[Kind], str]) -> object:
    """The value as JSON has it; nested kinds by their text or identity."""
    match value:
        case JsonKind():
            named = {field.name: getattr(value, field.name) for field in fields(value)}
            return {name: _plain(one, of) for name, one in named.items() if one is not None}
        case Kind():
            return of(value)
        case tuple():
            return [_plain(one, of) for one in cast("tuple[object, ...]", value)]
        case _:
            return value
