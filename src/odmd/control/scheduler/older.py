"""What older releases wrote, as this one reads it: JSON objects, each as the next version of its class has it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, cast

Fields = dict[str, Any]
Upcast = Callable[[Fields], Fields]
"""Makes the fields of the next version from those of one."""


def actor(said: Mapping[str, Any]) -> Fields:
    """Who was a name alone. That he might was looked at when he asked; teams counted with answers only."""
    name, known = str(said.get("by", "")), cast("Fields | None", said.get("actor"))
    admin = known is None or bool(known.get("admin"))
    teams: list[str] = known.get("teams", []) if known else []
    kind = "odmd" if name == "odmd" else "person"
    scope = "admin" if admin else "write"
    return {"name": name, "kind": kind, "proof": "", "scope": scope, "teams": teams}


def acted(said: Fields) -> Fields:
    """`by` became an actor."""
    return {**{name: one for name, one in said.items() if name != "actor"}, "by": actor(said)}


def renamed(said: Fields) -> Fields:
    """`assembly` became the recipe, `stacks` became units."""
    names = {"assembly": "recipe", "stacks": "units"}
    return {names.get(name, name): one for name, one in said.items()}


def pinned(said: Fields) -> Fields:
    """A pin has both."""
    pin = said.get("pin")
    return {**said, "pin": acted(renamed(pin)) if pin else None}


def left(said: Fields, name: str) -> Fields:
    """What left was said to be a stack."""
    kept: list[Fields] = said.get(name, [])
    return {**said, name: [{("unit" if key == "stack" else key): one for key, one in each.items()} for each in kept]}


def sliced(said: Fields) -> Fields:
    """`contracts` became the slice, wherever it stood beside a commit."""

    def change(one: Fields) -> Fields:
        return {**{k: v for k, v in one.items() if k != "contracts"}, "slice": one["contracts"]}

    return cast("Fields", _within(said, {"commit", "contracts"}, change))


def targeted(said: Fields) -> Fields:
    """`account` and `region` became a target; empty ones, of something that was nowhere, none."""

    def change(one: Fields) -> Fields:
        others = {name: value for name, value in one.items() if name not in {"account", "region"}}
        return {**others, "target": {"account": one["account"], "region": one["region"]} if one["account"] else None}

    return cast("Fields", _within(said, {"account", "region"}, change))


def _within(said: object, names: Collection[str], change: Upcast) -> object:
    """With each object changed that has all of these, at any depth."""
    match said:
        case dict():
            within = {name: _within(one, names, change) for name, one in cast("Fields", said).items()}
            return change(within) if within.keys() >= set(names) else within
        case list():
            return [_within(one, names, change) for one in cast("list[object]", said)]
        case _:
            return said


def _kept(said: Fields) -> Fields:
    return left(said, "kept")


def _paused(said: Fields) -> Fields:
    return {**said, "pause": acted(said["pause"])}


UPCASTS: Final[Mapping[tuple[str, int], Upcast]] = {
    **{
        (name, 1): acted
        for name in (
            *("StartChange", "CancelRun", "Answer", "PauseScope", "ResumeScope", "ReleaseEnver", "ReportDrift"),
            *("Recover", "ChangeAccepted", "ChangesEnded", "Approved", "Rejected", "CancelAsked", "Resumed"),
            *("Released", "Drifted", "RemovalAsked", "ClearanceAsked", "Recovered"),
        )
    },
    **{
        (name, 1): renamed
        for name in (
            *("FinishRun", "FailRun", "RunStarted", "RunSucceeded", "RunFailed", "RemovalStarted"),
            *("ClearanceStarted", "RemoveEnver", "ClearUnits"),
        )
    },
    **{(name, 1): pinned for name in ("PinEnver", "Pinned")},
    **{(name, 1): _kept for name in ("FinishClearance", "ClearanceEnded")},
    ("Paused", 1): _paused,
    **{(name, 1): sliced for name in ("AnswerHeld", "HoldAnswer")},
    **{(name, 2): sliced for name in ("StartChange", "ChangeAccepted", "RunStarted", "PinEnver", "Pinned", "Released")},
    **{
        (name, 2): targeted
        for name in (
            *("RemovalStarted", "ClearanceStarted", "ClearanceEnded", "FinishClearance", "RemoveEnver", "ClearUnits"),
        )
    },
}
"""By class and the version that is read, the first being 1. What is written is one more than the highest of a class.

For messages, events and effects; projections are rewritten by a migration."""
RENAMED: Final[Mapping[str, str]] = {"RemoveStacks": "RemoveEnver", "ClearStacks": "ClearUnits"}
"""Classes by the name that older releases wrote."""
