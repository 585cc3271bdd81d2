"""Where envers live."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """An account and region: for the provider to understand; to everybody else, targets are equal or not."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}, {self.region}"
