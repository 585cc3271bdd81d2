"""ODMD150: checks have names of their own, times, and something that they look at."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.graph.rights.derive import WITH_ROLES
from odmd.graph.rights.services import NEVER
from odmd.model import AlarmCheck, Check, CommandCheck, HttpCheck, SuiteCheck

_MOST_MINUTES = 24 * 60
_LONGEST_BAKE = 30 * _MOST_MINUTES
_MOST_RETRIES = 10
_STATUS = range(100, 600)
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z]+\*?")


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds checks that nobody could make, or that would pass whatever is deployed."""
    for node in draft.nodes:
        for what, hint in _wrong(node):
            yield Diagnostic("ODMD150", f"{node.label}: {what}", node.place, hint)


def _wrong(node: EnverNode) -> Iterator[tuple[str, str]]:
    said, known = node.verification, _names(node)
    if not 0 <= said.bake_minutes <= _LONGEST_BAKE:
        yield f"it cannot bake for {said.bake_minutes:g} minutes", "give it 0, or more, and 30 days at most"
    for name in said.order:
        if said.order.count(name) > 1:
            yield f"two of its checks are called {name!r}", 'give one another name: name="…"'
            return
        if not name.strip() or "\0" in name or "\n" in name:
            yield f"a check cannot be called {name!r}", 'give it a name of one line: name="…"'
            continue
        yield from _wrong_of(said.check(name), known)
    if said.rights and node.build_type not in WITH_ROLES:
        fact = f"its checks may do {', '.join(said.rights)}, and a build of type {node.build_type} has no roles"
        yield fact, "let them ask over HTTP"


def _names(node: EnverNode) -> set[str]:
    return {*(one.name for one in node.products), *(one.name for one in node.wires)}


def _wrong_of(one: Check, known: set[str]) -> Iterator[tuple[str, str]]:
    match one:
        case SuiteCheck() | CommandCheck():
            what = one.tests if isinstance(one, SuiteCheck) else one.command
            if not what.strip() or (isinstance(one, SuiteCheck) and what.startswith("-")):
                yield f"check {one.label!r} runs nothing", 'say what: SuiteCheck("tests"), CommandCheck("./smoke")'
            if not 0 < one.minutes <= _MOST_MINUTES:
                yield f"check {one.label!r} cannot have {one.minutes:g} minutes", "give it some, and a day at most"
            if not 0 <= one.retries <= _MOST_RETRIES:
                yield f"check {one.label!r} cannot have {one.retries} retries", f"give it 0 to {_MOST_RETRIES}"
            yield from _wrong_rights(one)
        case HttpCheck():
            yield from _wrong_answer(one, known)
        case AlarmCheck():
            if not one.alarms or not all(name.strip() for name in one.alarms):
                yield f"check {one.label!r} names no alarm", 'name them: AlarmCheck(("orders-errors",))'


def _wrong_rights(one: SuiteCheck | CommandCheck) -> Iterator[tuple[str, str]]:
    for action in one.may:
        if not _ACTION.fullmatch(action) or action.partition(":")[0] in NEVER:
            yield (
                f"check {one.label!r} cannot have {action!r}",
                'name an action of a service that has data or work of the enver\'s own: may=("dynamodb:GetItem",)',
            )
    if one.may and not one.network:
        yield f"check {one.label!r} may do something in AWS, and does not reach it", "say network=True"


def _wrong_answer(one: HttpCheck, known: set[str]) -> Iterator[tuple[str, str]]:
    if one.at not in known and urlsplit(one.at).scheme not in ("http", "https"):
        names = ", ".join(sorted(known)) or "there is none"
        yield (
            f"check {one.label!r} asks at {one.at!r}, which is neither a product nor an input nor an address",
            f"name one of {names}, or write https://…",
        )
    if one.path and not one.path.startswith(("/", "?")):
        yield f"check {one.label!r} has path {one.path!r}", 'let it begin with /: path="/health"'
    if one.status not in _STATUS:
        yield f"check {one.label!r} waits for status {one.status}", "give one of HTTP's: 200"
    if not 0 < one.seconds <= _MOST_MINUTES * 60 or not 0 < one.latency <= one.seconds:
        yield (
            f"check {one.label!r} has no time to be answered in",
            "let latency be no longer than seconds, and both some",
        )
