"""What people ask of the control plane, and the message that each wish becomes, or why it is refused."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import assert_never

from odmd.control.leading.suites import refuse_unfit_suite
from odmd.control.ports.world import Repositories
from odmd.control.reading.named import suggestion
from odmd.control.reading.records import Records
from odmd.control.scheduler.actor import Actor, ActorKind
from odmd.control.scheduler.approvals import Delegation
from odmd.control.scheduler.envers import Enver, OpenQuestion, Pin
from odmd.control.scheduler.inert import inert
from odmd.control.scheduler.messages import (
    AcceptDrift,
    Answer,
    AskAgain,
    CancelRun,
    Delegate,
    EndDelegation,
    KeepClones,
    Message,
    PauseScope,
    PinEnver,
    ReleaseEnver,
    ResumeScope,
    VerifyEnver,
)
from odmd.control.scheduler.questions import (
    AboutChanges,
    AboutInput,
    AboutLoss,
    AboutLost,
    AboutSource,
    Question,
    asked,
    called,
)
from odmd.errors import (
    CloneRefused,
    EnverUnknown,
    FindingUnknown,
    NothingAsked,
    NothingToVerify,
    OfferMoved,
    PinRefused,
    ReasonMissing,
    StageUnknown,
    TeamUnknown,
)
from odmd.graph import Graph
from odmd.graph.paused import EVERYTHING, group_of, within
from odmd.model import SuiteCheck, naming
from odmd.plan.clones import LONGEST_SECONDS
from odmd.plan.wiring import promoted_from


@dataclass(frozen=True, slots=True)
class Answering:
    """Let in, or keep out, what an enver asks about."""

    enver: str
    input: str | None
    """`commit` for a promotion; may be left out where it asks about one thing."""
    approved: bool
    why: str = ""
    identity: str | None = None
    """Of what was shown: an answer to it is none to what came since. None: to whatever is asked now."""


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """Ask once more about what was turned down, or expired."""

    enver: str
    input: str | None = None
    """`commit` for a promotion; may be left out where that is one thing."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Delegating:
    """Let somebody answer for a team until then."""

    to: str
    team: str
    until: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class EndingDelegation:
    """Let somebody answer for a team no more."""

    to: str
    team: str


@dataclass(frozen=True, slots=True)
class Pausing:
    """Start nothing new in the scope: an enver, `team:<name>`, `stage:<name>`, or `*`."""

    scope: str
    why: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Resuming:
    """End a pause; that of a declared freeze, or of production, needs a reason."""

    scope: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Cancelling:
    """End a run before it moves anything."""

    run: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class RollingBack:
    """Bring an enver back to what an earlier run deployed, and hold it there."""

    enver: str
    to: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Releasing:
    """Let an enver that was rolled back follow its inputs again."""

    enver: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verifying:
    """Verify again what an enver runs."""

    enver: str
    why: str = ""
    suite: SuiteCheck | None = None
    """By these tests, this once, in the place of what its contract says."""


