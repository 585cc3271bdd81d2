"""What of an object would change, by the paths of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from odmd.providers.kubernetes.objects import Json, Object, text_at
from odmd.texts import first_of

_OF_THE_SERVER: Final = frozenset(
    {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"}
)
_SHOWN: Final = 6
_REVISION: Final = "deployment.kubernetes.io/revision"


class FieldDiffers(NamedTuple):
    """A field that is another one."""

    path: str
    """Such as `spec.template.spec.containers[app].image`."""
    before: Json
    after: Json


def field_differences(before: Object, after: Object) -> Iterator[FieldDiffers]:
    """Nothing where the same was said again."""
    return _fields(_said(before), _said(after), "")


def differing(before: Object, after: Object) -> list[str]:
    """The paths; of images with which ones, as people want to know that. All else may be private."""
    return [f"{one.path}{_images(one)}" for one in field_differences(before, after)]


def in_words(before: Object, after: Object) -> str:
    """The first paths, and how many more there are."""
    return first_of(differing(before, after), _SHOWN)


def holds_all(live: Json, said: Json) -> bool:
    """Whether all that is said stands there already; the server may have written more, and the same otherwise."""
    if isinstance(said, dict):
        return isinstance(live, dict) and all(key in live and holds_all(live[key], one) for key, one in said.items())
    if isinstance(said, list):
        there = live if isinstance(live, list) else []
        return len(there) == len(said) and all(map(holds_all, there, said)) and isinstance(live, list)
    return live == said


def _said(one: Object) -> Object:
    """Without what the server alone says."""
    about = one.get("metadata")
    kept = {key: said for key, said in one.items() if key not in ("status", "apiVersion", "kind", "metadata")}
    if isinstance(about, dict):
        kept["metadata"] = {key: said for key, said in about.items() if key not in _OF_THE_SERVER}
    return kept


def _fields(before: Json, after: Json, path: str) -> Iterator[FieldDiffers]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            if key != _REVISION:
                yield from _fields(before.get(key), after.get(key), f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
    elif before != after:
        yield FieldDiffers(path.removeprefix("."), before, after)


def _images(one: FieldDiffers) -> str:
    if not one.path.endswith(".image"):
        return ""
    return f" {one.before} → {one.after}" if one.before and one.after else f" {one.after or one.before}"


def _of_lists(before: list[Json], after: list[Json], path: str) -> Iterator[FieldDiffers]:
    one, other = _by_name(before), _by_name(after)
    for key in [*one, *(key for key in other if key not in one)]:
        yield from _fields(one.get(key), other.get(key), f"{path}[{key}]")


def _by_name(items: list[Json]) -> dict[str, Json]:
    """By what tells them apart, as far as they have it; else by their place."""
    keys = [
        text_at(one, "name") or text_at(one, "containerPort") or text_at(one, "port")
        for one in items
        if isinstance(one, dict)
    ]
    if len(set(keys)) == len(items) and all(keys):
        return dict(zip(keys, items, strict=True))
    return {str(number): one for number, one in enumerate(items)}
