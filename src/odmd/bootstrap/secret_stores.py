"""The stores of secrets of this release, asked as this process's environment says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings
from odmd.control.ports.secrets import SecretStores

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions


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


def stores_of(settings: Settings) -> SecretStores:
    """As `secret_stores`, with sessions of their own."""
    from odmd.providers.aws import Sessions

    return secret_stores(Sessions(profiles=settings.profiles))
