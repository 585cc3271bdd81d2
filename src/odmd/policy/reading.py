"""Policies as they are written, taken apart as far as choosing among them needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import cedarpy

from odmd.graph.governed import PolicyFile

Named = tuple[str, str]
"""Type and name of something that a policy speaks of."""
BUILT_IN: Final = "built in"
_TOKEN: Final = re.compile(r'//[^\n]*|"(?:[^"\\]|\\.)*"|;', re.DOTALL)


class PoliciesUnread(ValueError):
    """A file of policies is not Cedar; with the line, as far as that is known."""

    def __init__(self, fact: str, line: int) -> None:
        super().__init__(fact)
        self.line = line


@dataclass(frozen=True, slots=True)
class CedarPolicy:
    """One policy: where it stands, and to whom and what it can apply at all."""

    key: str
    """`production.cedar:12`."""
    name: str
    """Its `@id`, or its key."""
    file: str
    line: int
    text: str
    tree: Mapping[str, Any]
    """As Cedar's JSON has it."""
    permits: bool
    actions: frozenset[str] | None
    """Actions and groups in its head; None: any."""
    who: Named | None
    """Whom its head names."""
    what: Named | None
    """What its head names."""
    speaks_of: frozenset[Named]
    """All that it names."""

    def can_be_of(self, teams: Set[str], name: str) -> bool:
        """Whether its head lets it apply to somebody who is called this, and in these teams."""
        match self.who:
            case ("Team", team):
                return team in teams
            case ("Actor", actor):
                return actor == name
            case _:
                return True

    def __str__(self) -> str:
        return self.name if self.name == self.key else f"{self.name} ({self.key})"


def read_file(file: PolicyFile) -> Sequence[CedarPolicy]:
    """The policies of a file.

    Raises:
        PoliciesUnread
    """
    texts = list(_split(file.text))
    try:
        trees = json.loads(cedarpy.policies_to_json_str(file.text))
    except ValueError as wrong:
        raise PoliciesUnread(_fact(wrong), _line_of_mistake(texts)) from wrong
    if trees["templates"]:
        raise PoliciesUnread("it has a template (?principal, ?resource), and nothing fills one", 1)
    found = trees["staticPolicies"]
    if len(found) != len(texts):
        raise PoliciesUnread("its policies cannot be told apart", 1)
    return [_policy(file.name, line, text, found[f"policy{number}"]) for number, (line, text) in enumerate(texts)]


@cache
def defaults() -> Sequence[CedarPolicy]:
    """Those that hold wherever there are any."""
    text = (Path(__file__).parent / "defaults.cedar").read_text(encoding="utf-8")
    return read_file(PolicyFile(BUILT_IN, text))


def _policy(file: str, line: int, text: str, tree: Mapping[str, Any]) -> CedarPolicy:
    key = f"{file}:{line}"
    head, action = tree["principal"], tree["action"]
    annotations: Mapping[str, str] = tree.get("annotations") or {}
    return CedarPolicy(
        key=key,
        name=annotations.get("id") or key,
        file=file,
        line=line,
        text=text,
        tree=tree,
        permits=tree["effect"] == "permit",
        actions=frozenset(one["id"] for one in _entities_of(action)) if action["op"] != "All" else None,
        who=next(((one["type"], one["id"]) for one in _entities_of(head)), None),
        what=next(((one["type"], one["id"]) for one in _entities_of(tree["resource"])), None),
        speaks_of=frozenset(_named(tree)),
    )


def _entities_of(head: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    if entity := head.get("entity") or head.get("in", {}).get("entity"):
        yield entity
    yield from head.get("entities", ())


def _named(tree: object) -> Iterator[Named]:
    if isinstance(tree, Mapping):
        of_it = cast("Mapping[str, Any]", tree)
        if set(of_it) == {"type", "id"} and isinstance(of_it["id"], str):
            yield of_it["type"], of_it["id"]
        for one in of_it.values():
            yield from _named(one)
    elif isinstance(tree, list):
        for one in cast("list[Any]", tree):
            yield from _named(one)


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The policies of a text, each with the line where it begins."""
    began = 0
    for found in _TOKEN.finditer(text):
        if found[0] != ";":
            continue
        said = text[began : found.end()]
        bare = _without_comments(said)
        yield text.count("\n", 0, began + bare) + 1, said[bare:]
        began = found.end()
    if (bare := _without_comments(text[began:])) < len(text) - began:
        yield text.count("\n", 0, began + bare) + 1, text[began + bare :]


def _without_comments(text: str) -> int:
    """Where the first word stands that is no comment."""
    found = re.match(r"(?:\s|//[^\n]*(?:\n|$))*", text)
    return found.end() if found else 0


def _line_of_mistake(texts: Sequence[tuple[int, str]]) -> int:
    """Where the first policy stands that is none."""
    for line, text in texts:
        try:
            cedarpy.PolicySet.from_str(text)
        except ValueError:
            return line
    return 1


def _fact(wrong: ValueError) -> str:
    return " ".join(str(wrong).split())
