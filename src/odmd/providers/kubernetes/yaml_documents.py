"""Reads YAML as Kubernetes does, of people whom nobody has to trust: nothing is made of it but JSON's values.

A document is looked at as a stream of events first, so that neither depth nor aliases take memory or stack.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator
from typing import Any, Final, cast

import yaml

_LARGEST: Final = 3_000_000
"""Bytes of all documents together."""
_MOST_NODES: Final = 200_000
_MOST_ALIASES: Final = 1_000
_DEEPEST: Final = 64
_LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMES: Final = "tag:yaml.org,2002:timestamp"
_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_BASE_60: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")


class YamlUnfit(ValueError):
    """Says what is wrong, and at which line."""


def read_documents(text: bytes) -> list[object]:
    """All documents that are not empty, as JSON's values.

    Raises:
        YamlUnfit
    """
    if len(text) > _LARGEST:
        raise YamlUnfit(f"it has {len(text)} bytes, and manifests have {_LARGEST} at most")
    try:
        said = text.decode()
        _look_through(said)
        documents = list(yaml.load_all(said, _Loader))
    except UnicodeDecodeError as wrong:
        raise YamlUnfit("it is no UTF-8") from wrong
    except yaml.YAMLError as wrong:
        raise YamlUnfit(" ".join(str(wrong).split())) from wrong
    except (ValueError, RecursionError, OverflowError) as wrong:
        raise YamlUnfit(str(wrong)) from wrong
    left = [_MOST_NODES]
    return [_json(one, left) for one in documents if one is not None]


def _look_through(said: str) -> None:
    """Raises:
    YamlUnfit: it is deeper, longer, or more woven than anything that people mean.
    """
    depth = aliases = 0
    events = cast("Iterator[Any]", yaml.parse(said, _LOADER))  # pyright: ignore[reportUnknownMemberType]  # it has no types
    for number, event in enumerate(events):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > _DEEPEST or number > 2 * _MOST_NODES or aliases > _MOST_ALIASES:
            line = event.start_mark.line + 1
            raise YamlUnfit(f"line {line}: it is deeper, longer or refers to itself more often than manifests do")


class _Loader(_LOADER):
    """JSON's values only, and no key twice."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Hashable, object]:
    loader.flatten_mapping(node)
    found: dict[Hashable, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise YamlUnfit(f"line {key_node.start_mark.line + 1}: {key!r} is no text, as keys are")
        if key in found and key_node.start_mark.line >= node.start_mark.line:
            raise YamlUnfit(f"line {key_node.start_mark.line + 1}: key {key!r} is there twice")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _unknown(_loader: Any, node: yaml.Node) -> object:
    raise YamlUnfit(f"line {node.start_mark.line + 1}: {node.tag} is nothing that manifests hold")


def _number(loader: Any, node: yaml.ScalarNode) -> object:
    """`12:30:45` is a text to Kubernetes."""
    if _BASE_60.fullmatch(node.value):
        return node.value
    made = loader.construct_yaml_int if node.tag == _NUMBERS[0] else loader.construct_yaml_float
    return made(node)


_Loader.yaml_constructors = {
    tag: make
    for tag, make in _LOADER.yaml_constructors.items()
    if tag and tag.rpartition(":")[2] in ("null", "bool", "str", "seq")
}
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
for _tag in _NUMBERS:
    _Loader.add_constructor(_tag, _number)
_Loader.add_constructor(None, _unknown)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in listed if tag != _TIMES]
    for first, listed in _LOADER.yaml_implicit_resolvers.items()
}


def _json(value: object, left: list[int]) -> object:
    """A copy without aliases, so that changing one place changes no other."""
    left[0] -= 1
    if left[0] < 0:
        raise YamlUnfit("its aliases make more of it than manifests hold")
    if isinstance(value, dict):
        return {str(key): _json(one, left) for key, one in cast("dict[object, object]", value).items()}
    if isinstance(value, list):
        return [_json(one, left) for one in cast("list[object]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise YamlUnfit(f"{value} is no number to Kubernetes")
    return value
