"""Git reads repositories as the App, where odmd is one at the host that the settings name: private ones, too, each with
a token for it alone; and by its number, so that another one which takes over a name is not read in its place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.errors import HostBusy, HostLacks, HostRefused, HostUnknown, HostUnreachable, OdmdError, RepositoryUnreachable
from odmd.providers.git.remote import Remote, as_the_settings_say, signed_in

if TYPE_CHECKING:
    from odmd.providers.github import Github
    from odmd.providers.github.places import Places

_USER: Final = "x-access-token"
_REFUSALS: Final = (HostBusy, HostLacks, HostRefused, HostUnknown, HostUnreachable)


@dataclass(frozen=True, slots=True)
class KnownApp:
    """Both ends of the App."""

    client: Github
    places: Places


class AppReads:
    """Threads share it; who the App is is looked up when the first address could be of its host.

    Args:
        known: None: odmd is an App nowhere.
    """

    def __init__(self, known: Callable[[], KnownApp | None]) -> None:
        self._look, self._lock = known, threading.Lock()
        self._found: tuple[KnownApp | None] | None = None

    def __call__(self, repo: str, where: str) -> Remote:
        """Raises:
        RepositoryUnreachable: the App is known there, and does not get at it.
        """
        if urlsplit(where).scheme not in ("https", "http") or (known := self._known()) is None:
            return as_the_settings_say(repo, where)
        web = known.client.app.web
        if where.removesuffix(".git").lower() != f"{web}/{repo}".lower():
            return as_the_settings_say(repo, where)
        try:
            return self._as_app(known, repo, where)
        except _REFUSALS as wrong:
            raise RepositoryUnreachable(
                f"repository {repo} cannot be read as {known.client.app.slug}: {wrong.fact}",
                next_step=wrong.next_step or "see `odmd github status`",
            ) from wrong

    def _as_app(self, known: KnownApp, repo: str, where: str) -> Remote:
        try:
            place = known.places.of(repo)
        except (HostLacks, HostUnknown):
            if known.places.knows(repo):
                raise
            return as_the_settings_say(repo, where)  # it was never one of the App's: a public one, or read otherwise
        token = known.client.token(place.grant(contents="read"))
        return signed_in(f"{known.client.app.web}/{place.repository.full_name}.git", _USER, token)

    def _known(self) -> KnownApp | None:
        with self._lock:
            if self._found is None:
                self._found = (self._look(),)
            return self._found[0]


_OF_STATES: Final = dict[str, AppReads]()
_ONE_AT_A_TIME: Final = threading.Lock()


def app_reads(settings: Settings) -> AppReads:
    """One for all that this process reads with a state: its tokens last an hour."""
    with _ONE_AT_A_TIME:
        return _OF_STATES.setdefault(str(database(settings)), AppReads(lambda: _known(settings)))


def _known(settings: Settings) -> KnownApp | None:
    """Who has no key for what the state keeps reads with git's own credentials."""
    from odmd.bootstrap.apps import app_of
    from odmd.providers.github import Github
    from odmd.providers.github.places import Places
    from odmd.store.sql import SqlStore

    if not has_state(settings):
        return None
    store = SqlStore(database(settings))
    with suppress(OdmdError):
        if (app := app_of(settings, store)) is not None:
            client = Github(app)
            return KnownApp(client, Places(client, store))
    store.close()
    return None
