"""Programs of a service's own: run in a checkout with their inputs, they write their products to a file."""

from odmd.providers.command.procedure import CommandProcedure
from odmd.providers.command.removal import CommandRemover

__all__ = ["CommandProcedure", "CommandRemover"]
