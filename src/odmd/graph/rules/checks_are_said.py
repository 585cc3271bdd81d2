"""ODMD150: checks have names of their own, times, and something that they look at."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import AlarmCheck, Check, CommandCheck, HttpCheck, SuiteCheck

_MOST_MINUTES = 24 * 60
_LONGEST_BAKE = 30 * _MOST_MINUTES
_MOST_RETRIES = 10
_STATUS = range(100, 600)


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
        case HttpCheck():
            yield from _wrong_answer(one, known)
        case AlarmCheck():
            if not one.alarms or not all(name.strip() for name in one.alarms):
                yield f"check {one.label!r} names no alarm", 'name them: AlarmCheck(("orders-errors",))'


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
