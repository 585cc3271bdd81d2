"""Where images are pushed to, and with what right."""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RepositoryAddress:
    """A repository of images."""

    url: str
    """Of the server that speaks for the registry."""
    host: str
    """As images are named by, which a server on this machine has to be told."""
    repository: str

    @property
    def uri(self) -> str:
        """As others name it: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders`."""
        return f"{self.host}/{self.repository}"


@dataclass(frozen=True, slots=True, repr=False)
class PushRight:
    """User and password for one registry; neither is shown."""

    user: str
    password: str

    def header(self) -> str:
        """As requests carry it."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
