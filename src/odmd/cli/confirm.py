"""Asks whoever is there for a yes."""

from __future__ import annotations

import sys

import typer

from odmd.errors import NotConfirmed


def confirm(
    question: str, *, can_ask: bool, declined: str = "declined, nothing was changed", next_step: str = ""
) -> None:
    """Until he says yes or no.

    Args:
        can_ask: what is said is for people.
        declined: what is so after a no, and `next_step` what to do about it.

    Raises:
        NotConfirmed: he says no, or nobody is there.
    """
    if not (can_ask and sys.stdin.isatty()):
        raise NotConfirmed("nobody is there to say yes", next_step="give --yes")
    if not typer.confirm(question):
        raise NotConfirmed(declined, next_step=next_step)
