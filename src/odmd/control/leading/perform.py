"""Carries out effects. Each may be done twice, so each looks at the newest state or is conditional at its provider."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, assert_never

from odmd.control.ports.jobs import Jobs, WantedJob
from odmd.control.ports.reads import History
from odmd.control.ports.world import Handovers, Mirror
from odmd.control.running.acting import mirroring_target
from odmd.control.scheduler.effects import (
    ClearMirror,
    ClearUnits,
    Effect,
    MirrorProduct,
    RemoveEnver,
    RemoveRetired,
    SendLater,
    StartJob,
)
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval, FinishRetirement, Message, NoteJob
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.values import Resource, Value, ValueStatus
from odmd.errors import HostUnknown, OdmdError
from odmd.graph import Graph
from odmd.model.naming import SHARE, enver_of
from odmd.model.targets import Target

_PATIENCE_SECONDS: Final = 24 * 3600.0
"""How long what nobody uses any more is tried to be removed, while its failure is listed, before it is let go of."""


@dataclass(slots=True)
class Performer:
    """Every effect's way into the world."""

    graph: Graph
    """The contracts in force."""
    history: History
    mirror: Mirror
    handovers: Mapping[str, Handovers]
    """By the provider of a resource."""
    remove_enver: Callable[[RemoveEnver], FinishRemoval]
    clear_units: Callable[[ClearUnits], FinishClearance]
    tell: Callable[[Message, str], None]
    clock: Callable[[], float] = time.time
    writing: dict[str, Lock] = field(default_factory=dict[str, Lock])
    """One writer a path."""
    jobs: Jobs | None = None
    """Who starts those of GitHub; None: nobody does."""

    def perform(self, effect: Effect) -> None:
        """Does what an effect asks for; raises what the provider raises."""
        match effect:
            case MirrorProduct(product):
                self._mirror(product)
            case RemoveRetired():
                self._remove(effect)
            case RemoveEnver():
                done = self.remove_enver(effect)
                self.tell(done, f"removed {effect.enver} {uuid.uuid4().hex}")
            case ClearUnits():
                self.tell(self.clear_units(effect), f"cleared {effect.enver} {uuid.uuid4().hex}")
            case ClearMirror(enver, region):
                self.mirror.clear(f"{SHARE}/{enver}", mirroring_target(self.graph.central_account, region))
            case StartJob():
                self._start_job(effect)
            case SendLater(_, message):
                self.tell(message, repr(message))
            case _:
                assert_never(effect)

    def _start_job(self, effect: StartJob) -> None:
        """Unless somebody has the run by now, or it is known already which job will."""
        run = self.history.run(effect.run)
        if run is None or run.status is not RunStatus.DISPATCHED or run.attempt != effect.attempt or run.job:
            return
        build = self.graph.build_of(run.enver)
        if self.jobs is None or build is None or build.runs_on is None:
            raise HostUnknown(
                f"nobody starts the job for run {run.id}", next_step="[tool.odmd.actions] says by whom jobs are known"
            )
        of_build = build.repo, build.repo_ids[1], build.name, build.runs_on.branch
        job = self.jobs.start(WantedJob(*of_build, run.id, effect.at, run.lost_jobs))
        self.tell(NoteJob(run.id, effect.attempt, job), f"job of run {run.id} attempt {effect.attempt}")

    def _mirror(self, product: str) -> None:
        with self.writing.setdefault(product, Lock()):  # or a slow write of an old value could come after the new one's
            for value in self.history.values(product):
                if value.status is ValueStatus.CURRENT:
                    for target in self._central(product):
                        self.mirror.put(f"{SHARE}/{product}", value.text, target)

    def _clear(self, product: str) -> None:
        """The product was withdrawn; what was written of an enver that is removed goes as a whole."""
        if enver_of(product) in self.graph.envers:
            for target in self._central(product):
                self.mirror.clear(f"{SHARE}/{product}", target)

    def _central(self, product: str) -> Iterator[Target]:
        """The organisation's account in the enver's region, and in those where the product is replicated."""
        enver = self.graph.envers[enver_of(product)]
        replicated = (region for one in enver.products if one.address == product for region in one.regions)
        for region in dict.fromkeys((enver.region, *replicated)):
            yield mirroring_target(self.graph.central_account, region)

    def _remove(self, effect: RemoveRetired) -> None:
        product, version = effect.product, effect.version
        values = self.history.values(product)
        retiring = next(value for value in values if value.version == version)
        leftover = ""
        if retiring.resource is not None:
            try:
                leftover = self._retire(retiring, retiring.resource, values)
            except OdmdError as failed:
                if not effect.began or self.clock() - effect.began < _PATIENCE_SECONDS:
                    raise
                leftover = f"{retiring.resource.physical_id} may be there still, let go of after a day: {_said(failed)}"
        if not any(value.status is ValueStatus.CURRENT for value in values):
            self._clear(product)
        self.tell(FinishRetirement(product, version, leftover), f"retired {product} #{version}")

    def _retire(self, retiring: Value, resource: Resource, values: Sequence[Value]) -> str:
        if (handovers := self.handovers.get(resource.provider)) is None:
            return f"{resource.physical_id} is kept: it is at {resource.provider}, which this release knows nothing of"
        return handovers.retire(None if _still_used(retiring, values) else resource, retiring.bridge, retiring.product)


def _said(failed: OdmdError) -> str:
    return f"{failed.code} {failed.fact}"


def _still_used(retiring: Value, values: Sequence[Value]) -> bool:
    """Whether another live value of the product is made by the same resource."""
    others = (value for value in values if value.version != retiring.version)
    return any(value.resource == retiring.resource for value in others if value.status is not ValueStatus.RETIRED)
