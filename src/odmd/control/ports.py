"""What the control plane and the agent need from the world. Adapters implement these; `bootstrap` chooses them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from odmd.control.deployment import (
    Assembly,
    Asset,
    ChangeSet,
    DeployedStack,
    StackLook,
    StackTemplate,
    Target,
    Workplace,
)
from odmd.control.effects import Effect
from odmd.control.events import Event
from odmd.control.messages import Message
from odmd.control.state import Enver, Resource, Run, Standing, State, Value, ValueRef, Wave

Progress = Callable[[str], None]
"""Told one line whenever something moved, and what a service's own program prints."""
WAITS: Final = "waits: "
"""Begins a line about what is waited for longer than people expect."""
WARNS: Final = "warning: "
"""Begins a line about what went well and is not as its user may think; it lasts."""


class Discreet(Protocol):
    """Takes secrets out of lines that come one after the other; some wait for the next one."""

    def __call__(self, line: str, *, cut: bool = False) -> Sequence[str]:
        """What may be shown now; `cut`: the line goes on with the next piece, and nobody is told the rest."""
        ...

    def rest(self) -> Sequence[str]:
        """What waited for a next line, when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """A message in the inbox."""

    id: str
    message: Message
    at: float


@dataclass(frozen=True, slots=True)
class Logged:
    """An event at its place in the log."""

    position: int
    event: Event
    message: str
    """Id of the message that it answers."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The entities that a batch of events changed, as they are now; what the projections take over."""

    envers: Sequence[Enver] = ()
    runs: Sequence[Run] = ()
    values: Sequence[Value] = ()
    waves: Sequence[Wave] = ()
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run that is done, with what it found: who claims the run again skips it."""

    name: str
    result: str
    """JSON."""
    seconds: float
    at: float
    token: str = ""
    """That of the agent of another place that recorded it; nothing says so in what such an agent records."""


class PositionMoved(Exception):
    """Somebody else appended to the log: reload the state and decide again."""


class Inbox(Protocol):
    """Messages on their way in; needs no lock."""

    def receive(self, id: str, message: Message, at: float) -> bool:
        """Stores a message; False if one with this id was received before."""
        ...

    def pending(self, limit: int) -> Sequence[Received]:
        """Messages not handled yet, oldest first."""
        ...


class EventLog(Protocol):
    """The truth, with its projections."""

    def load(self) -> State:
        """The state at the end of the log, from the projections."""
        ...

    def commit(
        self,
        expected: int,
        handled: Sequence[str],
        events: Sequence[Logged],
        touched: Touched,
        effects: Sequence[Effect],
        epoch: int = 0,
    ) -> None:
        """Appends events, updates projections, marks messages handled and enqueues effects: all or nothing.

        Args:
            epoch: of the term under which this was decided; 0 where nobody is elected.

        Raises:
            PositionMoved: the log does not end at `expected`; nothing was written.
            LeadershipLost: somebody was elected since, wherever the log ends; nothing was written.
        """
        ...

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        """Events with a position greater than `after`, in order; of those that were forgotten, nothing: the first one
        may then stand at any later position."""
        ...

    def prune(self, before: float) -> int:
        """Forgets what happened before a time (seconds since the epoch); returns how many rows that were.

        Those are handled messages (whose ids are then new again), events, steps and lines of ended runs, ended runs but
        the newest of each enver, and ended waves except the newest. Values, envers and what has not ended stay, so the
        state is the same. Positions, ids and versions go on from where they were: the last event, run and wave stay.
        """
        ...


class History(Protocol):
    """What people ask about; reads only, any number of readers beside the writer."""

    def runs(self, enver: str | None = None, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        """Newest first; only those with a number below `before`."""
        ...

    def run(self, id: int) -> Run | None: ...

    def values(self, product: str | None = None) -> Sequence[Value]:
        """By product, then version; retired ones included."""
        ...

    def waves(self, limit: int = 50, before: int | None = None) -> Sequence[Wave]:
        """Newest first; only those with a number below `before`."""
        ...

    def wave(self, id: int) -> Wave | None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A message that was received, and what came of it."""

    id: str
    handled: bool
    answer: Sequence[Logged]
    """In order; empty while it is not handled, and where nothing followed from it."""


class Lookups(Protocol):
    """Small reads, each of which costs what it returns and not the size of the organisation."""

    def position(self) -> int:
        """The end of the log."""
        ...

    def enver(self, address: str) -> Enver | None: ...

    def envers(self, after: str = "", limit: int = 500) -> Sequence[Enver]:
        """By address; only those after an address."""
        ...

    def envers_of(self, addresses: Sequence[str]) -> Sequence[Enver]:
        """Those of these envers that are recorded, in any order."""
        ...

    def addresses(self, limit: int) -> Sequence[str]:
        """Of envers, in order."""
        ...

    def versions(self, products: Iterable[str]) -> Mapping[str, int]:
        """The highest version ever given, of those products that were published."""
        ...

    def values_below(self, address: str, after: ValueRef, limit: int) -> Sequence[Value]:
        """By product, then version: those of a product, or of everything below an address; of everything for ''."""
        ...

    def standing(self) -> Standing:
        """What is in force now."""
        ...

    def waiting(self) -> bool:
        """Whether a run waits for a worker."""
        ...

    def told(self, prefix: str) -> Told | None:
        """The first message received whose id begins so."""
        ...


