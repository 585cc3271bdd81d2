"""Whose contracts a server planned with, where those here say something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.errors import OdmdError

if TYPE_CHECKING:
    from odmd.client import Client
    from odmd.control.reading.views import ContractsView
    from odmd.isolation import Isolation


def say_whose_contracts(client: Client, contracts: str | None, isolation: Isolation | None = None) -> None:
    """On stderr, where the contracts here differ from those that the server has.

    Args:
        contracts: as somebody gave them; they are looked at in any case then.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound: those that somebody gave cannot be read.
    """
    from rich.text import Text

    from odmd.cli.output import console, next_step

    mine = _here(contracts, isolation)
    if mine is None or mine.digest == (theirs := client.contracts()).digest:
        return
    out = console(stderr=True)
    said = f"the server planned with its own contracts, {_named(theirs)}; those here are {_named(mine)}"
    out.print(Text("! ", "yellow").append(said, "default"), soft_wrap=True)
    out.print(
        next_step(
            "without --server (and ODMD_SERVER), `odmd plan` plans with those here, on the state here; the server "
            "takes over what its own files say when it reads them anew: kill -HUP, or POST /api/v1/contracts:reload"
        ),
        soft_wrap=True,
    )


def _here(contracts: str | None, isolation: Isolation | None) -> ContractsView | None:
    """The contracts here; None where there are none to be had, and nobody asked for any."""
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


def _named(contracts: ContractsView) -> str:
    edition = f"edition {contracts.version}, " if contracts.version else ""
    return f"{contracts.organisation} ({edition}{contracts.digest.removeprefix('sha256:')[:7]})"
