"""The stores of secrets of this release, asked as this process's environment says."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database
from odmd.control.leading.secret_desk import KeptSecrets
from odmd.control.ports.secrets import SecretStores
from odmd.control.ports.settings import Layers
from odmd.control.scheduler.actor import Actor
from odmd.graph import Compiled

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions
    from odmd.store.database import Database


def secret_stores(sessions: Sessions) -> SecretStores:
    """AWS with the credentials of each account, the others with those of this process."""
    from odmd.providers.aws.secret_stores import ManagedSecrets, SecureStrings
    from odmd.providers.secrets import GithubSecrets, OnePassword, Vault

    return SecretStores(
        managed=ManagedSecrets(sessions),
        secure_strings=SecureStrings(sessions),
        github=GithubSecrets(os.environ),
        one_password=OnePassword(os.environ),
        vault=Vault(os.environ),
    )


@contextmanager
def secret_desk(settings: Settings, compiled: Compiled, by: Actor) -> Generator[KeptSecrets]:
    """Binds secrets in the state, and asks their stores from here.

    Raises:
        StateUnreadable, ToolMissing
    """
    from odmd.store.database import Database

    kept = Database(database(settings))
    try:
        yield desk_on(settings, compiled, kept, by)
    finally:
        kept.close()


def desk_on(settings: Settings, compiled: Compiled, kept: Database, by: Actor) -> KeptSecrets:
    """The same on a database that is open."""
    from odmd.providers.aws import Sessions

    stores = secret_stores(Sessions(profiles=settings.profiles))
    return KeptSecrets(compiled.graph, private_layers(settings, kept), stores, by)


def private_layers(settings: Settings, kept: Database) -> Layers:
    """What layers say, sealed in the state."""
    from odmd.store.key_file import found_key_file
    from odmd.store.sealing import KeyRing
    from odmd.store.settings import SqlLayers

    ring = KeyRing(kept, lambda: found_key_file(settings.state / "settings.key", ring.masters()))
    return SqlLayers(kept, ring)
