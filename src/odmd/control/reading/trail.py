"""Who did what, when, why and from where: the log, searched."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast, get_args

from odmd.control.ports.ledger import Entry, Ledger, Marks
from odmd.control.reading.named import suggestion
from odmd.control.scheduler.events import Event
from odmd.errors import TrailRefused

Fields: TypeAlias = Mapping[str, Any]

_AT_ONCE: Final = 2000
_WHY: Final = ("why", "reason", "cause", "what", "error")
_NAMES: Final = tuple(one.__name__ for one in get_args(Event))


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for; all of it must be so."""

    actor: str = ""
    """His whole name."""
    action: str = ""
    """The name of an event: `Approved`, `change-accepted`."""
    enver: str = ""
    """Its address."""
    text: str = ""
    since: float | None = None
    until: float | None = None


EVERYTHING: Final = Sought()


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """An entry with who did it and why, as far as it says so: what the scheduler does by itself names nobody."""

    position: int
    at: float
    action: str
    """The name of the event."""
    actor: str
    """His name; the worker's, where one acts."""
    proof: str
    """How it is known who he is."""
    origin: str
    """From where he acted."""
    why: str
    """The reason that was given."""
    type: str
    message: str
    body: str
    payload: str
    """The digest of the body."""
    link: str | None

    @property
    def entry(self) -> Entry:
        """As it stands in the log."""
        return Entry(self.position, self.at, self.type, self.message, self.body, self.link)


def found_entries(
    ledger: Ledger, sought: Sought, after: int = 0, limit: int = 500, before: int | None = None
) -> Sequence[TrailEntry]:
    """Entries after a position, in order; with `before`, those below it, newest first.

    Raises:
        TrailRefused: no event is called so.
    """
    marks, found = _marks(sought), list[TrailEntry]()
    at_once = max(limit, _AT_ONCE) if sought.actor or sought.enver else limit
    while page := ledger.entries(after, at_once, marks, before):
        found += [told(entry, said) for entry in page if _is_meant(said := json.loads(entry.body), sought)]
        if len(found) >= limit or len(page) < at_once:
            break
        after, before = (page[-1].position, None) if before is None else (after, page[-1].position)
    return found[:limit]


def told(entry: Entry, said: Fields) -> TrailEntry:
    """An entry, of which the event says these fields."""
    acted = _acted(said)
    return TrailEntry(
        position=entry.position,
        at=entry.at,
        action=entry.type.partition("@")[0],
        actor=_actor(said),
        proof=_of_actor(acted, "proof"),
        origin=_of_actor(acted, "origin"),
        why=_why(acted) or _why(said),
        type=entry.type,
        message=entry.message,
        body=entry.body,
        payload=entry.payload,
        link=entry.link,
    )


def _acted(said: Fields) -> Fields:
    """The part of an event that says who: itself, or what he wants."""
    parts = [said, *(cast("Fields", one) for one in said.values() if isinstance(one, dict))]
    return next((part for part in parts if part.get("by")), said)


def _actor(said: Fields) -> str:
    by = _acted(said).get("by", "")
    return str(by if isinstance(by, str) else by.get("name", "")) or str(said.get("worker", ""))


def _of_actor(acted: Fields, name: str) -> str:
    by = acted.get("by", "")
    return "" if isinstance(by, str) else str(by.get(name, ""))


def _why(part: Fields) -> str:
    return next((one for one in map(part.get, _WHY) if isinstance(one, str) and one), "")


def _marks(sought: Sought) -> Marks:
    texts = [_in_json(text) for text in (sought.actor, sought.enver, sought.text) if text]
    return Marks(_types(sought.action), tuple(texts), sought.since, sought.until)


def _types(action: str) -> tuple[str, ...]:
    wanted = _plain(action)
    if found := tuple(name for name in _NAMES if _plain(name) == wanted or not wanted):
        return found if wanted else ()
    raise TrailRefused(f"no event is called {action}", next_step=suggestion(action, _NAMES))


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _is_meant(said: Fields, sought: Sought) -> bool:
    return (not sought.actor or _actor(said) == sought.actor) and (not sought.enver or _names(said, sought.enver))


def _names(said: object, enver: str) -> bool:
    if isinstance(said, str):
        return said == enver or said.startswith(f"{enver}/")
    if isinstance(said, dict):
        return any(_names(one, enver) for one in cast("Mapping[str, object]", said).values())
    if isinstance(said, list):
        return any(_names(one, enver) for one in cast("list[object]", said))
    return False
