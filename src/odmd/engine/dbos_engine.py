"""Effects as DBOS workflows in the store's own database.

An effect is enqueued in the transaction that commits the events which ask for it, so it exists exactly when they do.
Its id is the commit's position and its index, so that enqueueing it twice changes nothing. An attempt that fails
enqueues the next one with a delay: waiting is a row, never a sleeping thread, and survives the process.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowStatus
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from odmd.control.leading.backoff import backoff
from odmd.control.scheduler.effects import Effect, SendLater
from odmd.store.codec import EFFECTS
from odmd.store.database import Database, explained
from odmd.store.where import Postgres, Where

APPLICATION: Final = "odmd"
VERSION: Final = "1"
"""Of the workflow below, not of odmd: a new one strands what was enqueued under the old one."""
EXECUTOR: Final = "leader"
"""Followed by the epoch of its term, so that no two live processes have one name, and the older is seen to be so."""
QUEUE: Final = "effects"
WORKFLOW: Final = "odmd.carry_out"
HOURLY: Final = "odmd.hourly"
HOUR_SECONDS: Final = 3600.0
POLL_SECONDS: Final = 0.15
"""In a command that somebody waits for."""
SLOW_POLL_SECONDS: Final = 1.0
"""In a server, where each look costs what others could use, and timers are seconds."""
LISTEN_SECONDS: Final = 0.2
"""DBOS cannot end while it sleeps before its next look for notifications, of which we have none."""
LOOK_AFTER_SECONDS: Final = 5.0
"""How often a leader looks for work that the one before it took and left, when it was stopped and went on."""
NAMES: Final = [WORKFLOW, HOURLY]
NO_LONGER: Final = frozenset({"DispatchRun"})
"""Effects that an earlier release enqueued: runs are taken by workers now."""
FORGOTTEN_AT_ONCE: Final = 1000
FINISHED: Final = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
KEEP_SECONDS: Final = 24 * 3600.0
LOGGER: Final = logging.getLogger("odmd.engine")
NO_TERMINAL: Final = logging.NullHandler()


class DbosEngine:
    """Carries out the effects of one database; at most one engine of a process runs at a time, as DBOS does.

    Args:
        where: the store's database.
        epoch: of the term for which this process leads; what older terms left unfinished is taken over.
        poll: seconds between looks for effects that are due.
        concurrency: how many effects are carried out at once.
        patience: seconds that `stop` waits for effects under way, before it leaves them to the next start.

    Raises:
        StateUnreadable: it is no database, cannot be opened, or belongs to a newer release.
        DatabaseUnreachable, DatabaseRefused: of Postgres.
    """

    def __init__(
        self,
        where: Where,
        *,
        epoch: int = 0,
        poll: float = POLL_SECONDS,
        concurrency: int = 64,
        patience: float = 2.0,
    ) -> None:
        _silence()
        Database(where).close()  # says what is wrong with it, if anything, and makes a file one that readers share
        self._url = where.url if isinstance(where, Postgres) else f"sqlite:///{where}"
        self._epoch, self._poll, self._patience = epoch, poll, patience
        self._perform: Callable[[Effect], None] | None = None
        self._each_hour: Callable[[], object] = _nothing
        self._under_way = 0
        self._refused = 0
        self._idle = threading.Condition()
        self._stopping = threading.Event()
        with explained(where):
            DBOS.migrate(self._url)
            self._client = DBOSClient(
                system_database_url=self._url, application_name=APPLICATION, lazy=True, retry_connection_errors=False
            )
            # Registered before DBOS is launched, or its manager would find the queue only a second later.
            self._client.register_queue(QUEUE, worker_concurrency=concurrency, polling_interval_sec=poll)

    def outbox(self, connection: Connection, position: int, effects: Sequence[Effect]) -> None:
        """Enqueues the effects of a commit in its transaction."""
        for index, effect in enumerate(effects):
            options = _options(f"{position}.{index}")
            if isinstance(effect, SendLater) and (delay := effect.due - time.time()) > 0:
                options["delay_seconds"] = delay
            self._client.enqueue_in_transaction(connection, options, *EFFECTS.encode(effect))

    def each_hour(self, do: Callable[[], object]) -> None:
        """What is to be done once an hour, by whoever leads then; to be said before the start."""
        self._each_hour = do

    def forget(self) -> int:
        """What nobody has carried out yet; returns how many effects that were. To be called instead of `start`."""
        forgotten = 0
        while waiting := self._client.list_workflows(
            status=["PENDING", "ENQUEUED", "DELAYED"],
            name=NAMES,
            limit=FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        ):
            self._client.delete_workflows([workflow.workflow_id for workflow in waiting])
            forgotten += len(waiting)
        return forgotten

    def start(self, perform: Callable[[Effect], None]) -> None:
        """Begins to carry out effects, first of all those that a process before this one left."""
        _become_the_one(self)
        self._perform, self._refused = perform, 0
        self._stopping.clear()
        self._take_over()
        _enqueue_hour(self._client.enqueue, time.time())
        DBOS(config=_config(self._url, self._epoch, self._poll))
        DBOS.launch()
        if self._epoch:
            threading.Thread(target=self._look_after, name="look after", daemon=True).start()

    def stop(self) -> None:
        """Ends; what is under way for longer than `patience` is done again at the next start."""
        self._stopping.set()
        if _running is self:
            self._perform = None
            self._let_finish()
            DBOS.destroy()
            _stand_down()
        self._client.destroy()

    def perform(self, name: str, body: str) -> None:
        """One attempt."""
        with self._counted():
            if self._perform is None:
                self._refused += 1
                raise _Unfinished
            if name not in NO_LONGER:
                self._perform(EFFECTS.decode(name, body))

    def tidy(self) -> None:
        """What is done each hour."""
        with self._counted():
            if self._perform is None:
                self._refused += 1
                raise _Unfinished
            self._forget_finished()
            self._each_hour()

    @contextmanager
    def _counted(self) -> Generator[None]:
        with self._idle:
            self._under_way += 1
        try:
            yield
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    def _let_finish(self) -> None:
        """Waits for effects under way, then until DBOS has noted that they are done, or they would be done again."""
        deadline = time.monotonic() + self._patience
        with self._idle:
            self._idle.wait_for(lambda: not self._under_way, timeout=self._patience)
            with suppress(DBAPIError):  # the database is away: what it was not told of is done again
                while len(self._begun(self._is_mine)) > self._refused and time.monotonic() < deadline:
                    self._idle.wait(POLL_SECONDS / 2)

    def _begun(self, by: Callable[[WorkflowStatus], bool]) -> list[str]:
        """Ids of what was begun by such executors and has no outcome."""
        begun = self._client.list_workflows(status="PENDING", name=NAMES, load_input=False, load_output=False)
        return [workflow.workflow_id for workflow in begun if by(workflow)]

    def _is_mine(self, workflow: WorkflowStatus) -> bool:
        return workflow.executor_id == executor(self._epoch)

    def _is_left(self, workflow: WorkflowStatus) -> bool:
        """Without elections, all of it is: who starts has the lock."""
        return _epoch_of(workflow.executor_id) < self._epoch if self._epoch else True

    def _take_over(self) -> None:
        """Puts what a dead process had begun back into our queue; DBOS itself would use one that is polled slowly."""
        if begun := self._begun(self._is_left):
            self._client.resume_workflows(begun, queue_name=QUEUE)

    def _look_after(self) -> None:
        while not self._stopping.wait(LOOK_AFTER_SECONDS):
            try:
                self._take_over()
            except Exception:  # the database is away or this engine is: either way there is a next time, or no need
                LOGGER.warning("could not look for what was left", exc_info=True)

    def _forget_finished(self) -> None:
        before = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - KEEP_SECONDS))
        while finished := self._client.list_workflows(
            status=FINISHED,
            name=NAMES,
            completed_before=before,
            limit=FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        ):
            self._client.delete_workflows([workflow.workflow_id for workflow in finished])


def executor(epoch: int) -> str:
    """The name that DBOS knows a leader by."""
    return f"{EXECUTOR}.{epoch}"


def _epoch_of(executor_id: str | None) -> int:
    number = (executor_id or "").rpartition(".")[2]
    return int(number) if number.isdecimal() else 0


def _nothing() -> None:
    """There is nothing to do."""


class _Unfinished(BaseException):
    """Ends an attempt without an outcome, which DBOS would record for an `Exception`: the next start does it again."""


_running: DbosEngine | None = None  # DBOS is one a process and finds workflows by name, so they find their engine here


def _become_the_one(engine: DbosEngine) -> None:
    global _running  # noqa: PLW0603 - see above
    if _running is not None:
        raise RuntimeError("another engine runs in this process")
    _running = engine


def _stand_down() -> None:
    global _running  # noqa: PLW0603 - see above
    _running = None


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def carry_out(name: str, body: str, attempt: int = 0) -> None:
    """One attempt at an effect, and a later next one if it fails."""
    try:
        if DBOS.run_step({"name": "attempt"}, _attempt, name, body):
            _try_again(name, body, attempt)
    except Exception as trouble:
        raise _Unfinished from trouble


@DBOS.workflow(name=HOURLY, max_recovery_attempts=None)
def hourly(hour: int) -> None:
    """What is to be done in an hour, and the next one's."""
    try:
        DBOS.run_step({"name": "tidy"}, _tidy)
        _enqueue_hour(DBOS.enqueue_workflow_with_options, (hour + 1) * HOUR_SECONDS)
    except Exception as trouble:
        raise _Unfinished from trouble


