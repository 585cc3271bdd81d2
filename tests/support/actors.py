"""Who acts in tests."""

from __future__ import annotations

from odmd.control.scheduler.actor import Actor, ActorKind, Scope


def somebody(name: str = "somebody", *teams: str, scope: Scope = Scope.ADMIN) -> Actor:
    """A person; one who may all, where nothing else is said."""
    return Actor(name, ActorKind.PERSON, "a test", scope, teams)


SOMEBODY = somebody()
