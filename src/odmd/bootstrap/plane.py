"""Which control plane a command works with: that of a state folder, or that of a server."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from odmd.errors import OdmdError

if TYPE_CHECKING:
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.views import ContractsView
    from odmd.isolation import Isolation


def plane(
    server: str | None, state: Path | None = None, contracts: str | None = None, isolation: Isolation | None = None
) -> Plane:
    """The server's, or else the one here; arguments are what the command line said.

    Raises:
        SettingsInvalid: nobody can say where it is.
    """
    if server is not None:
        from odmd.client.plane import HttpPlane

        return HttpPlane(server, partial(contracts_here, contracts, isolation))
    from odmd.bootstrap.local_plane import LocalPlane
    from odmd.bootstrap.settings import read_settings

    return LocalPlane(read_settings(contracts, state, isolation))


def contracts_here(contracts: str | None, isolation: Isolation | None = None) -> ContractsView | None:
    """The contracts here; None where there are none to be had, and nobody asked for any.

    Args:
        contracts: as somebody gave them.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound: those that somebody gave cannot be read.
    """
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.control.reading.views import ContractsView

    try:
        graph = load_contracts(read_settings(contracts, isolation=isolation)).graph
    except OdmdError:
        if contracts is not None:
            raise
        return None
    return ContractsView(graph.organisation, graph.digest(), graph.version, len(graph.envers))
