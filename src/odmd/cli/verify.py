"""`odmd verify`: what an enver runs is verified again."""

from __future__ import annotations

from odmd.cli.options import Contracts, Json, Message, Server, StateFolder
from odmd.cli.rollback import Whose


def verify(
    enver: Whose,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Verify again what an enver runs: its checks are made once more, and nothing is deployed."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import Verifying

    act(Verifying(enver, message), server, contracts, state, json=json)
