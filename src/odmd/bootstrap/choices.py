"""Settings that are one of a few words."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from odmd.errors import SettingsInvalid

W = TypeVar("W", bound=StrEnum)


def read_choice(words: type[W], said: object, where: str) -> W | None:
    """The word that is said; None where nothing is.

    Raises:
        SettingsInvalid
    """
    if said is None:
        return None
    try:
        return words(said)
    except ValueError:
        raise SettingsInvalid(f"{where} must be one of {', '.join(words)}, not {said!r}") from None
