"""What changed of private settings: whether what is configured so far still fits, and which field it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from odmd.graph.difference.both import Both
from odmd.graph.difference.changes import ContractChange, Verdict, What
from odmd.graph.difference.say import changed, short
from odmd.graph.nodes import EnverNode
from odmd.graph.schemas import Json, misfits


def of_configs(both: Both, old: EnverNode, new: EnverNode) -> Iterator[ContractChange]:
    """New ones, gone ones, and those with another schema."""
    was, now = ({one.name: one.schema for one in node.configs} for node in (old, new))
    for name in sorted(now.keys() - was.keys()):
        yield changed(Verdict.ADDITIVE, What.ENVER, old.address, "config", "", name)
    for name in sorted(was.keys() - now.keys()):
        yield changed(Verdict.REMOVED, What.ENVER, old.address, "config", name, "")
    for name in sorted(was.keys() & now.keys()):
        yield from _schema_changed(both, old.address, name, was[name], now[name])


def _schema_changed(both: Both, enver: str, name: str, was: str, now: str) -> Iterator[ContractChange]:
    earlier, later = both.before.documents.get(was), both.after.documents.get(now)
    if was == now and earlier == later:
        return
    verdict, details = _judged(earlier, later) if earlier and later else (Verdict.VALUE_ONLY, ())
    names = (was, now) if short(was) == short(now) and was != now else (short(was), short(now))
    yield changed(verdict, What.ENVER, enver, f"config {name}", *names, details=tuple(details))


def _judged(earlier: Json, later: Json) -> tuple[Verdict, Sequence[str]]:
    """Whether what is configured so far fits, and the fields that are why."""
    if wrong := misfits(earlier, later):
        return Verdict.BREAKING, [f"in what is configured so far, {one}" for one in wrong]
    old, new = _fields(earlier), _fields(later)
    shape = [f"{field} is new" for field in new if field not in old]
    shape += [f"{field} goes" for field in old if field not in new]
    shape += [said for said in misfits(later, earlier) if not said.endswith(" is not there")]
    defaults = [
        f"{field} defaults to {said.get('default', 'nothing')}"
        for field, said in new.items()
        if field in old and said.get("default") != old[field].get("default")
    ]
    return Verdict.ADDITIVE if shape else Verdict.VALUE_ONLY, [*shape, *defaults]


def _fields(document: Json) -> Mapping[str, Mapping[str, Any]]:
    return document.get("properties", {})
