"""The providers that an agent works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from odmd.control.ports.provers import NobodyKnows, Prover
from odmd.control.ports.secrets import NO_STORES, SecretStores
from odmd.control.ports.world import Artifacts, Handovers, Mirror, Repositories
from odmd.control.running.needed import RecipeNeeds
from odmd.control.running.pricing import Pricer
from odmd.control.running.procedures import Procedure
from odmd.control.running.verifying import NobodyVerifies, Verifier
from odmd.control.scheduler.values import Resource
from odmd.errors import NotYetCarriedOut
from odmd.graph import EnverNode
from odmd.model.targets import Target


class NoParameters:
    """A `Mirror` for who writes none."""

    def held(self, path: str, target: Target) -> str | None:
        raise self._refused(path, target)

    def put(self, path: str, text: str, target: Target) -> None:  # noqa: ARG002
        raise self._refused(path, target)

    def clear(self, path: str, target: Target) -> None:
        raise self._refused(path, target)

    def _refused(self, path: str, target: Target) -> NotYetCarriedOut:
        return NotYetCarriedOut(
            f"this agent writes no parameters, as {path} in {target.account}",
            next_step="let an agent of the server's release carry it out",
        )


@dataclass(frozen=True, slots=True)
class Tools:
    """One of each port that a run needs."""

    repositories: Repositories
    procedures: Mapping[str, Procedure]
    """By build type."""
    handovers: Mapping[str, Handovers]
    """By the provider of a resource."""
    artifacts: Artifacts
    prover: Prover = field(default_factory=NobodyKnows)
    """Of what runs need."""
    recipe_needs: Mapping[str, RecipeNeeds] = field(default_factory=dict[str, RecipeNeeds])
    """By build type, what recipes need."""
    parameters: Mirror = field(default_factory=NoParameters)
    """Where services read config, live."""
    secrets: SecretStores = NO_STORES
    """Where needed secrets are."""
    verifier: Verifier = field(default_factory=NobodyVerifies)
    """What makes the checks of envers."""
    pricers: Mapping[str, Pricer] = field(default_factory=dict[str, Pricer])
    """By build type, who knows what it costs by being there."""

    def procedure_of(self, enver: EnverNode) -> Procedure:
        """How an enver is brought about.

        Raises:
            NotYetCarriedOut
        """
        try:
            return self.procedures[enver.build_type]
        except KeyError:
            raise NotYetCarriedOut(
                f"{enver.label} is built as {enver.build_type or 'nothing known'}, which this agent cannot carry out",
                next_step="let an agent of the server's release carry it out",
            ) from None

    def handovers_of(self, resource: Resource) -> Handovers:
        """How what arrives at a resource goes on to its successor.

        Raises:
            NotYetCarriedOut
        """
        try:
            return self.handovers[resource.provider]
        except KeyError:
            raise NotYetCarriedOut(
                f"{resource.physical_id} is at {resource.provider or 'no provider'}, which this agent knows nothing of",
                next_step="let an agent of the server's release carry it out",
            ) from None
