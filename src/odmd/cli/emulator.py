"""`odmd emulator`: an AWS on this machine for one's own organisation."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from odmd.cli.options import Contracts

if TYPE_CHECKING:
    from odmd.control.deployment import Target

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)


def emulator(contracts: Contracts = None) -> None:
    """Start an AWS emulator with every account of the contracts ready for CDK; ends with Ctrl-C, and forgets all."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console
    from odmd.control.deployment import Target
    from odmd.providers.aws.emulator import Emulator

    graph = load_contracts(read_settings(contracts)).graph
    used = {Target(enver.account, enver.region) for enver in graph.envers.values()}
    central = {Target(graph.central_account, target.region) for target in used}
    targets = sorted(used | central, key=lambda target: (target.account, target.region))
    out = console()
    with tempfile.TemporaryDirectory(prefix="odmd-emulator-") as folder, Emulator(Path(folder)) as running:
        for target in targets:
            running.bootstrap(target)
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # before anybody is told that one may end it
        out.print(f"ready, with {_listed(targets)}. In another terminal:\n")
        for name, text in running.environment(targets[0]).items() if targets else ():
            out.print(f"export {name}={text}", soft_wrap=True)
        out.print("\nCtrl-C ends it")
        out.file.flush()
        signal.sigwait(_ENDINGS)


def _listed(targets: list[Target]) -> str:
    return ", ".join(f"{target.account} in {target.region}" for target in targets)
