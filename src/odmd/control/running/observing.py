"""What is found where an enver runs, beside what its last run left there."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from odmd.control.scheduler.drift import Deviation
from odmd.control.scheduler.units import DeployedUnit
from odmd.graph import EnverNode
from odmd.model.targets import Target

_MARK_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Observation:
    """What a look at one enver found."""

    deviations: tuple[Deviation, ...] = ()
    unchecked: tuple[str, ...] = ()
    """Resources that the provider cannot tell of."""


@dataclass(frozen=True, slots=True)
class LastDeployed:
    """An enver as its last run left it."""

    node: EnverNode
    """As the contracts had it then."""
    target: Target
    recipe: bytes
    consumed: Mapping[str, str]
    """Input name → text, of those that people may see."""
    published: Mapping[str, str]
    """Product name → text."""
    commit: str = ""
    units: tuple[DeployedUnit, ...] = ()
    """Those that did not leave its recipe."""
    salt: bytes = b""
    """Of this state; nobody is told of it."""
    since: float = 0.0
    """When its last run ended; seconds since the epoch."""
    tells: bool = True
    """Whether all who see the enver may see what it consumes."""

    def mark(self, text: str) -> str:
        """Tells a text apart from others without telling it."""
        return hmac.new(self.salt, text.encode(), "sha256").hexdigest()[:_MARK_LENGTH]


class Observer(Protocol):
    """Looks at what runs of one build type; one per provider."""

    def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:
        """Changes nothing.

        Args:
            resources: also looks at every resource of its own, as far as the provider can; that takes longer.

        Raises:
            RecipeUnfit: nobody can read any more what was deployed.
            StillMoving, CloudUnreachable, CredentialsRefused, CloudRefused
        """
        ...


class ChangeTeller(Protocol):
    """Tells who changed what runs of one build type; one per provider."""

    def tell(self, deployed: LastDeployed, found: Sequence[Deviation]) -> Sequence[Deviation]:
        """The same deviations, each with who it was, or why that cannot be told. It never fails, as what was found is
        known without it."""
        ...
