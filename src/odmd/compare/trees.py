"""Two JSON documents held against each other, as far as their texts do not mean the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

Tree: TypeAlias = "bool | int | float | str | Sequence[Tree] | Mapping[str, Tree] | None"
"""What JSON holds."""
Alike = Callable[[str, str], bool]
Path = tuple[str, ...]


class Absent:
    """Nothing is there."""


ABSENT: Final = Absent()


class TreeDiffers(NamedTuple):
    """One place where they differ."""

    path: Path
    before: Tree | Absent
    after: Tree | Absent


def differing(before: Tree, after: Tree, alike: Alike, path: Path = ()) -> Iterator[TreeDiffers]:
    """The deepest places that differ; what one of them lacks, as a whole."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(before, after, alike, path)
    elif isinstance(before, str) and isinstance(after, str):
        if not alike(before, after):
            yield TreeDiffers(path, before, after)
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _of_lists(before, after, alike, path)
    elif type(before) is not type(after) or before != after:
        yield TreeDiffers(path, before, after)


def shown(tree: Tree | Absent) -> str:
    """As people read it; nothing for what is not there."""
    if isinstance(tree, Absent):
        return ""
    return tree if isinstance(tree, str) else json.dumps(tree, ensure_ascii=False, sort_keys=True)


def _of_mappings(
    before: Mapping[str, Tree], after: Mapping[str, Tree], alike: Alike, path: Path
) -> Iterator[TreeDiffers]:
    other = _other_keys(before, after, alike)
    for key, one in before.items():
        if (name := other.get(key)) is None:
            yield TreeDiffers((*path, key), one, ABSENT)
        else:
            yield from differing(one, after[name], alike, (*path, key))
    known = set(other.values())
    yield from (TreeDiffers((*path, key), ABSENT, one) for key, one in after.items() if key not in known)


def _other_keys(before: Mapping[str, Tree], after: Mapping[str, Tree], alike: Alike) -> Mapping[str, str]:
    """Key → what it is called in the other one: the same, or else something that means the same."""
    found = {key: key for key in before if key in after}
    left = [key for key in after if key not in found]
    for key in before if left else ():
        if key not in found and (name := next((one for one in left if alike(key, one)), None)) is not None:
            found[key] = name
            left.remove(name)
    return found


def _of_lists(ours: Sequence[Tree], theirs: Sequence[Tree], alike: Alike, path: Path) -> Iterator[TreeDiffers]:
    if len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differing(one, other, alike, (*path, str(number)))
        return
    begin = _as_long_as_alike(ours, theirs, alike)
    end = _as_long_as_alike(ours[begin:][::-1], theirs[begin:][::-1], alike)
    gone, new = ours[begin : len(ours) - end], theirs[begin : len(theirs) - end]
    yield from (TreeDiffers((*path, str(begin + n)), one, ABSENT) for n, one in enumerate(gone))
    yield from (TreeDiffers((*path, str(begin + n)), ABSENT, one) for n, one in enumerate(new))


def _as_long_as_alike(ours: Sequence[Tree], theirs: Sequence[Tree], alike: Alike) -> int:
    pairs = zip(ours, theirs, strict=False)
    return next((n for n, pair in enumerate(pairs) if any(differing(*pair, alike))), min(len(ours), len(theirs)))
