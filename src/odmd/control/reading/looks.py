"""What people look at first, for whoever sees these records and these contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from odmd.control.reading.named import suggestion
from odmd.control.reading.neighbourhood import NeighbourhoodView, neighbourhood
from odmd.control.reading.overview import OpenQuestionView, OverviewAsked, OverviewView, open_questions, overview
from odmd.control.reading.records import Records
from odmd.control.reading.search import Hit, search
from odmd.errors import EnverUnknown
from odmd.graph import Graph
from odmd.model import naming
from odmd.model.kinds import Kind


class FirstLooks(Protocol):
    """Here, or at a server."""

    def overview(self, asked: OverviewAsked) -> OverviewView:
        """Builds with their envers by stages, and how many are in which state."""
        ...

    def open_questions(self) -> Sequence[OpenQuestionView]:
        """All that waits for somebody's answer; what asked first comes first."""
        ...

    def neighbourhood(self, typed: str, up: int, down: int) -> NeighbourhoodView:
        """Who is around a declared enver, so many wires away.

        Raises:
            EnverUnknown
        """
        ...

    def search(self, text: str, most: int = 20) -> Sequence[Hit]:
        """Envers, builds, teams, products and commits by a part of their names."""
        ...


@dataclass(frozen=True, slots=True)
class KeptLooks:
    """`FirstLooks` at what is recorded."""

    records: Records
    graph: Graph
    kinds: Mapping[str, type[Kind]]

    def overview(self, asked: OverviewAsked) -> OverviewView:
        return overview(self.records.all_envers(), self.graph, asked)

    def open_questions(self) -> Sequence[OpenQuestionView]:
        return open_questions(self.records.asking(), self.graph)

    def neighbourhood(self, typed: str, up: int, down: int) -> NeighbourhoodView:
        envers = self.graph.envers
        if (address := naming.enver_address(typed, envers)) not in envers:
            known = {node.label for node in envers.values()}
            raise EnverUnknown(f"{typed} is not in the contracts", next_step=suggestion(typed, known))
        return neighbourhood(self.graph, self.kinds, address, (up, down), self.records.views_of)

    def search(self, text: str, most: int = 20) -> Sequence[Hit]:
        return search(text, self.graph, self.records.all_envers(), most)
