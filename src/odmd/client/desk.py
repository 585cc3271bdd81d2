"""The claim protocol over HTTP: what `odmd agent run` works with."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Final, TypeVar

from odmd import __version__
from odmd.client.connection import Connection, httpx, read
from odmd.control.access.claims import HEADER, new_secret
from odmd.control.leading.desk import Claim
from odmd.control.leading.slices import Slice
from odmd.control.leading.workers import BEATS
from odmd.control.ports.journal import DoneStep
from odmd.control.ports.run_log import Line
from odmd.control.running.live_config import NOTHING_LIVE, LiveConfig
from odmd.control.scheduler.messages import FailRun, FinishRun
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.values import Value
from odmd.errors import ClaimRefused, FailedForNow, NothingThere, ServerMisunderstood
from odmd.graph import Compiled

T = TypeVar("T")
_AGAIN_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 600.0
"""With a server that does not answer: for longer, nobody waits for the run either."""


@dataclass(frozen=True, slots=True)
class _ClaimTold:
    run: Run
    attempt: AttemptNumber
    made_for: Slice
    published: tuple[Value, ...]
    done: tuple[DoneStep, ...]
    patience: float
    state: str = ""
    known: bool = True
    moved: bool = False
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    hidden: tuple[str, ...] = ()
    live: LiveConfig = NOTHING_LIVE
    asks_changes: bool = False
    drifted: bool = False
    dearer_by: Decimal | None = None
    runs: str | None = None


class RemoteDesk:
    """A `Desk`, and the `Artifacts` and the `RunLog` of the run that was claimed there."""

    def __init__(self, connection: Connection, compiled: Compiled) -> None:
        self._server, self._compiled = connection, compiled
        self._claim: Claim | None = None
        self._secret = new_secret()
        self._over = threading.Event()

    def close(self) -> None:
        """Ends the heartbeat."""
        self._over.set()

    def claim(self, worker: str, run: int | None = None) -> Claim | None:
        """Raises:
        ContractsDiffer, ClaimRefused, ClaimNotYours, NotSignedIn, NotAllowed, ServerUnreachable
        """
        if run is None:
            return None
        contracts = self._compiled.graph.digest()
        said = {"worker": worker, "release": __version__, "contracts": contracts, "secret": self._secret}
        answer = self._patiently(lambda: self._server.send("POST", f"/runs/{run}/claims", body=said))
        told = read(_ClaimTold, answer.content)
        self._claim = Claim(
            run=told.run,
            attempt=told.attempt,
            enver=told.made_for.enver,
            contracts=told.made_for.version,
            kinds=self._compiled.kinds,
            published={value.product: value for value in told.published},
            done={step.name: step for step in told.done},
            others=self._compiled.graph.longer_heads(told.made_for.enver),
            state=told.state,
            known=told.known,
            moved=told.moved,
            config=told.config,
            hidden=told.hidden,
            live=told.live,
            asks_changes=told.asks_changes,
            drifted=told.drifted,
            dearer_by=told.dearer_by,
            runs=told.runs,
        )
        threading.Thread(target=self._beat, args=(told.patience / BEATS,), name="beat", daemon=True).start()
        return self._claim

    def still(self, claim: Claim) -> Run | None:
        try:
            return read(Run, self._patiently(lambda: self._send(claim, "beat")))
        except ClaimRefused:
            return None

    def record(self, claim: Claim, step: DoneStep) -> None:
        said = {name: what for name, what in asdict(step).items() if name != "token"}  # the server knows whose it is
        self._patiently(lambda: self._send(claim, "steps", said))

    def finish(self, outcome: FinishRun | FailRun) -> None:
        if self._claim is not None:
            claim, said = self._claim, asdict(outcome)
            of_claim = ("run", "attempt", "unit")  # the server knows these by the claim
            body = {name: what for name, what in said.items() if name not in of_claim}
            self._patiently(lambda: self._send(claim, "end", body))

    def hand_on(self, claim: Claim, prepared: str) -> None:
        self._patiently(lambda: self._send(claim, "prepared", {"prepared": prepared}))
        self._over.set()

    def give_back(self, claim: Claim, why: str) -> None:
        self._patiently(lambda: self._send(claim, "given-back", {"why": why}))
        self._over.set()

    # artifacts

    def put(self, content: bytes) -> str:
        return self._handed_in(content, {})

    def put_report(self, content: bytes) -> str:
        return self._handed_in(content, {"report": "true"})

    def _handed_in(self, content: bytes, asked: Mapping[str, str]) -> str:
        digest = _digest(content)
        compressed = zlib.compress(content)
        self._patiently(lambda: self._of_artifact("PUT", digest, compressed, asked))
        return digest

    def get(self, digest: str) -> bytes | None:
        try:
            answer = self._patiently(lambda: self._of_artifact("GET", digest))
        except NothingThere:
            return None
        content = zlib.decompress(answer.content)
        if _digest(content) != digest:
            raise ServerMisunderstood(f"this is not the content of {digest}", next_step="see whose server it is")
        return content

    # what the run says

    def say(self, lines: Sequence[Line]) -> None:
        if self._claim is not None:
            said = [{"at": line.at, "text": line.text, "lasting": line.lasting} for line in lines]
            self._send(self._claim, "lines", {"lines": said})

    def lines(self, run: int | None = None, after: int | None = 0, limit: int = 500) -> Sequence[Line]:
        """None: who carries out a run does not read what runs say."""
        del run, after, limit
        return ()

    def _send(self, claim: Claim, what: str, body: Mapping[str, object] | None = None) -> bytes:
        return self._server.send("POST", _path(claim, what), body=body, headers={HEADER: self._secret}).content

    def _of_artifact(
        self, method: str, digest: str, content: bytes | None = None, asked: Mapping[str, str] | None = None
    ) -> httpx.Response:
        if self._claim is None:
            raise NothingThere("nothing was claimed, so no artifact is within reach")
        path, headers = _path(self._claim, f"artifacts/{digest}"), {HEADER: self._secret}
        return self._server.send(method, path, asked, headers=headers, content=content)

    def _beat(self, every: float) -> None:
        while self._claim is not None and not self._over.wait(every):
            with suppress(FailedForNow, ClaimRefused):  # before its next step, the agent finds out by itself
                self._send(self._claim, "beat")

    def _patiently(self, do: Callable[[], T]) -> T:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return do()
            except FailedForNow:
                if time.monotonic() > until:
                    raise
                self._over.wait(_AGAIN_SECONDS)


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def _path(claim: Claim, what: str) -> str:
    return f"/runs/{claim.run.id}/attempts/{claim.attempt}/{what}"
