"""As which App odmd is known at GitHub, by its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.bootstrap.keys import key_ring
from odmd.bootstrap.settings import Settings
from odmd.store.credentials import GITHUB, SqlCredentials
from odmd.store.sql import SqlStore

if TYPE_CHECKING:
    from odmd.providers.github import GithubApp


def app_of(settings: Settings, store: SqlStore) -> GithubApp | None:
    """The App as which odmd is known; None: there is none.

    Raises:
        KeyMissing, SettingsUnreachable, SettingsDamaged, ToolMissing
    """
    text = SqlCredentials(store.database, key_ring(settings, store)).get(GITHUB)
    if text is None:
        return None
    from odmd.providers.github import GithubApp

    return GithubApp.from_json(text)