def _tidy() -> None:
    if _running is None:
        raise _Unfinished
    try:
        _running.tidy()
    except Exception:  # the next hour does what this one could not
        LOGGER.warning("could not tidy up", exc_info=True)


def _enqueue_hour(enqueue: Callable[[EnqueueOptions, int], object], due: float) -> None:
    """The same hour is enqueued once, whoever does so."""
    hour = int(due // HOUR_SECONDS)
    options = _options(f"hour.{hour}", HOURLY)
    if (delay := due - time.time()) > 0:
        options["delay_seconds"] = delay
    enqueue(options, hour)


def _attempt(name: str, body: str) -> str:
    """Empty, or why it failed."""
    if _running is None:
        raise _Unfinished
    try:
        _running.perform(name, body)
    except Exception as failure:  # whatever it is, trying again later is all that an engine can do
        LOGGER.warning("%s %s failed and will be tried again", name, body, exc_info=True)
        return repr(failure)
    return ""


def _try_again(name: str, body: str, attempt: int) -> None:
    effect_id = str(DBOS.workflow_id).partition("~")[0]
    options = _options(f"{effect_id}~{attempt + 1}")
    options["delay_seconds"] = backoff(attempt)
    DBOS.enqueue_workflow_with_options(options, name, body, attempt + 1)


def _options(id: str, workflow: str = WORKFLOW) -> EnqueueOptions:
    return {"workflow_name": workflow, "queue_name": QUEUE, "workflow_id": id, "app_version": VERSION}


def _config(url: str, epoch: int, poll: float) -> DBOSConfig:
    return {
        "name": APPLICATION,
        "system_database_url": url,
        "application_version": VERSION,
        "executor_id": executor(epoch),
        "run_migrations": False,
        "enable_otlp": False,
        "log_level": "CRITICAL",
        "notification_listener_polling_interval_sec": LISTEN_SECONDS,
        "scheduler_polling_interval_sec": 4 * poll,
    }


def _silence() -> None:
    """Keeps both loggers off the terminal, where DBOS (and Python, for warnings) would write if nobody else listens."""
    LOGGER.addHandler(NO_TERMINAL)
    logger = logging.getLogger("dbos")
    logger.addHandler(NO_TERMINAL)
    logger.propagate = False
    logger.setLevel(logging.CRITICAL)
