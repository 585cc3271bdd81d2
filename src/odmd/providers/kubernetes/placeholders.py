"""`${odmd.NAME}` in the texts of manifests stands for the value of input NAME: in parsed values, never in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from odmd.providers.kubernetes.objects import Json

_BEGINS: Final = "${odmd."
_PLACEHOLDER: Final = re.compile(r"\$\{odmd\.([A-Za-z0-9_.\-/]+)\}")


def named(value: Json) -> set[str]:
    """The inputs that stand somewhere in it."""
    return {name for text in _texts(value) for name in _PLACEHOLDER.findall(text)}


def misplaced(value: Json) -> Iterator[str]:
    """What looks like a placeholder and is none: in a key, or not closed."""
    match value:
        case dict():
            for key, one in value.items():
                if _BEGINS in key:
                    yield f"key {key!r}: values have placeholders, keys have none"
                yield from misplaced(one)
        case list():
            for one in value:
                yield from misplaced(one)
        case str() if _BEGINS in _PLACEHOLDER.sub("", value):
            yield f"{value[:80]!r}: a placeholder is ${{odmd.NAME}}, with the name of an input"
        case _:
            pass


def filled(value: Json, texts: Mapping[str, str]) -> Json:
    """The same with values; what a value holds is no placeholder again."""
    match value:
        case dict():
            return {key: filled(one, texts) for key, one in value.items()}
        case list():
            return [filled(one, texts) for one in value]
        case str() if _BEGINS in value:
            return _PLACEHOLDER.sub(lambda found: texts[found[1]], value)
        case _:
            return value


def _texts(value: Json) -> Iterator[str]:
    match value:
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)
        case str():
            yield value
        case _:
            pass
