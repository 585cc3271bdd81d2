"""Stores of secrets in memory, for tests: what they say of a secret is what its real store would."""

from __future__ import annotations

from dataclasses import dataclass, field

from odmd.control.ports.secrets import Described, SecretStanding, SecretStores
from odmd.errors import SecretMissing, SecretRotated, SecretStoreUnreachable, SecretUnreadable
from odmd.model.secret_references import GithubSecret, SecretReference
from odmd.model.targets import Target


@dataclass(slots=True)
class FakeSecrets:
    """Every store at once; a secret is known by its reference."""

    texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """By reference, each version's; the last is the current one."""
    standing: dict[str, SecretStanding] = field(default_factory=dict[str, SecretStanding])
    """Of those that are not simply there."""
    is_away: bool = False
    keeps_versions: bool = True
    read_of: list[str] = field(default_factory=list[str])
    """What was read, in its order."""

    @property
    def stores(self) -> SecretStores:
        """All of which are this."""
        return SecretStores(self, self, self, self, self)

    def put(self, reference: str, text: str) -> None:
        """Makes a secret, or gives it another text."""
        self.texts.setdefault(reference, []).append(text)

    def describe(self, reference: SecretReference, target: Target) -> Described:  # noqa: ARG002
        if self.is_away:
            raise SecretStoreUnreachable("the store does not answer", next_step="wait")
        if (standing := self.standing.get(str(reference))) is not None:
            return Described(standing, why="so it is said")
        if not (texts := self.texts.get(str(reference))):
            return Described(SecretStanding.ABSENT)
        return Described(SecretStanding.THERE, str(len(texts)))

    def read(self, reference: SecretReference, target: Target, version: str = "") -> str:
        described = self.describe(reference, target)
        if described.standing is not SecretStanding.THERE:
            raise SecretMissing.of(str(reference), described.standing, described.why)
        if isinstance(reference, GithubSecret):
            raise SecretUnreadable(f"GitHub tells nobody the text of {reference}")
        if version and version != described.version and not self.keeps_versions:
            raise SecretRotated.of(str(reference))
        self.read_of.append(str(reference))
        return self.texts[str(reference)][int(version or described.version) - 1]
