"""Documents of layers become one: objects by key, everything else is replaced, later layers win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar, cast

from odmd.control.config.document import Values

L = TypeVar("L")
_ABSENT: Final = object()


def merged(parts: Iterable[Values]) -> dict[str, Any]:
    """Nothing of the parts is changed, and nothing of them is shared where it might be."""
    found: dict[str, Any] = {}
    for part in parts:
        _onto(found, part)
    return found


def _onto(found: dict[str, Any], part: Mapping[str, Any]) -> None:
    for key, value in part.items():
        before = found.get(key)
        if isinstance(value, dict):
            inner: dict[str, Any] = dict(cast("dict[str, Any]", before)) if isinstance(before, dict) else {}
            _onto(inner, cast("dict[str, Any]", value))
            found[key] = inner
        else:
            found[key] = value


def leaves(value: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Everything that is not an object with something in it, by its path."""
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from leaves(cast("dict[str, Any]", inner), (*path, key))
        else:
            yield (*path, key), inner


def said_by(parts: Sequence[tuple[L, Values]], path: tuple[str, ...]) -> L | None:
    """The last part that says what is at a path of the merged document; None: none does."""
    return next((layer for layer, values in reversed(parts) if at(values, path) is not _ABSENT), None)


def at(value: object, path: Iterable[str]) -> object:
    """What is at a path, or what `is_absent` knows."""
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return _ABSENT
        value = cast("dict[str, object]", value)[key]
    return value


def is_absent(found: object) -> bool:
    """Whether nothing is at a path."""
    return found is _ABSENT


def with_value(values: Values, path: Sequence[str], value: object) -> dict[str, Any]:
    """A copy that says something at a path; `ABSENT` takes away what is said there."""
    key, rest = path[0], path[1:]
    inner = values.get(key)
    found = dict(values)
    if rest:
        deeper = with_value(cast("Values", inner) if isinstance(inner, dict) else {}, rest, value)
        value = deeper or _ABSENT
    if value is _ABSENT:
        found.pop(key, None)
    else:
        found[key] = value
    return found


ABSENT: Final = _ABSENT


class ConfigDifference(NamedTuple):
    """What is at a path in one document and in another."""

    path: str
    before: object
    after: object

    @property
    def is_new(self) -> bool:
        return self.before is _ABSENT

    @property
    def is_gone(self) -> bool:
        return self.after is _ABSENT


def differences(before: Values, after: Values) -> list[ConfigDifference]:
    """By path; lists are compared as wholes."""
    was, now = dict(leaves(before)), dict(leaves(after))
    paths = sorted({path for path in (*was, *now) if was.get(path, _ABSENT) != now.get(path, _ABSENT)})
    return [ConfigDifference(written(path), was.get(path, _ABSENT), now.get(path, _ABSENT)) for path in paths]


def written(path: Iterable[str]) -> str:
    """A path as people write it: `limits.cpu`, and `hosts."a.b"` where a key has a dot in it."""
    return ".".join(f'"{key}"' if not key or "." in key or '"' in key else key for key in path)


def read_path(text: str) -> tuple[str, ...]:
    """What `written` wrote.

    Raises:
        ValueError: it is no path.
    """
    found, rest = list[str](), text
    while rest:
        quoted = rest.startswith('"')
        key, ends, rest = rest[1:].partition('"') if quoted else rest.partition(".")
        if quoted and (not ends or (rest and not rest.startswith("."))):
            rest = text
            break
        if (not quoted and not key) or (quoted and rest == "."):
            break
        found.append(key)
        rest = rest[1:] if quoted else rest
    if rest or not found or text.endswith("."):
        raise ValueError(f"{text!r} is no path: write FIELD or FIELD.INNER, a key with dots in quotes")
    return tuple(found)
