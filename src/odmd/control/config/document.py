"""What one layer says: config by its name, secrets by reference. YAML or JSON; nothing is made of it but JSON's values.

Plain words mean what YAML 1.2 says: `no` and `off` are texts, and so are dates and `12:30`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import yaml

from odmd.errors import ConfigUnreadable

LARGEST: Final = 1_000_000
"""Bytes of a document."""
_DEEPEST: Final = 32
_LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_SECTIONS: Final = ("config", "secrets")

Values = Mapping[str, Any]
"""Of one config: JSON's values by field."""


@dataclass(frozen=True, slots=True)
class ConfigDocument:
    """What one layer says, as one version of it."""

    config: Mapping[str, Values] = field(default_factory=dict[str, Values])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name → the address of where it is kept; never the secret."""

    def __bool__(self) -> bool:
        return bool(self.config or self.secrets)

    def to_json(self) -> str:
        """Equal documents have equal texts."""
        return canonical({"config": self.config, "secrets": self.secrets})

    @staticmethod
    def from_json(text: str) -> ConfigDocument:
        """What `to_json` wrote.

        Raises:
            ConfigUnreadable
        """
        return _document(json.loads(text), "what is kept")

    def to_yaml(self) -> str:
        """For people to edit."""
        said = {"config": dict(self.config), "secrets": dict(self.secrets)}
        written = canonical({name: part for name, part in said.items() if part})
        plain: dict[str, Any] = json.loads(written)
        if not plain:
            return ""
        text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=written.isprintable())
        return text


EMPTY: Final = ConfigDocument()


def canonical(value: object) -> str:
    """JSON in one form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def read_document(text: bytes, what: str) -> ConfigDocument:
    """What somebody wrote.

    Args:
        what: it is called so in errors, as a file's name.

    Raises:
        ConfigUnreadable
    """
    said = read_values(text, what)
    return EMPTY if said is None else _document(_objects(said, what), what)


def _document(said: Mapping[str, Any], what: str) -> ConfigDocument:
    if unknown := said.keys() - set(_SECTIONS):
        raise ConfigUnreadable(f"{what} has a section {_first(unknown)}, and there is none", next_step=_WRITE)
    config, secrets = (_objects(said.get(section), f"{what}: {section}") for section in _SECTIONS)
    for name, values in config.items():
        _objects(values, f"{what}: config.{name}")
    for name, address in secrets.items():
        if not isinstance(address, str):
            raise ConfigUnreadable(f"{what}: secrets.{name} is no text", next_step=_WRITE)
    return ConfigDocument({name: values for name, values in config.items() if values}, secrets)


_WRITE: Final = "write `config:` with the fields of each config below its name, `secrets:` with an address below each"


def _objects(value: object, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigUnreadable(f"{where} is no object", next_step=_WRITE)
    return cast("dict[str, Any]", value)


def _first(names: object) -> str:
    return sorted(cast("set[str]", names))[0]


def read_values(text: bytes, what: str) -> object:
    """The JSON value that a text of YAML or JSON says.

    Raises:
        ConfigUnreadable: says the line.
    """
    if len(text) > LARGEST:
        raise ConfigUnreadable(
            f"{what} has {len(text):,} bytes, and a document has {LARGEST:,} at most",
            next_step="keep what is large in a bucket, and its address here",
        )
    said = ""
    try:
        said = text.decode("utf-8-sig")
        _look_through(said)
        return yaml.load(said, _ConfigLoader)  # noqa: S506  # it makes JSON's values and nothing else
    except UnicodeDecodeError as wrong:
        raise ConfigUnreadable(f"{what} is no UTF-8: byte {wrong.start}", next_step="save it as UTF-8") from wrong
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        begins = said.splitlines()[line - 1].lstrip(" ") if said.splitlines()[line - 1 :] else ""
        next_step = "indent with spaces, no tabs" if begins.startswith("\t") else _AS_YAML
        raise ConfigUnreadable(f"{what} line {line}: {_said(wrong)}", next_step=next_step) from wrong
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as wrong:
        raise ConfigUnreadable(f"{what}: {' '.join(str(wrong).split())}", next_step=_AS_YAML) from wrong


_AS_YAML: Final = "write it as YAML or JSON"


def _said(wrong: yaml.MarkedYAMLError) -> str:
    return " ".join(str(part) for part in (wrong.context, wrong.problem) if part)


def _look_through(said: str) -> None:
    """Before anything is made of it, so that neither depth nor aliases take memory or stack."""
    depth = 0
    events = cast("Iterator[Any]", yaml.parse(said, _LOADER))  # pyright: ignore[reportUnknownMemberType]  # it has no types
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not read: write it out", problem_mark=event.start_mark)
        if depth > _DEEPEST:
            raise yaml.MarkedYAMLError(problem=f"deeper than {_DEEPEST} levels", problem_mark=event.start_mark)


class _ConfigLoader(_LOADER):
    """JSON's values only, and no key twice."""


class _Dumper(yaml.SafeDumper):
    """Quotes each text that `_Loader` would read as something else."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem=f"{key!r} is no text, as keys are", problem_mark=key_node.start_mark)
        if key in found:
            raise yaml.MarkedYAMLError(problem=f"key {key!r} is there twice", problem_mark=key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _unknown(_loader: Any, node: yaml.Node) -> object:
    raise yaml.MarkedYAMLError(problem=f"{node.tag} is nothing that config holds", problem_mark=node.start_mark)


def _bool(_loader: Any, node: yaml.ScalarNode) -> bool:
    return node.value.lower() == "true"


def _int(_loader: Any, node: yaml.ScalarNode) -> int:
    return int(node.value, 0) if node.value[:2] in ("0x", "0o") else int(node.value)


def _float(_loader: Any, node: yaml.ScalarNode) -> float:
    found = float(node.value)
    if not math.isfinite(found):
        raise yaml.MarkedYAMLError(problem=f"{node.value} is no number", problem_mark=node.start_mark)
    return found


_CORE: Final = (
    ("null", r"~|null|Null|NULL|", "~nN\0", None),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF", _bool),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789", _int),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789", _float),
)
"""The core schema of YAML 1.2: what plain scalars are, by their first letters."""

_classes: tuple[Any, ...] = (_ConfigLoader, _Dumper)
for _class in _classes:
    _class.yaml_implicit_resolvers = {}
    for _name, _pattern, _letters, _make in _CORE:
        _first_letters = ["" if letter == "\0" else letter for letter in _letters]
        _class.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), _first_letters)
_ConfigLoader.yaml_constructors = {
    tag: make for tag, make in _LOADER.yaml_constructors.items() if tag in (f"{_TAG}null", f"{_TAG}str", f"{_TAG}seq")
}
_ConfigLoader.add_constructor(f"{_TAG}map", _mapping)
_ConfigLoader.add_constructor(None, _unknown)
for _name, _, _, _make in _CORE:
    if _make is not None:
        _ConfigLoader.add_constructor(f"{_TAG}{_name}", _make)
