"""What agents in other places may do with the one run that they have the right to; all that they say is checked."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

from odmd.agent.mask import Mask
from odmd.control.desk import Claim, StoreDesk
from odmd.control.messages import FailRun, FinishRun, Loss, Publication
from odmd.control.ports import Step
from odmd.control.run_log import Line
from odmd.control.state import Resource, Run
from odmd.control.workers import WorkerView
from odmd.errors import ClaimRefused, ContractsDiffer, RequestInvalid, RequestTooLarge
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.server.auth import Principal
from odmd.server.models import ClaimWanted, EndSaid, LineSaid, PublicationSaid
from odmd.server.service import Service
from odmd.store.artifacts import SqlArtifacts, digest_of
from odmd.store.run_log import SqlRunLog
from odmd.store.workers import SqlWorkers

LARGEST_ARTIFACT: Final = 64 * 1024 * 1024
_MASK: Final = Mask({})
_NO_WORD: Final = "its agent did not say why"


class AgentDesk:
    """One request's use of the desk."""

    def __init__(self, service: Service) -> None:
        self._service, self._store = service, service.control.store
        self._desk = StoreDesk(service.ask, self._store, service.compiled)
        self._workers = SqlWorkers(self._store.database)

    def claim(self, run: int, wanted: ClaimWanted, who: Principal) -> Claim:
        """The right to a run, once a token; the same again for the agent that asks again, as its answer was lost.

        Raises:
            ContractsDiffer, ClaimRefused, NotAnswered, LeadershipLost
        """
        if wanted.contracts != self._service.compiled.graph.digest() or not self._desk.is_current():
            raise ContractsDiffer(
                "the agent's contracts are not those in force", next_step="give it the version that the server has"
            )
        self._beat(WorkerView(wanted.worker, wanted.release, wanted.contracts, 1, 0.0))
        id = f"claim {run} by {who.token if who.run else wanted.worker};"
        if (claim := self._desk.claim(wanted.worker, run, id)) is None:
            self._workers.leave(wanted.worker)
            raise ClaimRefused(
                f"run {run} is not to be had: it ended, another agent has it, or this token was used for it before",
                next_step="`odmd runs` shows who has it",
            )
        return claim

    def still(self, run: int, attempt: int) -> Run:
        """The run, while this attempt at it is the newest; the agent lives.

        Raises:
            ClaimRefused: it is not, or is over.
        """
        found = self._held(run, attempt)
        self._beat(WorkerView(found.worker, "", "", 1, found.started_at))
        return found

    def record(self, run: int, attempt: int, step: Step) -> None:
        """Raises:
        ClaimRefused
        """
        self._held(run, attempt)
        self._store.record(run, attempt, step)

    def say(self, run: int, attempt: int, lines: Sequence[LineSaid]) -> None:
        """Raises:
        ClaimRefused
        """
        self._held(run, attempt)
        SqlRunLog(self._store.database).say([Line(0, run, one.at, _MASK(one.text), one.lasting) for one in lines])

    def end(self, run: int, attempt: int, said: EndSaid) -> None:
        """Ends the attempt; said again, it is so already.

        Raises:
            ClaimRefused, RequestInvalid, NotAnswered, LeadershipLost
        """
        found = self._store.run(run)
        if found is None or found.attempt != attempt:
            raise _over(run)
        if found.finished_at is None:
            self._desk.finish(self._outcome(found, said))
            self._workers.leave(found.worker)

    def put(self, digest: str, compressed: bytes) -> None:
        """Raises:
        RequestInvalid: it is not compressed, or not what it is called.
        RequestTooLarge
        """
        content = _decompressed(compressed)
        if digest_of(content) != digest:
            raise RequestInvalid(f"this is not the content of {digest}")
        SqlArtifacts(self._store.database).put(content)

    def get(self, digest: str) -> bytes | None:
        """Compressed."""
        content = SqlArtifacts(self._store.database).get(digest)
        return None if content is None else zlib.compress(content)

    def _held(self, run: int, attempt: int) -> Run:
        found = self._store.run(run)
        if found is None or found.attempt != attempt or found.finished_at is not None:
            raise _over(run)
        return found

    def _beat(self, worker: WorkerView) -> None:
        self._workers.beat(worker)

    def _outcome(self, run: Run, said: EndSaid) -> FinishRun | FailRun:
        made_for = self._desk.slice_of(run)
        published = tuple(self._checked(made_for.enver, one) for one in said.publications) if made_for else ()
        if said.assembly is not None:
            return FinishRun(run.id, run.attempt, said.assembly, published, said.stacks)
        loss = Loss(said.loss.what, said.loss.digest) if said.loss else None
        error = _MASK(said.error) or _NO_WORD
        return FailRun(run.id, run.attempt, error, said.clean, published, said.may_pass, loss, said.stacks)

    def _checked(self, enver: EnverNode, said: PublicationSaid) -> Publication:
        """A publication as its kind reads it; what agents say of its identity counts for nothing."""
        product = next((one for one in enver.products if one.address == said.product), None)
        if product is None or product.kind != said.kind:
            raise RequestInvalid(f"{enver.label} publishes no {said.product} of kind {said.kind}")
        where = None if said.resource is None else (said.resource.account, said.resource.region)
        if where not in (None, (enver.account, enver.region)):
            raise RequestInvalid(
                f"{naming.product_label(said.product)}: its resource is not in {enver.account}, {enver.region}"
            )
        try:
            value = self._service.compiled.kinds[product.kind].parse(said.text)
        except Exception as wrong:  # a kind is the user's code
            raise RequestInvalid(
                f"{naming.product_label(said.product)}: its kind cannot read it: {type(wrong).__name__}"
            ) from wrong
        resource = None if said.resource is None else Resource(**said.resource.model_dump())
        return Publication(said.product, value.text(), value.identity(), product.kind, resource, said.bridge)


def _over(run: int) -> ClaimRefused:
    return ClaimRefused(f"the right to run {run} is over: it ended, or another agent took it over")


def _decompressed(compressed: bytes) -> bytes:
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(compressed, LARGEST_ARTIFACT)
    except zlib.error as wrong:
        raise RequestInvalid("the content is not compressed by zlib") from wrong
    if reader.unconsumed_tail:
        raise RequestTooLarge("the content is larger than 64 MB")
    if not reader.eof:
        raise RequestInvalid("the content ends too early")
    return content
