"""What people look at first, at a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from odmd.client.connection import Connection
from odmd.control.reading.neighbourhood import NeighbourhoodView
from odmd.control.reading.overview import OpenQuestionView, OverviewAsked, OverviewView
from odmd.control.reading.search import Hit


@dataclass(frozen=True, slots=True)
class ServedLooks:
    """`FirstLooks` over HTTP."""

    server: Connection

    def overview(self, asked: OverviewAsked) -> OverviewView:
        said = [("text", asked.text), ("state", asked.state), ("after", asked.after), ("limit", str(asked.limit))]
        return self.server.get(OverviewView, f"/overview?{urlencode([*said, *(('team', one) for one in asked.teams)])}")

    def open_questions(self) -> Sequence[OpenQuestionView]:
        return self.server.get(tuple[OpenQuestionView, ...], "/questions")

    def neighbourhood(self, typed: str, up: int, down: int) -> NeighbourhoodView:
        return self.server.get(NeighbourhoodView, "/neighbourhood", {"of": typed, "up": str(up), "down": str(down)})

    def search(self, text: str, most: int = 20) -> Sequence[Hit]:
        return self.server.get(tuple[Hit, ...], "/search", {"text": text, "limit": str(most)})
