"""The client: one object a server; what it returns are the views that embedded commands see."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Final, assert_never
from urllib.parse import quote, urlencode

from odmd.client.connection import API, MOST, PAUSE_SECONDS, TRIES, Connection, httpx, read
from odmd.client.looks import ServedLooks
from odmd.client.problems import error_of
from odmd.client.stream import Alive, Message, messages
from odmd.client.trail import ServedTrail
from odmd.compare.comparison import EnverComparison
from odmd.control.access.identities import IdentityProof, IdentityTold
from odmd.control.access.tokens import NewToken, Token
from odmd.control.config.layers import Layer
from odmd.control.leading.comparing import CompareAsked
from odmd.control.leading.config_views import ConfigChange, ConfigView, Edited, LayerView, MovedView
from odmd.control.leading.costs import CostView
from odmd.control.leading.drift import DriftAsked
from odmd.control.leading.in_use import DeployAsked
from odmd.control.leading.preflight import PreflightAsked
from odmd.control.leading.secret_desk import Bound, SecretView
from odmd.control.leading.suites import SUITE_FIELDS
from odmd.control.leading.where import Whereabouts, WhereAsked
from odmd.control.leading.wishes import (
    AcceptingDrift,
    Answering,
    AskingAgain,
    Cancelling,
    Delegating,
    EndingDelegation,
    KeepingClones,
    Pausing,
    Releasing,
    Resuming,
    RollingBack,
    Verifying,
    Wish,
)
from odmd.control.ports.run_log import Line
from odmd.control.reading.clones import CloneSetView
from odmd.control.reading.documents import DocumentView
from odmd.control.reading.dora import Dora
from odmd.control.reading.drift import DriftView
from odmd.control.reading.following import SubscriberView
from odmd.control.reading.lag import LagView
from odmd.control.reading.preflight import PreflightView
from odmd.control.reading.troubles import Trouble
from odmd.control.reading.verified import CheckView
from odmd.control.reading.views import (
    Cause,
    ChangeView,
    ContractsView,
    DelegationView,
    Earlier,
    EnverView,
    Happened,
    PauseView,
    RunView,
    ValueView,
)
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.control.scheduler.codec import TOLD
from odmd.errors import EnverUnknown, FailedForNow, ServerMisunderstood
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.build import Limited
from odmd.plan.fitting import FitAnswer

_SILENT_SECONDS: Final = 40.0
"""Without a sign of life for so long, a stream is dead."""


@dataclass(frozen=True, slots=True)
class Started:
    """A change that the server carries out."""

    events: Sequence[Happened]
    wave: int | None
    """None when there was nothing to do."""


@dataclass(frozen=True, slots=True)
class KnownByServer:
    """Who somebody is to a server, and how it knows."""

    name: str
    kind: ActorKind
    proof: str
    scope: Scope
    teams: tuple[str, ...]
    expires: float | None
    session: str | None
    """The id of his session, if he has one."""


@dataclass(frozen=True, slots=True)
class _SessionMade:
    session: Token
    text: str


class Client:
    """Speaks to a server with the token in ODMD_TOKEN, or that of a server of ours on this machine.

    Raises:
        SettingsInvalid: the URL is none.
        ServerUnreachable, NotSignedIn, NotAllowed, ServerBusy, ServerMisunderstood: from every method.
    """

    def __init__(self, server: str, token: str | None = None, transport: httpx.BaseTransport | None = None) -> None:
        self._server = Connection(server, token, transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._server.close()

    # reads

    def all_envers(self) -> Iterator[EnverView]:
        """By address."""
        return self._server.pages(EnverView, "/envers", {})

    def enver(self, typed: str) -> EnverView:
        """Raises:
        EnverUnknown
        """
        return self._server.get(EnverView, _of_enver(typed))

    def why(self, typed: str) -> Sequence[Cause]:
        """Raises:
        EnverUnknown
        """
        return self._server.get(tuple[Cause, ...], f"{_of_enver(typed)}/why")

    def earlier(self, typed: str, to: int | None = None) -> Earlier:
        """Raises:
        EnverUnknown, PinRefused
        """
        return self._server.get(Earlier, f"{_of_enver(typed)}/earlier", {} if to is None else {"run": str(to)})

    def runs(self, enver: str | None = None, limit: int = 50) -> Sequence[RunView]:
        """Newest first.

        Raises:
            EnverUnknown
        """
        asked = {"enver": enver} if enver else {}
        found: list[RunView] = []
        for run in self._server.pages(RunView, "/runs", asked, min(limit, MOST)):
            found.append(run)
            if len(found) == limit:
                break
        return found

    def run(self, id: int) -> RunView:
        """Raises:
        EnverUnknown: there was no such run.
        """
        return self._server.get(RunView, f"/runs/{id}")

    def lines(self, run: int, after: int = 0) -> Iterator[Line]:
        """What a run said, after a line's number."""
        return self._server.pages(Line, f"/runs/{run}/log", {"after": str(after)})

    def all_values(self, typed: str | None) -> Iterator[ValueView]:
        """Raises:
        EnverUnknown
        """
        return self._server.pages(ValueView, "/values", {"of": typed} if typed else {})

    def documents(self, typed: str) -> Sequence[DocumentView]:
        """Those of what an enver runs.

        Raises:
            EnverUnknown
        """
        return self._server.get(tuple[DocumentView, ...], f"{_of_enver(typed)}/documents")

    def document(self, typed: str, name: str) -> str:
        """The text of one.

        Raises:
            EnverUnknown, DocumentUnknown
        """
        return self._server.get(str, f"{_of_enver(typed)}/document", {"name": name})

    def compare(self, asked: CompareAsked) -> EnverComparison:
        """What differs between two envers, or between what one runs and ran.

        Raises:
            EnverUnknown, NothingRan, CompareRefused
        """
        given = {"before": asked.before, "after": asked.after}
        given |= {name: str(one) for name, one in (("at", asked.at), ("run", asked.run)) if one is not None}
        return self._server.get(EnverComparison, "/comparison", given)

    def costs(self, typed: str | None = None) -> CostView:
        """What envers cost a day by being there, or one does.

        Raises:
            EnverUnknown
        """
        return self._server.get(CostView, "/costs", {"enver": typed} if typed else {})

    def all_lags(self, typed: str | None = None) -> Iterator[LagView]:
        """Raises:
        EnverUnknown
        """
        return self._server.pages(LagView, "/lag", {"enver": typed} if typed else {})

    def where(self, asked: WhereAsked) -> Whereabouts:
        """Where a commit or a value is now.

        Raises:
            EnverUnknown, WhereUnknown, WhereAmbiguous
        """
        return self._server.get(Whereabouts, "/where", {"of": asked.text, "repo": asked.repo})

    def checks(self, typed: str, limit: int) -> Sequence[CheckView]:
        """What verified an enver so far.

        Raises:
            EnverUnknown
        """
        return self._server.get(tuple[CheckView, ...], f"{_of_enver(typed)}/checks", {"limit": str(limit)})

    def reports(self, typed: str, run: int, check: str) -> bytes:
        """The archive of what a check left in a run.

        Raises:
            EnverUnknown, ReportsUnknown
        """
        asked = {"run": str(run), "check": check}
        return self._server.send("GET", f"{_of_enver(typed)}/reports", asked).content

    def dora(self, days: float) -> Sequence[Dora]:
        """How often, how fast and how well teams deployed in the last days."""
        return self._server.get(tuple[Dora, ...], "/dora", {"days": str(days)})

    def pauses(self) -> Sequence[PauseView]:
        """Those in force."""
        return self._server.get(tuple[PauseView, ...], "/pauses")

    def delegations(self) -> Sequence[DelegationView]:
        """Those in force."""
        return self._server.get(tuple[DelegationView, ...], "/delegations")

    def clones(self) -> Sequence[CloneSetView]:
        """Those made on demand, as old as they are."""
        return self._server.get(tuple[CloneSetView, ...], "/clones")

    def subscribers(self) -> Sequence[SubscriberView]:
        """Who follows the log there by name, and how far each got."""
        return self._server.get(tuple[SubscriberView, ...], "/subscribers")

    def troubles(self) -> Sequence[Trouble]:
        """What could not be done there so far that is of no enver."""
        return self._server.get(tuple[Trouble, ...], "/troubles")

    @property
    def looks(self) -> ServedLooks:
        """What people look at first."""
        return ServedLooks(self._server)

    @property
    def trail(self) -> ServedTrail:
        """Who did what there."""
        return ServedTrail(self._server)

    def contracts(self) -> ContractsView:
        """Those in force there."""
        return self._server.get(ContractsView, "/contracts")

    def change(self, wave: int) -> ChangeView:
        """How far a change has come."""
        return self._server.get(ChangeView, f"/changes/{wave}")

    # writes

    def preflight(self, asked: PreflightAsked, *, refresh: bool = True) -> PreflightView:
        """Whether all is there that next runs need, as the server finds it.

        Raises:
            EnverUnknown
        """
        limited = {**_as_wanted(asked.limited), "refresh": refresh}
        wanted = {**limited, "envers": list(asked.envers), "every": asked.every}
        return read(PreflightView, json.dumps(self._server.post("/preflights", wanted)))

    def drift(self, asked: DriftAsked) -> DriftView:
        """Whether what runs is still what was deployed, as the server finds it.

        Raises:
            EnverUnknown
        """
        wanted = {"envers": list(asked.envers), "resources": asked.resources, "now": asked.now}
        return read(DriftView, json.dumps(self._server.post("/drifts", wanted)))

    def plan(self, limited: Limited, *, refresh: bool = True) -> Plan:
        """A plan that the server made and keeps.

        Raises:
            EnverUnknown
        """
        said = self._server.post("/plans", {**_as_wanted(limited), "refresh": refresh})
        plan = read(Plan, json.dumps(said["plan"]))
        if plan.digest() != said["digest"]:
            raise ServerMisunderstood(
                "the server's plan reads otherwise here: it is of another release",
                next_step="use the release of odmd that the server has",
            )
        return plan

    def can_deploy(self, asked: DeployAsked, hold_until: float | None = None) -> FitAnswer:
        """Whether something fits what runs beside it, by the server's contracts; a yes is held until then.

        Raises:
            EnverUnknown, CommitAmbiguous, AnswerHeld
        """
        wanted = {"enver": asked.enver, "commit": asked.commit, "to": asked.to}
        if hold_until is None:
            return read(FitAnswer, json.dumps(self._server.post("/deployability", wanted)))
        return read(FitAnswer, json.dumps(self._server.post("/held-answers", {**wanted, "until": hold_until})))

    def let_go(self, enver: str, why: str = "") -> bool:
        """Whether an answer was held for it.

        Raises:
            EnverUnknown
        """
        return bool(self._server.write("DELETE", f"/held-answers/{quote(enver, safe='')}{_because(why)}")["events"])

    def start(self, digest: str, why: str, *, allow_dirty: bool = False, accepted: str = "") -> Started:
        """Carries out a plan.

        Raises:
            PlanOutdated, PlanUnusable, NotCommitted, SchemasBroken
        """
        wanted = {"plan": digest, "why": why, "allow_dirty": allow_dirty, "accept_misfits": accepted}
        said = self._server.post("/changes", wanted)
        return Started(_happened(said), said["wave"])

    def tell(self, wish: Wish) -> Sequence[Happened]:
        """Carries out a wish; what came of it at once.

        Raises:
            EnverUnknown, NothingAsked, PinRefused, NothingToVerify, FindingUnknown
        """
        match wish:
            case Answering(enver, input, approved, why, identity):
                about = {"enver": enver, "input": input, "identity": identity}
                said = self._server.post("/answers", {**about, "approved": approved, "why": why})
            case AskingAgain(enver, input, why):
                said = self._server.post("/questions", {"enver": enver, "input": input, "why": why})
            case Delegating(to, team, until, why):
                said = self._server.post("/delegations", {"to": to, "team": team, "until": until, "why": why})
            case EndingDelegation(to, team):
                said = self._server.write("DELETE", f"/delegations/{quote(team, safe='')}/{quote(to, safe='')}")
            case Pausing(scope, why, until):
                said = self._server.post("/pauses", {"scope": scope, "why": why, "until": until})
            case Resuming(scope, why):
                said = self._server.write("DELETE", f"/pauses/{quote(scope, safe='')}{_because(why)}")
            case Cancelling(run, why):
                said = self._server.write("POST", f"/runs/{run}:cancel{_because(why)}")
            case RollingBack(enver, to, why):
                said = self._server.post("/pins", {"enver": enver, "run": to, "why": why})
            case Releasing() | Verifying():
                said = self._server.post(*_release_or_verification(wish))
            case KeepingClones(clone, ttl, why):
                said = self._server.write("PATCH", f"/clones/{quote(clone, safe='')}", {"ttl": ttl, "why": why})
            case AcceptingDrift(enver, why, findings, until):
                about = {"enver": enver, "findings": list(findings), "until": until}
                said = self._server.post("/drift-acceptances", {**about, "why": why})
            case _:
                assert_never(wish)
        return _happened(said)

    # tokens

    def create_token(
        self, name: str, scope: Scope, expires: float, run: int | None = None, teams: tuple[str, ...] = ()
    ) -> NewToken:
        """A new token, with its text."""
        wanted = {"name": name, "scope": scope.value, "expires": expires, "run": run, "teams": teams}
        said = self._server.post("/tokens", wanted)
        return read(NewToken, json.dumps(said))

    def tokens(self) -> Sequence[Token]:
        """All, by id."""
        return list(self._server.pages(Token, "/tokens", {}))

    def revoke_token(self, id: str) -> None:
        """Raises:
        TokenUnknown
        """
        self._server.send("DELETE", f"/tokens/{quote(id, safe='')}")

    # sessions

    def identities(self) -> Sequence[IdentityTold]:
        """By what somebody can prove to the server who he is."""
        return list(self._server.pages(IdentityTold, "/identities", {}))

    def sign_in(self, identity: str, proof: IdentityProof) -> NewToken:
        """A new session, with its text. A proof is sent once: it may be good for one session only.

        Raises:
            ProofRefused
        """
        wanted = {"identity": identity, "proof": proof.text, "secret": proof.secret}
        made = read(_SessionMade, self._server.send("POST", "/sessions", body=wanted).content)
        return NewToken(made.session, made.text)

    def right_to(self, run: int, identity: str, proof: IdentityProof, *, prepares: bool) -> NewToken:
        """The right to a run, for the job that it is for; a proof is sent once.

        Raises:
            ProofRefused
        """
        wanted = {"identity": identity, "proof": proof.text, "prepares": prepares}
        made = read(_SessionMade, self._server.send("POST", f"/runs/{run}/rights", body=wanted).content)
        return NewToken(made.session, made.text)

    def hand_over(self) -> str:
        """A one-time sign-in for a browser, which is good for a moment."""
        return str(self._server.post("/handovers", {})["code"])

    def whoami(self) -> KnownByServer:
        """Who we are to the server."""
        return self._server.get(KnownByServer, "/whoami")

    def sessions(self, *, everybody: bool = False) -> Sequence[Token]:
        """Those that are good, ours or everybody's, by id."""
        return list(self._server.pages(Token, "/sessions", {"everybody": "true"} if everybody else {}))

    def end_session(self, id: str) -> None:
        """Raises:
        SessionUnknown
        """
        self._server.send("DELETE", f"/sessions/{quote(id, safe='')}")

    # config

    def config_of(self, enver: str) -> Sequence[ConfigView]:
        """Raises:
        EnverUnknown, NotAllowed
        """
        return list(self._server.get(tuple[ConfigView, ...], "/config", {"enver": enver}))

    def config_moved(self, enver: str) -> Sequence[MovedView]:
        """Raises:
        EnverUnknown, NotAllowed
        """
        return list(self._server.get(tuple[MovedView, ...], "/config/moved", {"enver": enver}))

    def config_problems(self, enver: str = "") -> Sequence[str]:
        return list(self._server.get(tuple[str, ...], "/config/problems", {"enver": enver}))

    def layers(self) -> Sequence[LayerView]:
        return list(self._server.get(tuple[LayerView, ...], "/config/layers"))

    def layer_history(self, layer: str, limit: int = 50) -> Sequence[LayerView]:
        """Raises:
        ConfigRefused, NotAllowed
        """
        asked = {"layer": layer, "limit": str(limit)}
        return list(self._server.get(tuple[LayerView, ...], "/config/layers/versions", asked))

    def write_layer(self, layer: str, text: str, after: int, why: str = "", *, allow_lacking: bool = False) -> Edited:
        """Raises:
        ConfigRefused, ConfigUnreadable, ConfigInUse, LayerMoved, NotAllowed
        """
        said = {"text": text, "after": after, "why": why, "allow_lacking": allow_lacking}
        return self._edited("PUT", layer, said)

    def change_layer(
        self,
        layer: str,
        changes: Sequence[ConfigChange],
        after: int | None = None,
        why: str = "",
        *,
        allow_lacking: bool = False,
    ) -> Edited:
        """Raises:
        ConfigRefused, ConfigUnreadable, ConfigInUse, LayerMoved, NotAllowed
        """
        listed = [{"path": one.path, "text": one.text} for one in changes]
        said = {"changes": listed, "after": after, "why": why, "allow_lacking": allow_lacking}
        return self._edited("PATCH", layer, said)

    def _edited(self, method: str, layer: str, said: Mapping[str, object]) -> Edited:
        answer = self._server.send(method, f"/config/layers?layer={quote(layer, safe='')}", body=said)
        return read(Edited, answer.content)

    # secrets

    def bind(self, layer: Layer, name: str, reference: str, why: str) -> Bound:
        """As `SecretDesk.bind`."""
        wanted = {"layer": str(layer), "name": name, "reference": reference, "why": why}
        return read(Bound, json.dumps(self._server.write("PUT", "/secrets", wanted)))

    def secrets(self, envers: Sequence[str], *, look: bool) -> Sequence[SecretView]:
        """As `SecretDesk.secrets`."""
        asked = {**({"of": ",".join(envers)} if envers else {}), **({"look": "true"} if look else {})}
        return list(self._server.pages(SecretView, "/secrets", asked))

    # live

    def follow(
        self,
        after: int | None = None,
        *,
        runs: Collection[int] = (),
        envers: Collection[str] = (),
        change: int | None = None,
    ) -> Iterator[Message]:
        """What happens after a position; goes on by itself when the connection breaks.

        Args:
            runs, envers: only what is about these, and what these runs, or the runs of these envers, say meanwhile.
            change: a wave; what the runs of this change say, too.

        Raises:
            PositionUnknown, EnverUnknown
        """
        asked: dict[str, list[str]] = {"run": [*map(str, runs)], "enver": [*envers]}
        if change is not None:
            asked["change"] = [str(change)]
        last, failures = ("" if after is None else str(after)), 0
        while True:
            try:
                for message in self._stream(last, asked):
                    last, failures = message.id or last, 0
                    yield message
            except FailedForNow:
                failures += 1
                if failures > TRIES:
                    raise
                time.sleep(PAUSE_SECONDS * 2**failures)

    def happenings(self) -> Iterator[Happened | None]:
        """What happens from now on; None: nothing yet, and what comes will be told."""
        for message in self.follow():
            match message.what:
                case Happened() as happened:
                    yield happened
                case Alive():
                    yield None
                case _:
                    pass

    def _stream(self, last: str, asked: Mapping[str, Sequence[str]]) -> Iterator[Message]:
        timeout = httpx.Timeout(_SILENT_SECONDS, connect=10.0)
        headers = {"Last-Event-ID": last} if last else {}
        try:
            with self._server.http.stream(
                "GET", f"{API}/events", params=asked, headers=headers, timeout=timeout
            ) as answer:
                if not answer.is_success:
                    raise error_of(answer.status_code, answer.read())
                yield from messages(answer.iter_lines())
        except httpx.TransportError as wrong:
            raise self._server.unreachable(wrong) from wrong


