"""The plane: what can be done with a control plane, wherever it is; a command does not know which one it has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from odmd.compare.comparison import EnverComparison
    from odmd.control.access.tokens import TokenDesk
    from odmd.control.leading.comparing import CompareAsked
    from odmd.control.leading.config_desk import ConfigDesk
    from odmd.control.leading.costs import CostView
    from odmd.control.leading.drift import DriftAsked
    from odmd.control.leading.in_use import DeployAsked
    from odmd.control.leading.preflight import PreflightAsked
    from odmd.control.leading.secret_desk import SecretDesk
    from odmd.control.leading.where import Whereabouts, WhereAsked
    from odmd.control.leading.wishes import Wish
    from odmd.control.reading.drift import DriftView
    from odmd.control.reading.left import Left
    from odmd.control.reading.looking_back import Trail
    from odmd.control.reading.past import Past
    from odmd.control.reading.preflight import PreflightView
    from odmd.control.reading.views import ContractsView
    from odmd.control.scheduler.events import Event
    from odmd.errors import Interrupted
    from odmd.plan import Plan
    from odmd.plan.build import Limited
    from odmd.plan.fitting import FitAnswer


class Watcher(Protocol):
    """Is told what happens as soon as it is committed, in whatever thread that is."""

    def says(self, line: str) -> None:
        """Something about the plane itself, before anything happens."""
        ...

    def happened(self, event: Event) -> None:
        """A committed event."""
        ...

    def report(self, run: int, line: str, *, lasting: bool = False) -> None:
        """What a run says."""
        ...

    def ended_without_run(self, enver: str, why: str) -> None:
        """All waves that reached an enver ended there without a run."""
        ...

    def waits(self, line: str) -> None:
        """What is waited for; may be told again and again."""
        ...


class Underway(Protocol):
    """A run that was begun before."""

    @property
    def id(self) -> int: ...

    @property
    def enver(self) -> str: ...


class Change(Protocol):
    """Somebody plans, decides, and sees the plan carried out: these in this order, each once."""

    def interrupted(self) -> Sequence[Underway]:
        """Runs that an earlier process began and did not end, and that go on in this one."""
        ...

    def finish_interrupted(self) -> None:
        """Until they ended."""
        ...

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Plan:
        """As `Plane.plan`."""
        ...

    def approved(self, digest: str, *, look: bool) -> Plan | None:
        """The plan that somebody looked at; None: who carries it out finds out whether it still says what is to do.

        Raises:
            PlanOutdated, PlanUnusable, ToolMissing
        """
        ...

    def begin(self, why: str, *, allow_dirty: bool, accepted: str = "") -> bool:
        """Carries out what was planned, or approved, and nothing else; whether there is anything to follow.

        Args:
            accepted: why it may break who runs beside it.

        Raises:
            PlanOutdated, PlanUnusable, NotCommitted, SchemasBroken
        """
        ...

    def follow(self) -> None:
        """Until nothing of it moves; the watcher is told what happens."""
        ...

    def left(self) -> Left:
        """What is not as it should be then, after some patience with what arrives late."""
        ...


class Telling(Protocol):
    """Wishes that were told."""

    @property
    def events(self) -> Sequence[Event] | None:
        """What came of them at once; None: who leads has not answered yet."""
        ...

    @property
    def watched(self) -> bool:
        """Whether the watcher was told so, too."""
        ...

    def follow(self) -> None:
        """Until nothing moves that follows from them in this process; the watcher is told what happens."""
        ...


@dataclass(frozen=True, slots=True)
class ToldOnly:
    """A `Telling` after which nothing is to be followed: who leads carries on."""

    events: Sequence[Event] | None
    watched: bool = False

    def follow(self) -> None:
        """Nothing follows in this process."""


class Plane(Protocol):
    """Opens what it needs when it is first needed, and closes that when it is left."""

    @property
    def is_local(self) -> bool:
        """Whether this process looks at the world itself, and who asks is trusted to speak for every team."""
        ...

    @property
    def past(self) -> Past:
        """What is recorded.

        Raises:
            NothingDeployed: nothing was ever deployed there.
            StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed
        """
        ...

    @property
    def trail(self) -> Trail:
        """Who did what, and whether that can be proven.

        Raises:
            NothingDeployed, StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed
        """
        ...

    @property
    def tokens(self) -> TokenDesk:
        """Who may do what at its server.

        Raises:
            StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed
        """
        ...

    @property
    def config(self) -> ConfigDesk:
        """Private config.

        Raises:
            StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed, ToolMissing
        """
        ...

    @property
    def secrets(self) -> SecretDesk:
        """Where secrets are, and how they stand there.

        Raises:
            StateUnreadable, ContractsNotLoaded, ContractsUnsound, ServerUnreachable, NotSignedIn, NotAllowed
        """
        ...

    def other_contracts(self) -> tuple[ContractsView, ContractsView] | None:
        """Those here and those that it plans with, where they differ.

        Raises:
            SettingsInvalid, ContractsNotLoaded, ContractsUnsound: those that somebody gave cannot be read.
        """
        ...

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Plan:
        """What would be done; it is kept.

        Args:
            refresh: read the heads of the repositories, or take those that the last plan read.
            look: look at the world whether what is deployed is still there.

        Raises:
            EnverUnknown, ToolMissing, StateUnreadable, ContractsNotLoaded, ContractsUnsound, ServerBusy
        """
        ...

    def preflight(self, asked: PreflightAsked, *, refresh: bool) -> PreflightView:
        """Whether all is there that next runs need; who carries them out asks, and changes nothing.

        Raises:
            EnverUnknown, ToolMissing, StateUnreadable, ContractsNotLoaded, ContractsUnsound, ServerBusy
        """
        ...

    def compare(self, asked: CompareAsked) -> EnverComparison:
        """What differs between two envers, or between what one runs and ran.

        Raises:
            EnverUnknown, NothingRan, CompareRefused
            NothingDeployed, StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed
        """
        ...

    def where(self, asked: WhereAsked) -> Whereabouts:
        """Where a commit or a value is now.

        Raises:
            EnverUnknown, WhereUnknown, WhereAmbiguous
            NothingDeployed, StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed
        """
        ...

    def drift(self, asked: DriftAsked) -> DriftView:
        """Whether what runs is still what was deployed; who carries out runs looks, and changes nothing.

        Raises:
            EnverUnknown, NothingDeployed, StateUnreadable, ContractsNotLoaded, ContractsUnsound
        """
        ...

    def costs(self, typed: str | None = None) -> CostView:
        """What envers cost a day by being there, or one does.

        Raises:
            EnverUnknown, StateUnreadable
        """
        ...

    def can_deploy(self, asked: DeployAsked, hold_until: float | None = None) -> FitAnswer:
        """Whether something fits what runs beside it; a yes is held, if somebody says until when.

        Raises:
            EnverUnknown, CommitAmbiguous, AnswerHeld, NotAllowed, NothingDeployed
            StateUnreadable, ContractsNotLoaded, ContractsUnsound, ServerBusy
        """
        ...

    def let_go(self, enver: str, why: str = "") -> bool:
        """Holds the answer for an enver no longer; whether one was held.

        Raises:
            EnverUnknown, NotAllowed, NothingDeployed, StateUnreadable, ServerBusy
        """
        ...

    def change(self, watcher: Watcher) -> AbstractContextManager[Change]:
        """Raises:
        ToolMissing, StateInUse, StateUnreadable, ContractsNotLoaded, ContractsUnsound
        """
        ...

    def tell(self, wishes: Sequence[Wish], watcher: Watcher) -> AbstractContextManager[Telling]:
        """Tells wishes to who leads; if nobody does, this process does while inside.

        Raises:
            NothingDeployed, StateUnreadable, ServerBusy
            EnverUnknown, TeamUnknown, NothingAsked, OfferMoved, NotTheApprover, PinRefused
        """
        ...

    def stopped(self) -> Interrupted:
        """What is said to somebody who stops watching."""
        ...

    def __enter__(self) -> Plane: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
