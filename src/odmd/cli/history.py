"""Opens the recorded history for commands that only read."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from odmd.bootstrap.settings import Settings
from odmd.control.ports import Store
from odmd.control.state import Enver, Run, State
from odmd.errors import NothingDeployed, StateUnreadable
from odmd.store.where import Postgres, Where


@dataclass(frozen=True, slots=True)
class Reading:
    """The state as last committed, and whether anybody works on it."""

    state: State
    led: bool

    def is_interrupted(self, enver: Enver) -> bool:
        """Whether a process that is gone left the enver's run."""
        return enver.run is not None and not self.led

    def status_of(self, run: Run) -> str:
        """The status of a run, or that it was interrupted; a run that began after this reading is not."""
        is_left = not self.led and run.id in self.state.runs and run.finished_at is None
        return "interrupted" if is_left else run.status.value


@dataclass(frozen=True, slots=True)
class History:
    """What a state folder holds."""

    settings: Settings
    store: Store

    def read(self) -> Reading:
        """The state now.

        Raises:
            StateUnreadable
        """
        from odmd.bootstrap.planning import leadership

        state = self.store.load()
        led = bool(state.runs or state.owing) and leadership(self.settings).is_led()
        # Who let go of the leadership since the state was loaded may have ended its runs before.
        return Reading(state if led or not state.runs else self.store.load(), led)


@contextmanager
def history(state: Path | None) -> Generator[History]:
    """The history in the state folder, for reading.

    Raises:
        NothingDeployed: nothing was ever deployed from here.
        StateUnreadable
    """
    from odmd.bootstrap.planning import database
    from odmd.bootstrap.settings import read_settings
    from odmd.store.sql import SqlStore

    settings = read_settings(state=state)
    where = database(settings)
    _refuse_what_is_not_there(where)
    store = SqlStore(where)
    try:
        yield History(settings, store)
    finally:
        store.close()


def _refuse_what_is_not_there(path: Where) -> None:
    if isinstance(path, Postgres):
        if not path.exists():
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