def _of_enver(typed: str) -> str:
    address = naming.enver_address(typed)
    build, slash, slot = address.partition("/")
    if not (build and slash and slot) or "/" in slot:
        raise EnverUnknown(f"{typed} is no name of an enver", next_step="envers are called like orders@main")
    return f"/envers/{quote(build, safe='')}/{quote(slot, safe='')}"


def _because(why: str) -> str:
    """The query of a write without a body."""
    return f"?{urlencode({'why': why})}" if why else ""


def _happened(said: Mapping[str, Any]) -> Sequence[Happened]:
    return [Happened(one["position"], TOLD.decode(one["type"], json.dumps(one["body"]))) for one in said["events"]]


def _as_wanted(limited: Limited) -> dict[str, object]:
    asked = {"only_values": limited.only_values, "look_up": limited.look_up, "alone": limited.alone}
    clones = {"clones": asdict(limited.clones)} if limited.clones else {}
    return {"targets": list(limited.targets), **asked, **clones}


def _release_or_verification(wish: Releasing | Verifying) -> tuple[str, Mapping[str, object]]:
    wanted = {"enver": wish.enver, "why": wish.why}
    if isinstance(wish, Releasing):
        return "/releases", wanted
    suite = {field: getattr(wish.suite, field) for field in SUITE_FIELDS} if wish.suite else None
    return "/verifications", {**wanted, "suite": suite}
