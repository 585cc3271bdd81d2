"""What IAM allows or denies, as data that remembers which line of the contracts it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from odmd.errors import Place

LONGEST_POLICY: Final = 6144
"""Characters of a managed policy, white space not counted."""
EVERYTHING: Final = ("*",)


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """`key` must be, or be like, one of some values."""

    operator: str
    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        values = " or ".join(self.values)
        match self.operator:
            case "StringLikeIfExists":
                return f"{self.key}, where there is one, is like {values}"
            case "StringLike" | "ArnLike":
                return f"{self.key} is like {values}"
            case "Null":
                return f"{self.key} is {'not ' if self.values == ('true',) else ''}said"
            case _:
                return f"{self.key} is {values}"


@dataclass(frozen=True, slots=True)
class Statement:
    """Actions on resources, and why they are allowed (or denied)."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    why: str
    place: Place | None = None
    conditions: tuple[Condition, ...] = ()
    denies: bool = False
    product: str = ""
    """The address of what it is about, where a wire leads there."""

    def matches(self, action: str, resource: str = "") -> bool:
        """Whether it speaks of an action on a resource, or on any; conditions are not looked at."""
        return is_like(action, self.actions, folded=True) and (not resource or is_like(resource, self.resources))

    def document(self) -> Mapping[str, object]:
        """As IAM writes it."""
        conditions: dict[str, dict[str, object]] = {}
        for one in self.conditions:
            conditions.setdefault(one.operator, {})[one.key] = _short(one.values)
        said = {"Action": _short(self.actions), "Resource": _short(self.resources)}
        return {
            "Effect": "Deny" if self.denies else "Allow",
            **said,
            **({"Condition": conditions} if conditions else {}),
        }

    def atoms(self) -> Iterator[Atom]:
        """Each action on each resource by itself: what one has and another lacks is found among them."""
        for action in self.actions:
            for resource in self.resources:
                yield Atom(action, resource, tuple(sorted(self.conditions)), self.denies)


@dataclass(frozen=True, slots=True, order=True)
class Atom:
    """One action pattern on one resource pattern."""

    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()
    denies: bool = False

    def __str__(self) -> str:
        said = f"{self.action} on {'anything' if self.resource == '*' else self.resource}"
        conditions = f" where {', and '.join(map(str, self.conditions))}" if self.conditions else ""
        return f"{'denied: ' if self.denies else ''}{said}{conditions}"


def document(statements: Iterable[Statement]) -> Mapping[str, object]:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": [one.document() for one in statements]}


def size(statements: Iterable[Statement]) -> int:
    """Characters of a policy as IAM counts them."""
    return len(json.dumps(document(statements), separators=(",", ":")))


def merged(statements: Iterable[Statement]) -> Sequence[Statement]:
    """The same in fewer, whatever the reasons: all of the same resources, then all that says the same of others."""
    by_resource = _joined(statements, lambda one: (one.resources, one.conditions, one.denies))
    return _joined(by_resource, lambda one: (one.actions, one.conditions, one.denies))


def _joined(statements: Iterable[Statement], key: Callable[[Statement], object]) -> list[Statement]:
    found: dict[object, Statement] = {}
    for one in statements:
        known = found.get(key(one))
        if known is None:
            found[key(one)] = one
        else:
            actions, resources = _each(known.actions, one.actions), _each(known.resources, one.resources)
            found[key(known)] = replace(known, actions=actions, resources=resources)
    return list(found.values())


def split(statements: Iterable[Statement], longest: int = LONGEST_POLICY) -> Sequence[Sequence[Statement]]:
    """As few policies as they fit into, in order; one that has no room for all resources of a statement has some, and
    the next one the others. What is too long for any stands alone in its own."""
    parts, left = list[list[Statement]](), 0
    for statement in statements:
        rest: Statement | None = statement
        while rest is not None:
            fits, others = _cut(rest, left)
            if fits is None:
                parts.append([])
                left = longest - size(()) + 1
                fits, others = _cut(rest, left)
                fits, others = (rest, None) if fits is None else (fits, others)
            parts[-1].append(fits)
            left -= _length(fits)
            rest = others
    return parts


def _length(one: Statement) -> int:
    """Characters of it in a policy, with the comma before it."""
    return size([one]) - size(()) + 1


def _cut(one: Statement, room: int) -> tuple[Statement | None, Statement | None]:
    """As much of a statement as there is room for, and the rest."""
    if _length(one) <= room:
        return one, None
    left, count = room - _length(replace(one, resources=("", ""))), 0
    while count < len(one.resources) and (left := left - len(one.resources[count]) - len('"",')) >= 0:
        count += 1
    if not count:
        return None, one
    return replace(one, resources=one.resources[:count]), replace(one, resources=one.resources[count:])


def is_like(text: str, patterns: Iterable[str], *, folded: bool = False) -> bool:
    """Whether IAM takes a text for one of some patterns."""
    return any(_pattern(one, folded).fullmatch(text) for one in patterns)


@lru_cache(maxsize=4096)
def _pattern(pattern: str, folded: bool) -> re.Pattern[str]:  # hashed by position
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if folded else re.NOFLAG))


def _short(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)


def _each(*lists: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for texts in lists for one in texts))
