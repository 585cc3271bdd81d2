"""`odmd emulator`: an AWS on this machine for one's own organisation."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.graph import Compiled, Graph
    from odmd.model.targets import Target
    from odmd.providers.aws import Emulator

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)
_LOOK_SECONDS: Final = 0.5


def emulator(
    contracts: Contracts = None,
    isolation: Caged = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep there what it holds, for the next time.")
    ] = None,
    services: Annotated[bool, typer.Option("--services", help="With a Postgres behind each Aurora cluster.")] = False,
) -> None:
    """Start an AWS emulator with every account of the contracts ready for CDK, and those that are added while it runs;
    ends with Ctrl-C, and forgets all unless it is kept."""
    from odmd.bootstrap.contracts import contracts_stamp, load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console
    from odmd.providers.aws import Emulator

    if services and keep:
        raise typer.BadParameter("what is in Postgres is not kept: leave out --keep", param_hint="--services")
    settings = read_settings(contracts, isolation=isolation)
    compiled = load_contracts(settings)
    targets = _targets(compiled.graph)
    known, stamp = set(targets), contracts_stamp(compiled)
    out = console()
    with (
        tempfile.TemporaryDirectory(prefix="odmd-emulator-") as folder,
        Emulator(Path(folder), keep, settings.qualifiers, services=services).start(*targets) as running,
    ):
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # before anybody is told that one may end it
        out.print(f"ready, with {_listed(targets)}. In another terminal:")
        out.print()
        for name, text in running.environment(targets[0]).items() if targets else ():
            out.print(f"export {name}={text}", soft_wrap=True)
        out.print()
        out.print("Ctrl-C ends it")
        out.file.flush()
        while signal.sigtimedwait(_ENDINGS, _LOOK_SECONDS) is None:
            if stamp != (stamp := contracts_stamp(compiled)):
                compiled = _learn(running, known, settings) or compiled


def _learn(running: Emulator, known: set[Target], settings: Settings) -> Compiled | None:
    """Makes accounts ready that the contracts name now; while these cannot be read, there is nothing to learn."""
    from odmd.bootstrap.contracts import load_contracts_again
    from odmd.cli.output import console
    from odmd.errors import OdmdError

    try:
        compiled = load_contracts_again(settings)
    except OdmdError as wrong:
        console().print(f"the contracts cannot be read now: {wrong.fact}", soft_wrap=True, markup=False)
        console().file.flush()
        return None
    new = [one for one in _targets(compiled.graph) if one not in known]
    for target in new:
        running.bootstrap(target)
        known.add(target)
    if new:
        console().print(f"ready, too: {_listed(new)}")
        console().file.flush()
    return compiled


def _targets(graph: Graph) -> list[Target]:
    from odmd.model.targets import Target

    used = {enver.target for enver in graph.envers.values()}
    central = {Target(graph.central_account, target.region) for target in used}
    return sorted(used | central, key=lambda target: (target.account, target.region))


def _listed(targets: list[Target]) -> str:
    return ", ".join(f"{target.account} in {target.region}" for target in targets)
