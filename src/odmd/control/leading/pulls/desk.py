"""What is asked of the control plane for a pull request: with the rights of who asks, and as he sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from odmd.control.leading.wishes import Wish
from odmd.control.ports.pulls import Pull
from odmd.control.reading.clones import CloneSetView
from odmd.control.reading.views import Cause, QuestionView
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.clones import KeptClones
from odmd.graph import EnverNode, Graph
from odmd.plan import Plan
from odmd.plan.build import Limited
from odmd.plan.clones import CloneWish
from odmd.plan.fitting import FitAnswer


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """A question that is open."""

    enver: str
    question: QuestionView


class PullDesk(Protocol):
    """Each raises NotAllowed where somebody may not, NotAllVisible where he does not see what it reaches, and what the
    command of the same name raises."""

    @property
    def graph(self) -> Graph:
        """The contracts in force, with clones."""
        ...

    def make_clones(self, wish: CloneWish, by: Actor, why: str, key: str | None) -> str:
        """Plans, and carries out; the address of the set, be it that it is there already."""
        ...

    def end_clones(self, clones: str, by: Actor, why: str) -> None:
        """They are to go: a plan of their own removes them."""
        ...

    def kept_clones(self, clones: str) -> KeptClones | None:
        """A set that was made on demand, by its address."""
        ...

    def plan(self, limited: Limited, by: Actor) -> Plan: ...

    def carry_out(self, digest: str, by: Actor, why: str, key: str) -> None: ...

    def wish(self, wish: Wish, by: Actor, key: str) -> None: ...

    def why(self, enver: str, by: Actor) -> Sequence[Cause]: ...

    def view(self, clones: str) -> CloneSetView | None:
        """A set, as people see it."""
        ...

    def deployed(self, envers: Sequence[str]) -> Sequence[str]:
        """What surely runs of each, as far as it is known."""
        ...

    def urls(self, envers: Sequence[str]) -> Sequence[tuple[str, str]]:
        """(product, address) of what they published to be called: nothing that is config, or opens doors."""
        ...

    def asks(self, envers: Sequence[str], by: Actor | None = None) -> Sequence[OpenAsk]:
        """What they ask now."""
        ...

    def fits(self, enver: EnverNode, commit: str) -> FitAnswer:
        """Whether a commit fits what runs beside it."""
        ...

    def merged(self, pull: Pull, envers: Sequence[str]) -> Plan:
        """What would be deployed if it were merged now; it is not kept."""
        ...
