"""The inputs of a deployment, by content: equal fingerprints mean that there is nothing to do."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.plan.commits import Author
from odmd.plan.settings import NO_SETTINGS, PlannedSettings


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What one deployment is made of. Two are equal when their content is, whatever commit it was taken from."""

    commit: str
    """Where the source is taken from: a label, unless nobody knows its content."""
    slice: str
    """Digest of the enver's slice of the contracts."""
    values: tuple[tuple[str, str], ...]
    """(input name, identity of the consumed value), sorted by name."""
    content: str = ""
    """Id of the trees that the build reads; empty when nobody noted it, and then the commit stands for it."""
    subject: str = ""
    """What the commit says of itself, for people: a label, as the commit is."""
    lookups: tuple[tuple[str, str], ...] = ()
    """(context key, answer as JSON) of what the app looked up in its account, sorted by key."""
    settings: PlannedSettings = NO_SETTINGS
    """Private config and secrets."""
    author: Author | None = None
    """Who wrote the commit: a label, too."""

    @property
    def source(self) -> str:
        """What stands for the source: its content, or else its commit."""
        return self.content or self.commit

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fingerprint):
            return NotImplemented
        return (
            self.values == other.values
            and self.slice == other.slice
            and self.lookups == other.lookups
            and self.settings == other.settings
            and self.has_source_of(other)
        )

    def __hash__(self) -> int:
        return hash((self.slice, self.values))

    def has_source_of(self, other: Fingerprint) -> bool:
        """Whether both are made from equal source."""
        return same_source((self.commit, self.content), (other.commit, other.content))

    def differs_only_in_values(self, other: Fingerprint) -> bool:
        """Whether the way from `other` to this needs no new source and no new contract."""
        return self.is_made_as(other) and (self.values, self.settings) != (other.values, other.settings)

    def differs_only_live(self, other: Fingerprint) -> bool:
        """Whether the way from `other` to this needs no deployment: only what is read live is another."""
        handed, others = ((one.values, one.settings.deployed) for one in (self, other))
        return self.is_made_as(other) and handed == others and self.settings != other.settings

    def is_made_as(self, other: Fingerprint) -> bool:
        """Whether what source is needed for is the same: the source, contracts, lookups, and what synthesis reads."""
        made, others = ((one.slice, one.lookups, one.settings.synthesis) for one in (self, other))
        return made == others and self.has_source_of(other)


def same_source(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two (commit, content) are equal source: by content where both are known, else by commit."""
    return one[1] == other[1] if one[1] and other[1] else one[0] == other[0]
