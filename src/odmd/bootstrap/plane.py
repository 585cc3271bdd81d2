"""Which control plane a command works with: that of a state folder, or that of a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odmd.control.leading.plane import Plane
    from odmd.providers.cage import Isolation


def plane(
    server: str | None, state: Path | None = None, contracts: str | None = None, isolation: Isolation | None = None
) -> Plane:
    """The server's, or else the one here; arguments are what the command line said.

    Raises:
        SettingsInvalid: nobody can say where it is.
    """
    if server is not None:
        from odmd.client.plane import HttpPlane

        return HttpPlane(server)
    from odmd.bootstrap.local_plane import LocalPlane
    from odmd.bootstrap.settings import read_settings

    return LocalPlane(read_settings(contracts, state, isolation))