class Journal(Protocol):
    """Steps of runs, outside the log and its lock."""

    def record(self, run: int, attempt: int, step: Step) -> None:
        """Adds a step; the same name again is ignored."""
        ...

    def steps(self, run: int) -> Sequence[Step]:
        """In the order of their recording, over all attempts."""
        ...

    def came_in(self, artifact: str) -> bool:
        """Whether an agent of another place ever handed in an artifact of this digest."""
        ...


class Texts(Protocol):
    """Small texts by name, to be read."""

    def get(self, name: str) -> str | None: ...


class Documents(Texts, Protocol):
    """Small texts by name: plans by digest, the contracts' graph, what the next command needs."""

    def put(self, name: str, text: str) -> None:
        """Stores or replaces."""
        ...


class Reads(History, Lookups, Texts, Protocol):
    """What is told of a state, for who changes nothing."""

    def load(self) -> State:
        """The state at the end of the log, from the projections."""
        ...

    def read(self, after: int = 0, limit: int = 1000) -> Sequence[Logged]:
        """Events with a position greater than `after`, in order, as far as they were not forgotten."""
        ...

    def close(self) -> None: ...


class Store(Inbox, EventLog, Reads, Journal, Documents, Protocol):
    """One database behind all of them; commits of one are seen by the others."""


