"""`${odmd.NAME}` in the texts of manifests stands for the value of input NAME: in parsed values, never in YAML.

`${odmd.secret:NAME}` stands for what its store knows needed secret NAME by, `${odmd.secret-field:NAME}` for its field,
and `${odmd.secret-version:NAME}` for its version, where a new one is to be deployed. Nothing stands for its text.

`${odmd.config:NAME.FIELD}` stands for private config as text, `${odmd.config-value:NAME.FIELD}` for the number, truth,
list or object that it is, and nothing may stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, cast

from odmd.control.running.bound_secrets import BoundSecret
from odmd.control.running.config_places import as_text
from odmd.providers.kubernetes.objects import Json

_BEGINS: Final = "${odmd."
_PLACEHOLDER: Final = re.compile(r"\$\{odmd\.((?:secret(?:-field|-version)?:|config(?:-value)?:)?[A-Za-z0-9_.\-/]+)\}")
_CONFIG, _VALUE = "config:", "config-value:"


def of_secret(name: str) -> tuple[str, str, str]:
    """What stands for where a needed secret is, for its field, and for its version."""
    return f"secret:{name}", f"secret-field:{name}", f"secret-version:{name}"


def of_secrets(secrets: Mapping[str, BoundSecret]) -> Mapping[str, str]:
    """What stands for all of them → what it is filled with."""
    said = ((of_secret(name), (one.id, one.field, one.version)) for name, one in secrets.items())
    return {placeholder: text for names, texts in said for placeholder, text in zip(names, texts, strict=True)}


def of_config(name: str) -> str:
    """What a config is called among inputs, whichever field of it stands somewhere."""
    return f"{_CONFIG}{name}"


def of_configs(objects: Iterable[Json], value_at: Callable[[str], object]) -> Mapping[str, Json]:
    """What stands for config in some objects → what it is filled with.

    Raises:
        ConfigLacking, ConfigShown
    """
    used = {one for each in objects for text in _texts(each) for one in _PLACEHOLDER.findall(text)}
    texts = {one: as_text(value_at(one.removeprefix(_CONFIG))) for one in used if one.startswith(_CONFIG)}
    values = {one: cast("Json", value_at(one.removeprefix(_VALUE))) for one in used if one.startswith(_VALUE)}
    return {**texts, **values}


def named(value: Json) -> set[str]:
    """The inputs that stand somewhere in it."""
    return {_input(name) for text in _texts(value) for name in _PLACEHOLDER.findall(text)}


def _input(placeholder: str) -> str:
    kind, colon, path = placeholder.partition(":")
    return of_config(path.partition(".")[0]) if colon and kind.startswith("config") else placeholder


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
        case str() if any(one.startswith(_VALUE) for one in _beside(value)):
            yield f"{value[:80]!r}: nothing may stand beside ${{odmd.config-value:…}}; ${{odmd.config:…}} is text"
        case _:
            pass


def _beside(value: str) -> list[str]:
    """Placeholders that are not all of a text."""
    return [] if _PLACEHOLDER.fullmatch(value) else _PLACEHOLDER.findall(value)


def filled(value: Json, texts: Mapping[str, Json]) -> Json:
    """The same with values; what a value holds is no placeholder again."""
    match value:
        case dict():
            return {key: filled(one, texts) for key, one in value.items()}
        case list():
            return [filled(one, texts) for one in value]
        case str() if (alone := _PLACEHOLDER.fullmatch(value)) is not None:
            return texts[alone[1]]
        case str() if _BEGINS in value:
            return _PLACEHOLDER.sub(lambda found: str(texts[found[1]]), value)
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
