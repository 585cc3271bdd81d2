"""Texts of people, such as subjects of commits and reasons of approvals, as they may be shown anywhere in one line."""

from __future__ import annotations

from typing import Final

from odmd.texts import MARK, harmless

LONGEST: Final = 120


def inert(text: str, longest: int = LONGEST) -> str:
    """One line of bounded length, in which nothing moves a cursor, hides text or turns it around."""
    seen = harmless(text[: 4 * longest])
    plain = " ".join("".join(one if one.isprintable() and one != MARK else " " for one in seen).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}…"


def said(why: str) -> str:
    """A reason behind what it is for; nothing where none was given."""
    return f": {inert(why)}" if why else ""