@dataclass(frozen=True, slots=True)
class KeepingClones:
    """Clones are used, or are to stay longer."""

    clone: str
    """One of them."""
    ttl: float | None = None
    """Seconds from now on, and after each use; 0: until somebody deletes them; None: they are used."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class AcceptingDrift:
    """What others changed of what an enver runs may be so."""

    enver: str
    why: str
    findings: tuple[str, ...] = ()
    """By their ids, or the beginnings of these; empty: all that nobody accepted
    when it arrives, seen or not."""
    until: float | None = None
    """Seconds since the epoch; None: until it changes."""


Wish = (
    Answering
    | AskingAgain
    | Delegating
    | EndingDelegation
    | Pausing
    | Resuming
    | Cancelling
    | RollingBack
    | Releasing
    | Verifying
    | KeepingClones
    | AcceptingDrift
)


def as_message(wish: Wish, records: Records, sources: Repositories, by: Actor) -> Message:
    """The message that carries out a wish; whether its sender may is asked where it is decided.

    Raises:
        EnverUnknown, TeamUnknown, NothingAsked, OfferMoved, PinRefused, ReasonMissing, NothingToVerify, CloneRefused
        FindingUnknown, SuiteUnfit
        RepositoryUnreachable, RevisionNotFound, ToolMissing: who is to follow its repository again needs its head.
    """
    match wish:
        case Answering():
            return _answer(wish, records, by)
        case AskingAgain():
            enver = records.find(wish.enver)
            return AskAgain(enver.address, _turned_down(enver, wish.input), by, wish.why)
        case Delegating() | EndingDelegation():
            return _delegation(wish, records, by)
        case Pausing():
            return PauseScope(_scope(wish.scope, records), by, wish.why, wish.until)
        case Resuming():
            return _resume(wish, records, by)
        case Cancelling():
            return _cancel(wish, records, by)
        case RollingBack():
            enver = records.find(wish.enver)
            run = records.pinnable(enver, wish.to)
            return PinEnver(run.enver, Pin(run.id, run.fingerprint, run.inputs, run.recipe, by, wish.why))
        case Releasing():
            return _release(wish, records, sources, by)
        case Verifying():
            return _verify(records.find(wish.enver), wish, records, by)
        case KeepingClones():
            return _keep_clones(wish, records, by)
        case AcceptingDrift():
            return _accept_drift(wish, records.find(wish.enver), by)
        case _:
            assert_never(wish)


def _answer(wish: Answering, records: Records, by: Actor) -> Answer:
    enver = records.find(wish.enver)
    question, offer = _open_question(enver, wish.input)
    label, identity = naming.enver_label(enver.address), offer.content.identity
    if wish.identity not in (None, identity):
        raise OfferMoved(
            f"{label} asks about something else by now: {asked(question, offer.content)}",
            next_step=f"look at it, and answer it as {identity}",
        )
    return Answer(
        enver.address, question, identity, wish.approved, by, wish.why, _authors(question, offer, enver, records)
    )


def _authors(question: Question, offer: OpenQuestion, enver: Enver, records: Records) -> tuple[str, ...]:
    """Who began what is asked about: the change that it goes back to, and all that came along in the same run."""
    store, run = records.store, _made_by(question, offer, enver, records)
    made = store.run(run) if run else None
    found = [wave for one in {offer.root, *(made.waves if made else ())} if (wave := store.wave(one)) is not None]
    roots = (store.wave(wave.root) or wave for wave in found)
    return tuple(sorted({wave.by.name for wave in (*found, *roots)}))


def _made_by(question: Question, offer: OpenQuestion, enver: Enver, records: Records) -> int | None:
    """The run that made what is asked about, or that would."""
    match question:
        case AboutSource():
            return offer.content.version
        case AboutInput():
            values = records.store.values(offer.content.product)
            return next((one.run for one in values if one.version == offer.content.version), None)
        case AboutLoss() | AboutLost() | AboutChanges():
            return enver.last_run


def _open_question(enver: Enver, input: str | None) -> tuple[Question, OpenQuestion]:
    label = naming.enver_label(enver.address)
    open_ones = {called(question): (question, offer) for question, offer in enver.offers.items()}
    if not open_ones:
        raise NothingAsked(f"{label} asks nothing", next_step=f"`odmd why {label}` says what it waits for")
    if input is None and len(open_ones) == 1:
        return next(iter(open_ones.values()))
    if input is None or input not in open_ones:
        what = ", ".join(asked(question, offer.content) for question, offer in open_ones.values())
        said = f"{label} does not ask about {input}" if input else f"{label} asks about more than one thing"
        raise NothingAsked(f"{said}: {what}", next_step=f"name one of {', '.join(open_ones)}")
    return open_ones[input]


def _turned_down(enver: Enver, input: str | None) -> Question:
    label = naming.enver_label(enver.address)
    found = {called(question): question for question in enver.rejected}
    if input is None and len(found) == 1:
        return next(iter(found.values()))
    if input is None or input not in found:
        what = f"about {input}" if input else "about one thing"
        next_step = f"name one of {', '.join(found)}" if found else f"`odmd why {label}` says what it waits for"
        raise NothingAsked(f"nothing was turned down {what} that {label} would ask", next_step=next_step)
    return found[input]


def _delegation(wish: Delegating | EndingDelegation, records: Records, by: Actor) -> Delegate | EndDelegation:
    wiring = records.wiring()
    known = _teams(wiring.graph) if wiring else {wish.team}
    if wish.team not in known:
        raise TeamUnknown(f"there is no team {wish.team}", next_step=suggestion(wish.team, known))
    if isinstance(wish, EndingDelegation):
        return EndDelegation(wish.to, wish.team, by)
    return Delegate(Delegation(inert(wish.to), wish.team, by, wish.until, inert(wish.why)))


def _teams(graph: Graph) -> set[str]:
    """All that own something, or hold a gate."""
    return {enver.team for enver in graph.envers.values()} | set(graph.governed.teams)


def _resume(wish: Resuming, records: Records, by: Actor) -> ResumeScope:
    scope = _scope(wish.scope, records)
    pause = records.store.standing().pauses.get(scope)
    if pause is not None and pause.by.kind is ActorKind.ODMD and not wish.why.strip():
        raise ReasonMissing(
            f"{scope} is frozen by its contracts: {pause.why}", next_step="say why it cannot wait: --message WHY"
        )
    if pause is not None and not wish.why.strip() and _holds_production(scope, records):
        raise ReasonMissing(
            f"the pause of {scope} holds up production", next_step="say why it may go on: --message WHY"
        )
    return ResumeScope(scope, by, wish.why)


def _holds_production(scope: str, records: Records) -> bool:
    """Whether envers of a stage that contracts call production start nothing because of it."""
    if (wiring := records.wiring()) is None:
        return False
    envers, production = wiring.graph.envers, wiring.graph.governed.production
    return any(envers[one].stage in production for one in within(scope, envers.values()) if one in envers)


def _scope(typed: str, records: Records) -> str:
    """A scope that there is; of a group also one that is paused although it is no more."""
    if (group := group_of(typed)) is None:
        return typed if typed == EVERYTHING else records.find(typed).address
    wiring = records.wiring()
    envers = wiring.graph.envers.values() if wiring else ()
    known = {group.name_of(one) for one in envers} if wiring else {group.name}
    if group.name not in known and typed not in records.store.standing().pauses:
        unknown = TeamUnknown if group.sort == "team" else StageUnknown
        raise unknown(f"there is no {group.sort} {group.name}", next_step=suggestion(group.name, known))
    return typed


def _keep_clones(wish: KeepingClones, records: Records, by: Actor) -> KeepClones:
    if wish.ttl is not None and wish.ttl > LONGEST_SECONDS:
        raise CloneRefused("they would stay for more than ten years", next_step="`odmd clone pin` keeps them")
    return KeepClones(records.clones_of(wish.clone).address, by, wish.ttl, inert(wish.why))


def _cancel(wish: Cancelling, records: Records, by: Actor) -> CancelRun:
    found = records.store.run(wish.run)
    if found is None or found.finished_at is not None:
        under_way = [str(one.id) for one in records.store.runs(limit=100) if one.finished_at is None]
        raise EnverUnknown(
            f"run {wish.run} is not under way", next_step=f"under way: {', '.join(sorted(under_way)) or 'none'}"
        )
    return CancelRun(wish.run, by, wish.why)


def _release(wish: Releasing, records: Records, sources: Repositories, by: Actor) -> ReleaseEnver:
    enver = records.find(wish.enver)
    if enver.pin is None:
        label = naming.enver_label(enver.address)
        raise PinRefused(f"{label} is not held", next_step=f"`odmd why {label}` says what it does")
    wiring = records.wiring()
    declared = wiring.graph.envers.get(enver.address) if wiring else None
    if declared is None or promoted_from(declared):
        return ReleaseEnver(enver.address, by, why=wish.why)
    commit = sources.head(declared.repo, declared.revision)
    return ReleaseEnver(enver.address, by, commit, sources.content(declared.repo, commit, declared.reads), wish.why)


def nothing_open(enver: str) -> FindingUnknown:
    """Nobody can accept what nobody found."""
    label = naming.enver_label(enver)
    return FindingUnknown(
        f"nothing is known at {label} that drifted and is not accepted",
        next_step=f"`odmd drift {label} --now` looks again",
    )


def _accept_drift(wish: AcceptingDrift, enver: Enver, by: Actor) -> AcceptDrift:
    label = naming.enver_label(enver.address)
    if not (why := inert(wish.why).strip()):
        raise ReasonMissing(f"what drifted at {label} is accepted for a reason", next_step="say which: -m WHY")
    ids = [one.deviation.id for one in enver.drift]
    open_ones = [one.deviation.id for one in enver.drift if one.is_open(time.time())]
    if not wish.findings and not open_ones:
        raise nothing_open(enver.address)
    for typed in wish.findings:
        if len([one for one in ids if one.startswith(typed)]) != 1:
            raise FindingUnknown(
                f"{label} has no finding {typed}, or it is another one by now",
                next_step=f"`odmd drift {label}` shows what there is: {', '.join(ids) or 'nothing'}",
            )
    named = [one for one in ids if any(map(one.startswith, wish.findings))] if wish.findings else open_ones
    return AcceptDrift(enver.address, tuple(named), by, why, wish.until)


def _verify(enver: Enver, wish: Verifying, records: Records, by: Actor) -> VerifyEnver:
    label, wiring = naming.enver_label(enver.address), records.wiring()
    declared = wiring.graph.envers.get(enver.address) if wiring else None
    if wiring and declared and wish.suite:
        refuse_unfit_suite(wish.suite, declared, wiring.graph)
    if declared is None or not (wish.suite or declared.verification.order):
        raise NothingToVerify(
            f"nothing verifies {label}", next_step='say what does in its contract: verified_by=(SuiteCheck("tests"),)'
        )
    if enver.deployed is None or enver.deployed.slice != declared.slice():
        raise NothingToVerify(
            f"{label} does not surely run under today's contracts",
            next_step="`odmd apply` deploys it, and verifies it then",
        )
    return VerifyEnver(enver.address, by, wish.why, wish.suite)
