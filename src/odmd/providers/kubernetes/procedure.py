"""The procedure of build type `kubernetes`: its recipe is manifests with placeholders, its one unit their release."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, cast

from odmd.control.running.config_places import as_text
from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal
from odmd.errors import ClusterRefused, PublishedWrong
from odmd.graph import digest
from odmd.model.targets import Target
from odmd.providers.kubernetes import recipe
from odmd.providers.kubernetes.access import Clusters
from odmd.providers.kubernetes.api import PATIENCE, ClusterApi, Gone
from odmd.providers.kubernetes.bringing import Bringing, Planned, is_settled
from odmd.providers.kubernetes.changing import LiveObjects, changes, live_objects, what_goes
from odmd.providers.kubernetes.discovery import Discovery
from odmd.providers.kubernetes.manifests import refuse
from odmd.providers.kubernetes.objects import Id, Object, holds_data, id_of
from odmd.providers.kubernetes.placeholders import filled, of_configs, of_secrets
from odmd.providers.kubernetes.products import found_in
from odmd.providers.kubernetes.record import Record, read_record, refuse_too_large
from odmd.providers.kubernetes.rendering import Renderer
from odmd.providers.kubernetes.waiting import Waiting
from odmd.texts import first_of

OWNER: Final = "odmd/enver"
"""The annotation on a namespace that odmd made."""
_LOOK_SECONDS: Final = 0.5
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class KubernetesProcedure:
    """Needs what manifests are made with, and who knows how clusters are reached."""

    renderer: Renderer
    clusters: Clusters
    patience: float = PATIENCE
    """Seconds for which a cluster that does not answer is asked again."""

    def preflight(self, job: Job) -> None:
        """Raises:
        ClusterUnreachable, ClusterSignInRefused, NotCaged
        """
        self.renderer.room.preflight()
        self.api(job).get("/version")

    def prepare(self, job: Job) -> bytes:
        job.checkout()
        documents = self.renderer.documents(job, recipe.said_of(job.enver))
        return recipe.to_recipe(job.enver, recipe.objects_for(job.enver, documents))

    def open(self, kept: bytes, job: Job) -> ReleaseWork:
        return ReleaseWork(self, job, recipe.from_recipe(kept, job.enver))

    def api(self, job: Job) -> ClusterApi:
        """The cluster of an enver.

        Raises:
            ClusterSignInRefused
        """
        return self.api_of(recipe.cluster_of(job), job.target)

    def api_of(self, cluster: str, target: Target) -> ClusterApi:
        """A cluster by its name.

        Raises:
            ClusterSignInRefused
        """
        return ClusterApi(self.clusters.access(cluster, target), self.patience)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is recorded and there: asked once for a look and the proposal right after it."""

    record: Record | None
    live: LiveObjects


