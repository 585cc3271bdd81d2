"""The organisation's contracts as a Python package: built, held against what is published, and published."""

from odmd.providers.contracts.procedure import ContractsProcedure

__all__ = ["ContractsProcedure"]
