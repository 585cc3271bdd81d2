"""Who sits at this machine."""

from __future__ import annotations

import getpass
import os
import socket

from odmd.control.access.writes import GLASS_VARIABLE
from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.inert import inert


def whoever_is_here() -> Actor:
    """The account that this process runs as. It could write into the state folder whatever it likes, so it may all."""
    host, glass = socket.gethostname(), inert(os.environ.get(GLASS_VARIABLE, "").strip())
    name, proof = f"{getpass.getuser()}@{host}", "this machine's account"
    return Actor(name, ActorKind.PERSON, proof, Scope.ADMIN, origin=host, glass=glass)
