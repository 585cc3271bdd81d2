"""What a run would make its enver cost, where its stage wants people to say yes to that."""

from __future__ import annotations

from contextlib import suppress

from odmd.agent.tools import Tools
from odmd.control.leading.desk import Claim
from odmd.control.running.pricing import DailyCost, Pricer, dearer
from odmd.errors import RecipeUnfit


def costs_more(claim: Claim, tools: Tools, recipe: str) -> str:
    """How much more a day than its stage takes without a word, in words; empty where it is not.

    Raises:
        RecipeUnfit
    """
    pricer, made = tools.pricers.get(claim.enver.build_type), tools.artifacts.get(recipe)
    if claim.dearer_by is None or pricer is None or made is None:
        return ""
    return dearer(_now(claim, tools, pricer), pricer.price(made, claim.enver.target), claim.dearer_by)


def _now(claim: Claim, tools: Tools, pricer: Pricer) -> DailyCost:
    """What it costs as it runs: nothing, where nobody knows."""
    with suppress(RecipeUnfit):
        if claim.runs and (runs := tools.artifacts.get(claim.runs)) is not None:
            return pricer.price(runs, claim.enver.target)
    return DailyCost()
