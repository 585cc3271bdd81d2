"""Who sits at this machine."""

from __future__ import annotations

import getpass
import socket

from odmd.control.scheduler.actor import Actor, ActorKind, Scope


def whoever_is_here() -> Actor:
    """The account that this process runs as. It could write into the state folder whatever it likes, so it may all."""
    host = socket.gethostname()
    return Actor(f"{getpass.getuser()}@{host}", ActorKind.PERSON, "this machine's account", Scope.ADMIN, origin=host)
