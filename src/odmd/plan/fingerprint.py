"""The inputs of a deployment, by content: equal fingerprints mean that there is nothing to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one deployment is made of."""

    commit: str
    """The exact source."""
    contracts: str
    """Digest of the enver's slice of the contracts."""
    values: tuple[tuple[str, str], ...]
    """(input name, identity of the consumed value), sorted by name."""

    def differs_only_in_values(self, other: Fingerprint) -> bool:
        """Whether the way from `other` to this needs no new source and no new contract."""
        return (self.commit, self.contracts) == (other.commit, other.contracts) and self.values != other.values
