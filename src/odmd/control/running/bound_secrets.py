"""The secrets of one run: where each is, and for whom its text is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from odmd.model.secret_references import SecretReference, known_as, unbound
from odmd.plan.settings import PlannedSettings


@dataclass(frozen=True, slots=True)
class BoundSecret:
    """Where a needed secret is, as it was fixed before the run began."""

    reference: SecretReference
    version: str = ""
    """Empty: whichever is the current one."""
    full_name: str = ""
    """What its store calls it, as the store said it: an ARN."""

    @property
    def id(self) -> str:
        """What whoever reads it by itself asks its store for."""
        return self.full_name or known_as(self.reference)[0]

    @property
    def field(self) -> str:
        """Which member of the JSON object it is that the secret is; empty: all of it."""
        return known_as(self.reference)[1]


def bound_secrets(settings: PlannedSettings) -> Mapping[str, BoundSecret]:
    """By the names that the contracts need them by.

    Raises:
        ReferenceInvalid
    """
    return {name: BoundSecret(*unbound(identity)) for name, identity in settings.secrets}
