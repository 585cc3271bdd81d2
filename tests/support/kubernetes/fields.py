"""Server-side apply as an API server does it: whose a field is, what conflicts, what goes when it is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

Path = tuple[str, ...]
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
}
_PORTS: Final = {"containers": ("containerPort", "protocol"), "spec": ("port", "protocol")}
_NOBODYS: Final = {("f:apiVersion",), ("f:kind",), ("f:metadata", "f:name"), ("f:metadata", "f:namespace")}


def paths(said: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every field that is said, with its value; an item of a list that has keys is a field by its keys."""
    if isinstance(said, dict):
        if not said and at:
            yield at, {}
        for key, one in said.items():
            if (*at, f"f:{key}") not in _NOBODYS:
                yield from paths(one, (*at, f"f:{key}"))
    elif isinstance(said, list) and (keys := _keys(at)):
        for one in said:
            item = (*at, _item(one, keys))
            yield (*item, "."), True
            yield from paths(one, item)
    else:
        yield at, said


def _keys(at: Path) -> tuple[str, ...]:
    name = at[-1].removeprefix("f:")
    if name == "ports":
        return _PORTS["containers" if "f:containers" in at else "spec"]
    return _KEYS.get(name, ())


def _item(one: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    usual = {"protocol": "TCP"}
    return "k:" + json.dumps({key: one.get(key, usual.get(key)) for key in keys}, sort_keys=True)


def get(value: Any, at: Path) -> Any:
    """What stands there; None where nothing does."""
    for part in at:
        if part == ".":
            return True
        if part.startswith("f:"):
            value = value.get(part[2:]) if isinstance(value, dict) else None
        else:
            value = _find(value or [], part)
    return value


def _find(items: list[Any], part: str) -> Any:
    keys = json.loads(part[2:])
    return next((one for one in items if _item(one, tuple(keys)) == part), None)


def put(value: dict[str, Any], at: Path, said: Any) -> None:
    """Says it there."""
    here: Any = value
    for part, then in zip(at, (*at[1:], ""), strict=True):
        if part == ".":
            return
        if part.startswith("k:"):
            if (found := _find(here, part)) is None:
                found = dict(json.loads(part[2:]))
                here.append(found)
            here = found
        elif then == "":
            here[part[2:]] = deepcopy(said)
        else:
            empty: Any = [] if then.startswith("k:") else {}
            if here.get(part[2:]) is None:
                here[part[2:]] = empty
            here = here[part[2:]]


def drop(value: dict[str, Any], at: Path) -> None:
    """Says it no more, and nothing that would be empty without it."""
    if at[-1] == ".":
        at = at[:-1]
    holder = get(value, at[:-1])
    if isinstance(holder, dict):
        holder.pop(at[-1][2:], None)
    elif isinstance(holder, list) and (item := _find(holder, at[-1])) is not None:
        holder.remove(item)


def apply(live: dict[str, Any] | None, said: dict[str, Any], manager: str, force: bool) -> dict[str, Any]:
    """The object as it is afterwards.

    Raises:
        Conflicts
    """
    after = deepcopy(live) if live else {key: said[key] for key in ("apiVersion", "kind")}
    owners = {(one["manager"], one["operation"]): _set(one["fieldsV1"]) for one in managed(after)}
    mine = dict(paths(said))
    causes = [
        (other, path)
        for (other, how), theirs in owners.items()
        if (other, how) != (manager, "Apply")
        for path in sorted(theirs & mine.keys())
        if path[-1] != "." and get(after, path) != mine[path]
    ]
    if causes and not force:
        raise Conflicts(causes)
    for other, path in causes:
        for (name, _), theirs in owners.items():
            if name == other:
                theirs.discard(path)
    before = owners.get((manager, "Apply"), set())
    owners[manager, "Apply"] = set(mine)
    after.setdefault("metadata", {}).update(
        {key: said["metadata"][key] for key in ("name", "namespace") if key in said["metadata"]}
    )
    for path in sorted(before - mine.keys(), key=len, reverse=True):
        if not any(path in theirs for theirs in owners.values()):
            drop(after, path)
    for path, value in mine.items():
        put(after, path, value)
    _note(after, owners)
    return after


def update(live: dict[str, Any], patch: dict[str, Any], manager: str) -> dict[str, Any]:
    """A merge patch, whose fields become the manager's."""
    after = deepcopy(live)
    owners = {(one["manager"], one["operation"]): _set(one["fieldsV1"]) for one in managed(after)}
    changed = {path: value for path, value in paths(patch) if get(after, path) != value}
    for theirs in owners.values():
        theirs.difference_update(changed)
    owners.setdefault((manager, "Update"), set()).update(changed)
    for path, value in changed.items():
        put(after, path, value)
    _note(after, owners)
    return after


def managed(live: Mapping[str, Any]) -> list[dict[str, Any]]:
    return live.get("metadata", {}).get("managedFields", [])


class Conflicts(Exception):
    def __init__(self, causes: list[tuple[str, Path]]) -> None:
        super().__init__(causes)
        self.causes = causes


def in_words(path: Path) -> str:
    """As causes say fields: `.spec.template.spec.containers[name="app"].image`."""
    said = ""
    for part in path:
        if part.startswith("f:"):
            said += f".{part[2:]}"
        elif part.startswith("k:"):
            keys = json.loads(part[2:])
            said += "[" + ",".join(f"{key}={json.dumps(one)}" for key, one in keys.items()) + "]"
    return said


def _note(after: dict[str, Any], owners: Mapping[tuple[str, str], set[Path]]) -> None:
    after["metadata"]["managedFields"] = [
        {"manager": name, "operation": how, "fieldsType": "FieldsV1", "fieldsV1": _tree(theirs)}
        for (name, how), theirs in owners.items()
        if theirs
    ]


def _tree(of: set[Path]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in sorted(of):
        here = tree
        for part in path:
            here = here.setdefault(part, {})
    return tree


def _set(tree: Mapping[str, Any], at: Path = ()) -> set[Path]:
    if not tree and at:
        return {at}
    return {path for part, below in tree.items() for path in _set(below, (*at, part))}
