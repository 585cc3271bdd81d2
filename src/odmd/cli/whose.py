"""Whose contracts a server planned with, where those here say something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.views import ContractsView


def say_whose_contracts(there: Plane) -> None:
    """On stderr, where the contracts here differ from those that plans are made from.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound: those that somebody gave cannot be read.
    """
    if (both := there.other_contracts()) is None:
        return
    from rich.text import Text

    from odmd.cli.output import console, next_step

    mine, theirs = both
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


def _named(contracts: ContractsView) -> str:
    edition = f"edition {contracts.version}, " if contracts.version else ""
    return f"{contracts.organisation} ({edition}{contracts.digest.removeprefix('sha256:')[:7]})"
