"""Takes away what an enver brought into its namespace, and the namespace if odmd made it and nothing else is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.running.procedures import Job
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval, Loss
from odmd.errors import OdmdError
from odmd.graph import digest
from odmd.providers.kubernetes import recipe
from odmd.providers.kubernetes.api import ApiResource, ClusterApi, Gone
from odmd.providers.kubernetes.changing import is_own
from odmd.providers.kubernetes.objects import RECORD, Object, holds_data, text_at
from odmd.providers.kubernetes.procedure import OWNER, KubernetesProcedure
from odmd.providers.kubernetes.record import MAPS, Record, Sort, read_record
from odmd.providers.kubernetes.waiting import Waiting

_MINUTES: Final = 5
_OTHERS: Final = tuple(
    ApiResource(version, kind, plural, namespaced=True)
    for version, kind, plural in (
        ("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
        ("v1", "Pod", "pods"),
        ("v1", "Service", "services"),
        ("v1", "ConfigMap", "configmaps"),
        ("v1", "Secret", "secrets"),
        ("apps/v1", "Deployment", "deployments"),
        ("apps/v1", "StatefulSet", "statefulsets"),
        ("batch/v1", "Job", "jobs"),
    )
)
"""What people put into namespaces: one that has any of it stays."""
_CLUSTERS_OWN: Final = frozenset({"kube-root-ca.crt", "openshift-service-ca.crt"})


@dataclass(frozen=True, slots=True)
class KubernetesRemover:
    """Needs what its procedure needs, and what an enver was last deployed with."""

    procedure: KubernetesProcedure
    last: Callable[[str], Job | None]
    """The last run of an enver as a job; None where nothing of it is known."""
    says: Callable[[str, str], object]
    """Told of an enver what stays."""

    def remove(self, effect: RemoveEnver) -> FinishRemoval:
        if (job := self.last(effect.enver)) is None:
            return FinishRemoval(effect.enver, began=effect.began)
        try:
            return self._removed(effect, job)
        except OdmdError as failed:
            hint = f"\n{failed.next_step}" if failed.next_step else ""
            return FinishRemoval(effect.enver, f"{failed.code} {failed.fact}{hint}", began=effect.began)

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Of a release nothing is recorded outside of its cluster that could leave it."""
        return FinishClearance(effect.enver, effect.units, (), effect.began)

    def _removed(self, effect: RemoveEnver, job: Job) -> FinishRemoval:
        namespace, api = recipe.namespace_of(job.enver), self.procedure.api(job)
        record = read_record(api, namespace)
        if record is None or record.enver != effect.enver or record.state not in ("", job.state):
            return FinishRemoval(effect.enver, began=effect.began)  # nothing is there that this state brought
        there = list(_there(api, namespace, record))
        lost = [str(sort.id) for sort, live in there if holds_data(sort.id, live) and not job.enver.ephemeral]
        if lost and (loss := _loss(effect.enver, lost)).digest != effect.allowed:
            return FinishRemoval(effect.enver, loss.what, loss, effect.began)
        waiting = Waiting(api, namespace, _MINUTES, 0, job.alive)
        for sort, live in reversed(there):
            api.delete(sort.resource, namespace, sort.name, uid=text_at(live, "metadata", "uid"), dependents_first=True)
        waiting.until_gone([(sort.id, sort.resource, text_at(live, "metadata", "uid")) for sort, live in there])
        api.delete(MAPS, namespace, RECORD)
        self._remove_namespace(api, namespace, effect.enver)
        return FinishRemoval(effect.enver, began=effect.began)

    def _remove_namespace(self, api: ClusterApi, namespace: str, enver: str) -> None:
        try:
            found = api.get(f"/api/v1/namespaces/{namespace}")
        except Gone:
            return
        if text_at(found, "metadata", "annotations", OWNER) != enver:
            self.says(enver, f"namespace {namespace} stays: odmd did not make it")
        elif others := list(_others(api, namespace)):
            self.says(enver, f"namespace {namespace} stays: it has {', '.join(others[:5])} of others")
        else:
            api.delete_namespace(namespace)


def _there(api: ClusterApi, namespace: str, record: Record) -> Iterator[tuple[Sort, Object]]:
    """What of a release is there and carries its label."""
    for sort in record.all:
        try:
            live = api.get(sort.resource.path(namespace, sort.name))
        except Gone:
            continue
        if is_own(live, namespace):
            yield sort, live


def _others(api: ClusterApi, namespace: str) -> Iterator[str]:
    for resource in _OTHERS:
        for one in api.list(resource, namespace):
            name = text_at(one, "metadata", "name")
            is_the_clusters = name in _CLUSTERS_OWN or one.get("type") == "kubernetes.io/service-account-token"
            if not is_the_clusters and not text_at(one, "metadata", "deletionTimestamp"):
                yield f"{resource.kind}/{name}"


def _loss(enver: str, lost: Sequence[str]) -> Loss:
    what = f"its removal would take {', '.join(lost)} along, which holds data"
    return Loss(what, digest(("remove", enver, lost)))