class ReleaseWork:
    """An enver's objects with the values of one run."""

    lookups: tuple[tuple[str, str], ...] = ()

    def __init__(self, procedure: KubernetesProcedure, job: Job, objects: list[Object]) -> None:
        self._procedure, self._job, self._said = procedure, job, recipe.said_of(job.enver)
        self._namespace = recipe.namespace_of(job.enver)
        texts, config = {**job.texts, **of_secrets(job.secrets)}, of_configs(objects, job.config_at)
        self._objects = [cast("Object", filled(one, {**texts, **config})) for one in objects]
        self._planned: Planned | None = None
        self._seen: _Seen | None = None
        values = {**texts, **{name: as_text(said) for name, said in config.items()}}
        self.units: Sequence[Unit] = [Unit(recipe.release_of(job), digest(objects), values)]

    @cached_property
    def _api(self) -> ClusterApi:
        return self._procedure.api(self._job)

    @cached_property
    def _discovery(self) -> Discovery:
        return Discovery(self._api)

    def stale(self) -> str:
        """The same manifests take any values, as long as what they were brought to is there."""
        self._seen = self._see()
        return "" if self._seen.record else f"nothing is recorded in namespace {self._namespace} any more"

    def prove(self) -> None:
        """Proves that the cluster has what the manifests are of, and can record them.

        Raises:
            ManifestsUnfit, ClusterUnreachable, ClusterRefused
        """
        refuse(list(self._discovery.wrong(self._objects)), f"the manifests of {self._job.enver.label}")
        refuse_too_large(self._namespace, self._job.enver.address, self._objects)

    def deliver(self) -> Mapping[str, object]:
        """The namespace, as nothing can be tried out where there is none.

        Raises:
            ClusterRefused, ClusterUnreachable
        """
        if self._has_namespace():
            return {}
        try:
            self._api.make_namespace(self._namespace, {OWNER: self._job.enver.address})
        except ClusterRefused as refused:
            raise ClusterRefused(
                f"there is no namespace {self._namespace}, and it may not be made: {refused.fact}",
                next_step=f"let whoever runs the cluster make it: kubectl create namespace {self._namespace}",
            ) from refused
        return {"namespace": self._namespace}

    def look(self, unit: Unit) -> Look:  # noqa: ARG002
        """A release of ours, or objects by the same names that nobody of us made."""
        self._seen = seen = self._seen or self._see()
        record, live = seen.record, seen.live
        if strange := live.foreign(self._objects, self._namespace):
            return Look(
                is_there=True,
                status=_listed(strange),
                id=self._namespace,
                holding=tuple(str(one) for one in strange if holds_data(one, live.objects[one])),
            )
        if record is None:
            return Look()
        return Look(is_there=True, owner=record.enver, state=record.state or None, id=self._namespace)

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:  # noqa: ARG002
        """Raises:
        FieldsOfOthers, ManifestsUnfit, ClusterRefused, ClusterUnreachable
        """
        job, seen = self._job, self._seen or self._see()
        self._seen = None
        found, live = seen.record, seen.live
        record = found or Record(job.enver.address, "")
        if record.enver != job.enver.address:
            raise ClusterRefused(
                f"namespace {self._namespace} has a release of {record.enver}", next_step="give the build another name"
            )
        made = changes(
            self._api,
            self._discovery,
            self._objects,
            live,
            record.served,
            self._said.takes_over,
            job.enver.label,
            reverts=job.drifted,
        )
        goes = what_goes(live, self._objects, record, self._namespace)
        self._planned = Planned(made, goes, record)
        shown = [one.shown() for one in made if one.action != "Keep"] + [one.shown() for one in goes]
        settled = found is not None and record.state == job.state and is_settled(self._planned, self._objects)
        return Proposal(unit.name, "", tuple(shown), empty=settled)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        """Raises:
        RolloutFailed, FieldsOfOthers, ManifestRefused, ClusterRefused, ClusterUnreachable
        """
        if proposal.empty or self._planned is None:
            return {}
        waiting = Waiting(self._api, self._namespace, self._said.minutes, self._said.stuck_seconds, self._job.alive)
        Bringing(
            self._api, self._discovery, self._namespace, self._planned, waiting, self._said.undo, self._job.tell
        ).bring(self._job.enver.address, self._job.state)
        return {}

    def settle(self, unit: Unit) -> None:
        """Nothing is left to do."""

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:  # noqa: ARG002
        """Waits for what a cluster gives late, such as the name of a load balancer.

        Raises:
            PublishedWrong: it is not there in time.
        """
        texts, until = dict[str, str](), time.monotonic() + self._said.minutes * 60
        while True:
            texts |= {name: text for name, text in self._products(texts) if text}
            if not (left := [one.name for one in self._job.enver.products if one.name not in texts]):
                return Observed(texts, {})
            if time.monotonic() >= until:
                raise PublishedWrong(
                    f"{self._job.enver.label} serves, and its cluster does not say {', '.join(left)}",
                    next_step="let `of=` in the contract name a field that gets a value",
                )
            self._job.alive(f"waits for {', '.join(left)}")
            time.sleep(_LOOK_SECONDS)

    def _products(self, known: Mapping[str, str]) -> list[tuple[str, str]]:
        read = list[tuple[str, str]]()
        for product in self._job.enver.products:
            if product.name in known:
                continue
            found = found_in(product.of)
            said = next(one for one in self._objects if (one["kind"], id_of(one).name) == (found.kind, found.name))
            try:
                read.append((product.name, found.read(self._api.get(self._path(said)))))
            except Gone:
                continue
        return read

    def _path(self, said: Object) -> str:
        return self._discovery.of(said).path(self._namespace, id_of(said).name)

    def _see(self) -> _Seen:
        record = read_record(self._api, self._namespace)
        of = record or Record(self._job.enver.address, "")
        return _Seen(record, live_objects(self._api, self._discovery, self._namespace, self._objects, of))

    def _has_namespace(self) -> bool:
        """One that we may not look at is somebody's, and there."""
        try:
            self._api.get(f"/api/v1/namespaces/{self._namespace}")
        except Gone:
            return False
        except ClusterRefused:
            return True
        return True


def _listed(ids: Sequence[Id]) -> str:
    return first_of([str(one) for one in ids], _SHOWN)
