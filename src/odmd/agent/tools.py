"""The providers that an agent works with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from odmd.control.ports.secrets import NO_STORES, SecretStores
from odmd.control.ports.world import Artifacts, Handovers, Proof, Repositories
from odmd.control.running.procedures import Procedure
from odmd.control.scheduler.values import Resource
from odmd.errors import NotYetCarriedOut
from odmd.graph import EnverNode
from odmd.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Tools:
    """One of each port that a run needs."""

    repositories: Repositories
    procedures: Mapping[str, Procedure]
    """By build type."""
    handovers: Mapping[str, Handovers]
    """By the provider of a resource."""
    artifacts: Artifacts
    proofs: Mapping[type[Kind], Proof] = field(default_factory=dict[type[Kind], Proof])
    """By the kind of what runs consume."""
    secrets: SecretStores = NO_STORES
    """Where needed secrets are."""

    def proofs_of(self, kind: type[Kind]) -> Iterator[Proof]:
        """What proves that values of a kind can be used."""
        return (proof for known, proof in self.proofs.items() if issubclass(kind, known))

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
