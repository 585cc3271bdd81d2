"""The typed client of the HTTP API: what a command asks of a server, as functions with the same errors."""

from odmd.client.client import Client
from odmd.client.stream import AgentWord

__all__ = ["AgentWord", "Client"]
