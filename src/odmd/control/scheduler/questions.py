"""What people are asked about, in words."""

from __future__ import annotations

from typing import Final

from odmd.control.scheduler.envers import LOSS, Offer

QUESTION_NAMES: Final = {"": "commit", LOSS: "data"}
"""What people call the questions that are about no input."""


def question(input: str, offer: Offer) -> str:
    """What an offer is about."""
    content = offer.content
    if input == LOSS:
        return f"{QUESTION_NAMES[LOSS]}: {content.text}"
    return f"{input} #{content.version}" if input else f"commit {content.text[:7]}"
