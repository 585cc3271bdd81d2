"""What is found where an enver runs, beside what its last run left there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from odmd.graph import EnverNode
from odmd.model.targets import Target

Sort = Literal["gone", "template", "parameter", "tag", "output", "resource"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was deployed."""

    unit: str
    """Stack and the like."""
    sort: Sort
    what: str
    """Which part of it: the name of a parameter, the path in a template."""
    expected: str
    """Empty: nothing, or nothing that may be told."""
    found: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What a look at one enver found."""

    findings: tuple[Finding, ...] = ()
    unchecked: tuple[str, ...] = ()
    """Resources that the provider cannot tell of."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """An enver as its last run left it."""

    node: EnverNode
    """As the contracts had it then."""
    target: Target
    recipe: bytes
    consumed: Mapping[str, str]
    """Input name → text."""
    published: Mapping[str, str]
    """Product name → text."""


class Observer(Protocol):
    """Looks at what runs of one build type; one per provider."""

    def observe(self, deployed: Deployed, *, resources: bool) -> Observation:
        """Changes nothing.

        Args:
            resources: also looks at every resource of its own, as far as the provider can; that takes longer.

        Raises:
            AssemblyUnfit: nobody can read any more what was deployed.
            StillMoving, CloudUnreachable, CredentialsRefused, CloudRefused
        """
        ...