class Term(Protocol):
    """The time for which one process leads."""

    @property
    def epoch(self) -> int:
        """One more than that of the term before; 0 where nobody else can begin to lead as long as this one lasts."""
        ...

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Calls `tell` once, in a thread of its own, if the term ends before its holder ends it; at once if it has."""
        ...


class Leadership(Protocol):
    """At most one process decides at a time."""

    def lead(self, stop_waiting: threading.Event | None = None, epoch: int = 0) -> AbstractContextManager[Term]:
        """Holds the leadership while inside; with `stop_waiting`, waits for it until that is set. The epoch of the
        term is no lower than the one that is given.

        Raises:
            StateInUse: another process holds it; says which.
        """
        ...

    def is_led(self) -> bool:
        """Whether anybody leads now."""
        ...

    def leader(self) -> str | None:
        """Who leads now, in words; None: nobody."""
        ...


class Engine(Protocol):
    """Carries out effects that were committed, at least once each, also those of a process that died."""

    def start(self, perform: Callable[[Effect], None]) -> None:
        """Begins to carry out effects; one that raises is tried again with back-off."""
        ...

    def stop(self) -> None:
        """Ends; what is under way may be done again at the next start."""
        ...


class Artifacts(Protocol):
    """Immutable content by its digest."""

    def put(self, content: bytes) -> str:
        """Stores, and returns `sha256:<hex>`."""
        ...

    def get(self, digest: str) -> bytes | None: ...


class Repositories(Protocol):
    """Git repositories by their declared name."""

    def head(self, repo: str, revision: str) -> str:
        """The full commit id that `branch:NAME` or `tag:NAME` points to (a tag's commit, not its tag object).

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def subject(self, repo: str, commit: str) -> str:
        """The first line of a commit's message, as its author wrote it.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def content(self, repo: str, commit: str, paths: Sequence[str]) -> str:
        """The id of what is at and below some paths at a commit; equal where that is equal, byte by byte.

        A path that is not there counts as being empty.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...

    def checkout(self, repo: str, commit: str, into: Path) -> None:
        """Makes `into` hold exactly the tree of a commit, replacing what was there.

        Raises:
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        ...


class Synthesiser(Protocol):
    """Turns a checkout into a cloud assembly."""

    def synthesise(self, source: Path, workplace: Workplace, target: Target, progress: Progress) -> None:
        """Runs the app that `cdk.json` in `source` names, with the run document at `workplace.document`. Where its own
        context does not say it, the app is told what `workplace.answers` says.

        The assembly is then in `workplace.assembly`, what the app printed in `workplace.log`, without its secrets.

        Raises:
            AppFailed, ToolMissing
        """
        ...


class Cloud(Protocol):
    """CloudFormation and what it needs, in one account and region at a time.

    `CloudUnreachable` passes, `CloudRefused` does not: asking again is answered the same."""

    def preflight(self, target: Target) -> None:
        """Proves, before anything moves, that credentials fit the account.

        Raises:
            CloudUnreachable
        """
        ...

    def prove(self, assembly: Assembly, target: Target, progress: Progress) -> None:
        """Proves, before anything moves, that the account has what an assembly names: buckets, a bootstrap version.

        Raises:
            CloudUnreachable, NotBootstrapped, BootstrapTooOld
        """
        ...

    def look_up(
        self, folder: Path, target: Target, answered: Mapping[str, str], progress: Progress
    ) -> Mapping[str, str]:
        """Makes the lookups that an assembly names as missing, but for those answered; where that is not allowed, none.

        Returns:
            Context key → answer as JSON.

        Raises:
            AppFailed: there is no assembly, or it cannot be read.
            LookupNotMade: nobody here can make it, or it is about another place.
            LookupFailed: it found nothing, or too much.
            CloudUnreachable, CloudRefused
        """
        ...

    def read_assembly(self, folder: Path, target: Target, published: Mapping[str, str]) -> Assembly:
        """Reads what a CDK app synthesised. Resources behind the outputs in `published` are marked to survive
        their replacement and removal. Where an app has the value under another name (`Output:ApiEndpoint`,
        `Export:…`, `SsmParameter:…`), the output is added.

        Raises:
            AppFailed: there is no assembly, or it cannot be read.
            LookupsUnresolved, AssemblyUnfit
        """
        ...

    def upload_assets(self, folder: Path, assembly: Assembly, target: Target, progress: Progress) -> None:
        """Uploads what is not there yet; the same content has the same key.

        Raises:
            CloudUnreachable, NotBootstrapped
        """
        ...

    def missing_assets(self, assembly: Assembly, target: Target) -> Sequence[Asset]:
        """What an assembly refers to and is not there any more: its bucket is cleaned by whoever likes to.

        Raises:
            CloudUnreachable, CloudRefused
        """
        ...

    def look(self, stack: str, target: Target) -> StackLook:
        """What is there under a name, once nothing moves; changes nothing, whosever it is.

        A stack that only change sets of `odmd` announced is not there yet.

        Raises:
            CloudUnreachable
        """
        ...

    def propose(
        self,
        stack: StackTemplate,
        parameters: Mapping[str, str],
        name: str,
        about: str,
        target: Target,
        progress: Progress = ...,
    ) -> ChangeSet:
        """Creates the change set `name` (unique per run and attempt) and describes it.

        First brings the stack into a state that takes one: waits for an update under way (of a process that died),
        deletes a creation that was rolled back, removes other change sets of the same enver that were never executed.

        Raises:
            AssemblyUnfit: the stack's tag says that it is another enver's.
            StackFailed, CloudUnreachable, CloudRefused
            NotBootstrapped: the template is too large to be sent along, and there is no bucket for it.
        """
        ...

    def execute(self, change_set: ChangeSet, target: Target, progress: Progress) -> None:
        """Executes it and waits, however long AWS is out of reach meanwhile; tells every resource's event. An empty one
        is nothing to do.

        Raises:
            StackFailed: rolled back; with the first failing resource, at whatever depth, and its reason.
            CredentialsRefused, CloudRefused
        """
        ...

    def stacks_of(self, enver: str, target: Target) -> Sequence[str]:
        """The names of all stacks that carry an enver's tag, in any status; those inside of them not counted.

        Raises:
            CloudUnreachable, CloudRefused
        """
        ...

    def delete(self, stack: str, enver: str, target: Target, progress: Progress = ...) -> None:
        """Deletes a stack and waits, though it be protected against termination: ask before. One that is not there,
        or that is not this enver's by its tag, is left alone.

        Raises:
            StackFailed: with what could not be deleted, and why.
            CloudUnreachable, CloudRefused
        """
        ...

    def protect(self, stack: StackTemplate, target: Target) -> None:
        """Protects a stack against termination as its author says, or no longer.

        Raises:
            CloudUnreachable, CloudRefused
        """
        ...

    def deployed(self, stack: StackTemplate, target: Target) -> DeployedStack:
        """The stack as it runs.

        Raises:
            StackFailed: there is no such stack.
            CloudUnreachable
        """
        ...


class Handovers(Protocol):
    """Keeps what is sent to a replaced resource flowing to its successor, and clears up afterwards."""

    def bridge(self, old: Resource, new: Resource, name: str, enver: str) -> str:
        """Makes the old one forward to the new one, both the enver's. Idempotent by `name`.

        Returns an id to remove the bridge by, '' where the old one is gone.

        Raises:
            ResourceNotOurs: one of them is not the enver's.
            NotYetCarriedOut: the type has no bridge, or the two are in different places.
            StackFailed, CloudUnreachable
        """
        ...

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:
        """Removes a product's bridge, then the resource of a value that nobody needs; returns why it stays for good, or
        '' when it is gone. What is not of this product, whatever is recorded of it, stays.

        Raises:
            CloudUnreachable
        """
        ...


class Mirror(Protocol):
    """The organisation's published values where other systems read them."""

    def put(self, path: str, text: str, target: Target) -> None:
        """Writes one value to one path.

        Raises:
            CloudUnreachable
        """
        ...

    def clear(self, path: str, target: Target) -> None:
        """Removes what stands at a path and below it.

        Raises:
            CloudUnreachable
        """
        ...
