"""Opens what is recorded for commands that only read: a state folder, or a server."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from odmd.errors import NothingDeployed, OdmdError, StateUnreadable
from odmd.store.where import Postgres, Where

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.ports.reads import Reads
    from odmd.control.ports.run_log import Line, Lines
    from odmd.control.reading.dora import Dora
    from odmd.control.reading.following import SubscriberView
    from odmd.control.reading.records import Records, Users
    from odmd.control.reading.views import Cause, Earlier, EnverView, Happened, PauseView, RunView, ValueView
    from odmd.control.scheduler.values import ValueRef
    from odmd.plan.wiring import Wiring


class Past(Protocol):
    """What commands ask of what is recorded, wherever it is."""

    def all_envers(self) -> Iterable[EnverView]:
        """By address."""
        ...

    def runs(self, enver: str | None = None, limit: int = 50) -> Sequence[RunView]:
        """Newest first."""
        ...

    def run(self, id: int) -> RunView:
        """One run."""
        ...

    def lines(self, run: int, after: int = 0) -> Iterable[Line]:
        """What a run said, after a line's number."""
        ...

    def all_values(self, typed: str | None) -> Iterable[ValueView]:
        """By product and version; all, or those of an enver, a product or a build."""
        ...

    def pauses(self) -> Sequence[PauseView]:
        """Those in force."""
        ...

    def subscribers(self) -> Sequence[SubscriberView]:
        """Who follows the log by name, and how far each got."""
        ...

    def why(self, typed: str) -> Sequence[Cause]:
        """Why an enver runs what it runs, or why it does not."""
        ...

    def dora(self, days: float) -> Sequence[Dora]:
        """How often, how fast and how well teams deployed in the last days."""
        ...

    def happenings(self) -> Iterable[Happened | None]:
        """What happens from now on; None: nothing yet, and what comes will be told."""
        ...

    def enver(self, typed: str) -> EnverView:
        """One enver."""
        ...

    def earlier(self, typed: str, to: int | None = None) -> Earlier:
        """What a rollback would bring an enver back to."""
        ...


@contextmanager
def history(server: str | None, state: Path | None, contracts: str | None = None) -> Generator[Past]:
    """What is recorded at the server, or else in the state folder.

    Raises:
        NothingDeployed: nothing was ever deployed from here.
        StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed
    """
    if server is not None:
        from odmd.client import Client

        with Client(server) as client:
            yield client
        return
    from odmd.bootstrap.planning import database
    from odmd.bootstrap.settings import read_settings
    from odmd.store.reads import open_reads

    settings = read_settings(contracts, state)
    where = database(settings)
    _refuse_what_is_not_there(where)
    store = open_reads(where)
    try:
        yield records(settings, store)
    finally:
        store.close()


def records(settings: Settings, store: Reads) -> Records:
    """The reads of a state."""
    from odmd.bootstrap.planning import leadership
    from odmd.control.reading.records import Records

    return Records(store, leadership(settings).is_led, lambda: _declared(settings), _users(store), _run_log(store))


def _run_log(store: Reads) -> Lines:
    from odmd.store.reads import SqliteReads

    if isinstance(store, SqliteReads):
        return store
    from odmd.store.run_log import SqlRunLog
    from odmd.store.sql import SqlStore

    if not isinstance(store, SqlStore):
        raise TypeError(f"{type(store).__name__} keeps no lines of runs")
    return SqlRunLog(store.database)


def _users(store: Reads) -> Users:
    """Who runs with a value, from the whole state, which is read when it is first asked for."""
    leased: Mapping[ValueRef, set[str]] | None = None

    def users(refs: Sequence[ValueRef]) -> Mapping[ValueRef, Sequence[str]]:
        nonlocal leased
        leased = store.load().leased if leased is None else leased
        return {ref: tuple(leased.get(ref, ())) for ref in refs}

    return users


def _declared(settings: Settings) -> Wiring | None:
    """The graph as the contracts say now, if they can be read; the state holds no wires."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.plan.wiring import Wiring

    try:
        return Wiring(load_contracts(settings).graph)
    except OdmdError:
        return None


def _refuse_what_is_not_there(path: Where) -> None:
    if isinstance(path, Postgres):
        from odmd.store.database import holds_state

        if not holds_state(path):
            raise NothingDeployed(f"there is no state in {path}", next_step="run `odmd apply` first")
        return
    try:
        path.stat()
    except FileNotFoundError:
        raise NothingDeployed(
            f"there is no state in {path.parent}", next_step="run `odmd apply` first, or give --state FOLDER"
        ) from None
    except OSError as wrong:
        raise StateUnreadable(
            f"{path.parent} cannot be used as the state folder: {wrong.strerror}",
            next_step="give --state a folder that you may write to",
        ) from wrong
