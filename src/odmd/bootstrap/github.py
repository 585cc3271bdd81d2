"""GitHub, as the App whose credentials the state keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from odmd.bootstrap.apps import app_of
from odmd.bootstrap.keys import key_ring
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.control.access.here import whoever_is_here
from odmd.control.leading.mirroring import Mirroring
from odmd.control.ports.hosts import CommitMirror, ReadHint
from odmd.control.ports.jobs import Jobs
from odmd.control.scheduler.actor import AccessChange
from odmd.control.scheduler.messages import NoteAccess
from odmd.errors import HostNotJoined, HostUnknown
from odmd.graph import Graph
from odmd.store.credentials import GITHUB, SqlCredentials
from odmd.store.sql import SqlStore
from odmd.store.telling import tell

if TYPE_CHECKING:
    from odmd.bootstrap.reviewing import PlanWith
    from odmd.control.leading.bringing_files import BringingFiles
    from odmd.control.leading.pulls.desk import PullDesk
    from odmd.control.leading.pulls.look import Pulls
    from odmd.control.leading.reviewing import Reviewing
    from odmd.control.ports.pulls import PullComment
    from odmd.control.ports.world import Repositories
    from odmd.control.scheduler.actor import Actor
    from odmd.providers.github import Github, GithubApp
    from odmd.providers.github.look import GithubStanding
    from odmd.providers.github.setup import WantedApp
    from odmd.providers.github.workflow_pulls import WorkflowPulls


def wanted_app(organisation: str, enterprise: str, webhooks_to: str, *, brings_workflows: bool) -> WantedApp:
    """What an owner is asked for.

    Args:
        enterprise: address of a GitHub Enterprise Server; empty: github.com.
        webhooks_to: where others reach the server; empty: nothing is told to it.

    Raises:
        SettingsInvalid: an address is none.
    """
    from odmd.providers.github.setup import WantedApp

    return WantedApp(organisation, enterprise, webhooks_to, brings_workflows)


def make(settings: Settings, wanted: WantedApp, say: Callable[[str], None], *, again: bool) -> GithubApp:
    """Has an owner make the App by a click in his browser, and keeps its credentials, sealed. It may be the first that
    the state hears.

    Args:
        say: told the address of the page on which to begin.

    Raises:
        HostNotJoined, HostUnreachable, HostRefused, HostLacks, KeyMissing, ToolMissing, SettingsInvalid
    """
    from odmd.providers.github.look import said_of
    from odmd.providers.github.setup import make_app

    with closing(SqlStore(database(settings))) as store:
        kept = SqlCredentials(store.database, ring := key_ring(settings, store))
        ring.identity("")  # without a key nothing is begun

        def refuse_another(hint: str) -> None:
            if not again and (known := app_of(settings, store)):
                raise HostNotJoined(f"odmd is {said_of(known)} already", next_step=hint)

        def keep(app: GithubApp) -> None:
            refuse_another(f"somebody else was faster: remove {app.page}, which nobody has the key of")
            kept.put(GITHUB, app.to_json(), said_of(app), whoever_is_here(), time.time())

        refuse_another("give --again for another one in its place")
        return make_app(wanted, keep, say)


def known_app(settings: Settings) -> GithubApp | None:
    """The same, of the state that is there, if one is.

    Raises:
        KeyMissing, SettingsUnreachable, SettingsDamaged, ToolMissing
    """
    if not has_state(settings):
        return None
    with closing(SqlStore(database(settings))) as store:
        return app_of(settings, store)


def no_app() -> HostUnknown:
    """What who needs the App is told where none was made."""
    return HostUnknown("odmd is no App at GitHub yet", next_step="`odmd github setup --org ORG` makes one")


@contextmanager
def github(settings: Settings) -> Generator[Github]:
    """Raises:
    HostUnknown: there is no App.
    """
    from odmd.providers.github import Github

    if (app := known_app(settings)) is None:
        raise no_app()
    with closing(Github(app)) as client:
        yield client


class Hosted:
    """A host of repositories, as the process that serves has it for as long as it serves."""

    def __init__(self, settings: Settings, app: GithubApp, store: SqlStore) -> None:
        from odmd.providers.github import Github
        from odmd.providers.github.places import Places

        self.app, self._settings, self._store = app, settings, store
        self.client = Github(app)
        self.places = Places(self.client, store)

    @property
    def reviews(self) -> str:
        """What of pull requests is reviewed, as the end of a line."""
        said = self._settings.github
        return f"; reviews pull requests on {said.contracts}" if said and said.contracts else ""

    def has_contracts_in(self, repository: str) -> bool:
        """Whether pull requests there are reviewed; its name in small letters."""
        said = self._settings.github
        return said is not None and said.contracts.lower() == repository

    def workflow_pulls(self) -> WorkflowPulls:
        """Brings workflow files into repositories."""
        from odmd.providers.github.workflow_pulls import WorkflowPulls

        return WorkflowPulls(self.client, self.places)

    def jobs(self) -> Jobs | None:
        """Starts those that carry out runs; None: nothing says by whom they are known, and workers take all runs."""
        from odmd.providers.github import WorkflowJobs

        return WorkflowJobs(self.client, self.places) if self._settings.actions else None

    def mirroring(self, graph: Callable[[], Graph | None]) -> Mirroring:
        """Shows runs there; the contracts are those in force."""
        from odmd.providers.github.runs import GithubRuns

        return Mirroring(self._store, graph, GithubRuns(self.client, self.places))

    def merges(self) -> CommitMirror | None:
        """Shows which contracts are in force; None: nothing says where they are."""
        from odmd.providers.github.statuses import GithubMerges

        said = self._settings.github
        return GithubMerges(self.client, self.places, said.contracts) if said and said.contracts else None

    def bringing_files(self, graph: Callable[[], Graph | None]) -> Sequence[BringingFiles]:
        """Brings workflows into repositories where the settings want it."""
        said = self._settings.actions
        if said is None or not said.workflows:
            return ()
        from odmd.bootstrap.workflows import WorkflowHost
        from odmd.control.leading.bringing_files import BringingFiles

        return [BringingFiles(graph, WorkflowHost(self.workflow_pulls(), said, self._settings.contracts))]

    def reviewing(self, plan: PlanWith, in_force: Callable[[], str], repositories: Repositories) -> Reviewing | None:
        """Reviews pull requests on the contracts; None: nothing says where these are."""
        if (said := self._settings.github) is None or not said.contracts:
            return None
        from odmd.bootstrap.reviewing import ContractsReviewer
        from odmd.control.leading.reviewing import Reviewing
        from odmd.providers.github.pulls import GithubProposals

        reviewer = ContractsReviewer(self._settings, said, repositories, plan)
        return Reviewing(GithubProposals(self.client, self.places, said.contracts), reviewer.review, in_force)

    def pulls(self, desk: PullDesk) -> Pulls:
        """Those on services: of all repositories of the contracts, but for that of the contracts themselves."""
        from odmd.control.leading.pulls.commands import PullCommands
        from odmd.control.leading.pulls.look import Pulls
        from odmd.control.leading.pulls.telling import Teller
        from odmd.providers.github.services import GithubPulls
        from odmd.store.pulls import SqlPulls

        def repositories() -> Collection[str]:
            names = {one.lower() for one in desk.graph.repositories}
            return {one for one in names if not self.has_contracts_in(one)}

        def known(said: PullComment) -> Actor | None:
            people = self._settings.github
            return people.person(said.by_id, said.by) if people else None

        host = GithubPulls(self.client, self.places)
        commands = PullCommands(host, desk, SqlPulls(self._store.database), known, time.time)
        return Pulls(commands, Teller(host, desk), repositories, time.time)

    def close(self) -> None:
        self.client.close()


@contextmanager
def hosted(settings: Settings, store: SqlStore) -> Generator[Hosted | None]:
    """None: odmd is an App nowhere.

    Raises:
        KeyMissing, SettingsUnreachable, SettingsDamaged, ToolMissing
    """
    if (app := app_of(settings, store)) is None:
        yield None
        return
    with closing(Hosted(settings, app, store)) as host:
        yield host


def read_hint() -> ReadHint:
    """What webhooks are read with."""
    from odmd.providers.github.hints import hint

    return hint


def standing(settings: Settings, declared: Collection[str]) -> GithubStanding:
    """How the App stands there now.

    Args:
        declared: repositories of the contracts.

    Raises:
        HostUnknown, HostUnreachable, HostBusy, HostRefused, KeyMissing
    """
    from odmd.providers.github import look
    from odmd.providers.github.places import Places

    with github(settings) as client, closing(SqlStore(database(settings))) as store:
        anew = {name: one.now for name, one in Places(client, store).made_anew().items()}
        return replace(look.standing(client, declared), made_anew=anew)


def accept(settings: Settings, repository: str, id: int) -> None:
    """Takes the repository that has a name now for the one that had it; the log says who did.

    Raises:
        HostLacks: it has another number, or was not made anew.
        HostUnknown, HostUnreachable, HostBusy, HostRefused, KeyMissing
    """
    from odmd.providers.github.places import Places

    with github(settings) as client, closing(SqlStore(database(settings))) as store:
        Places(client, store).accept(repository, id)
        what, at = f"{repository} is repository {id} at GitHub", time.time()
        with store.database.writing() as connection:
            note = NoteAccess(AccessChange.REPOSITORY_TAKEN, f"{repository.lower()}/{at:.3f}", what, whoever_is_here())
            tell(store.database, connection, note, at)
