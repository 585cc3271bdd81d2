"""Server-sent events, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from odmd.control.reading.views import Happened
from odmd.control.scheduler.codec import TOLD


@dataclass(frozen=True, slots=True)
class AgentWord:
    """An agent's word on a run; not kept by the server."""

    run: int
    line: str
    lasting: bool


@dataclass(frozen=True, slots=True)
class Alive:
    """Nothing happened, and the connection lives; the first one says from where on all is told."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the stream, with the id to resume after."""

    id: str
    what: Happened | AgentWord | Alive


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """What the stream says; comments are signs of life."""
    id, event, data = "", "", list[str]()
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "id":
                id = value
            case "event":
                event = value
            case "data":
                data.append(value)
            case "" if line:
                yield Message(id, Alive())
            case "":
                if data and (what := _what(event, "\n".join(data))):
                    yield Message(id, what)
                event, data = "", []
            case _:
                pass


def _what(event: str, data: str) -> Happened | AgentWord | None:
    told: dict[str, Any] = json.loads(data)
    match event:
        case "log":
            return Happened(told["position"], TOLD.decode(told["type"], json.dumps(told["body"])))
        case "progress":
            return AgentWord(told["run"], told["line"], told["lasting"])
        case _:
            return None  # of a newer release
