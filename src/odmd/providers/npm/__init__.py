"""Packages for npm: built in a clean environment, packed so that the same files are the same bytes, and published."""

from odmd.providers.npm.handover import NpmHandovers
from odmd.providers.npm.procedure import NpmProcedure
from odmd.providers.npm.proof import NpmProof

__all__ = ["NpmHandovers", "NpmProcedure", "NpmProof"]
