"""Who may do what: pure, in one place, asked where a message is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from odmd.control.scheduler.envers import LOSS, Offer
from odmd.plan.wiring import Wiring

ADMINS: Final = ""
"""In a team's place: nobody but admins."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something, as the server knows him."""

    name: str
    teams: tuple[str, ...] = ()
    admin: bool = False


def approver(wiring: Wiring | None, enver: str, input: str, offer: Offer) -> str | None:
    """The team that answers an offer, or `ADMINS`; None: whoever may write.

    Data is its enver's team's to lose; that of an enver which left the contracts is no team's any more.
    """
    if input != LOSS or offer.gate:
        return offer.gate
    declared = wiring.graph.envers.get(enver) if wiring else None
    return declared.team if declared else ADMINS


def may_answer(actor: Actor | None, team: str | None) -> bool:
    """None: whoever works on the state folder itself is trusted, he could write there what he likes."""
    return actor is None or actor.admin or team is None or (team != ADMINS and team in actor.teams)
