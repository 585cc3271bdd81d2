"""Takes away what an enver brought into its namespace, and the namespace if odmd made it and nothing else is there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.running.acting import clearing_target
from odmd.control.running.clearing import IsLeft, clear_each, together
from odmd.control.running.procedures import NOTHING_THERE, Job, Remains
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.control.scheduler.units import DeployedUnit
from odmd.model.build_types import KUBERNETES
from odmd.plan.inventory import HOLDS_DATA, Belonging, Inventory, Staying
from odmd.providers.kubernetes import recipe
from odmd.providers.kubernetes.api import ApiResource, ClusterApi, Gone
from odmd.providers.kubernetes.changing import is_own
from odmd.providers.kubernetes.objects import RECORD, Id, Object, group_of, holds_data, list_at, text_at
from odmd.providers.kubernetes.procedure import OWNER, KubernetesProcedure
from odmd.providers.kubernetes.record import MAPS, Record, Sort, read_record
from odmd.providers.kubernetes.waiting import Waiting

LOGGER: Final = logging.getLogger("odmd.removal")
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
class _Release:
    """What an enver has in a namespace of a cluster."""

    unit: DeployedUnit
    enver: str
    namespace: str
    cluster: str

    @property
    def where(self) -> str:
        """In words."""
        return f"namespace {self.namespace} of cluster {self.cluster} in {self.unit.target}"


@dataclass(frozen=True, slots=True)
class KubernetesRemover:
    """Needs what its procedure needs, and what an enver was last deployed with."""

    procedure: KubernetesProcedure
    last: Callable[[str], Job | None]
    """The last run of an enver as a job; None where nothing of it is known."""
    is_left: IsLeft
    state: str
    """The id of the state: what another one manages stays."""
    says: Callable[[str, str], object]
    """Told of an enver what stays."""
    kept: Callable[[str], bytes | None] = lambda _digest: None
    """A recipe by its digest, where it is kept."""

    def look(self, effect: RemoveEnver) -> Remains:
        """Raises:
        ClusterUnreachable, ClusterSignInRefused, ClusterRefused, ManifestsUnfit
        """
        releases = self._releases(effect)
        return together([self._look(one) for one in releases])

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        kept = self.kept(effect.recipe) if effect.recipe else None
        *before, newest = [[one.where] for one in self._releases(effect)] or [[]]
        newest += recipe.ids_in(kept or b"")
        return [", ".join(one) for one in (*before, newest) if one]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Releases in namespaces of clusters that their enver went away from.

        Raises:
            ClusterUnreachable, ClusterSignInRefused, ClusterRefused
        """
        return clear_each(effect, lambda unit: self._look(_release(effect.enver, unit)), self.is_left)

    def _releases(self, effect: RemoveEnver) -> Sequence[_Release]:
        """Those recorded; older releases recorded none, and had one, where the last run was."""
        if effect.units or (job := self.last(effect.enver)) is None:
            return [_release(effect.enver, unit) for unit in effect.units]
        unit = DeployedUnit(recipe.release_of(job), job.target, KUBERNETES.unit)
        return [_release(effect.enver, unit)]

    def _look(self, release: _Release) -> Remains:
        namespace, api = release.namespace, self._api(release)
        record = read_record(api, namespace)
        if record is None or record.enver != release.enver or record.state not in ("", self.state):
            return NOTHING_THERE  # nothing is there that this state brought
        there = list(_there(api, namespace, record))
        goes = [Belonging(sort.kind, sort.name, HOLDS_DATA if _asks(sort, live) else "") for sort, live in there]
        stays = list(_stays(api, namespace, release.enver, {sort.id for sort, _ in there}))
        if not any(one.what == "namespace" for one in stays):
            goes.append(Belonging("namespace", f"{namespace} once it is empty"))
        return Remains(Inventory(tuple(goes), tuple(stays)), lambda: self._take(release, api, there))

    def _api(self, release: _Release) -> ClusterApi:
        return self.procedure.api_of(release.cluster, clearing_target(release.enver, KUBERNETES, release.unit.target))

    def _take(self, release: _Release, api: ClusterApi, there: Sequence[tuple[Sort, Object]]) -> str:
        namespace, enver = release.namespace, release.enver
        waiting = Waiting(api, namespace, _MINUTES, 0, lambda line: LOGGER.debug("%s: %s", enver, line))
        for sort, live in reversed(there):
            api.delete(sort.resource, namespace, sort.name, uid=text_at(live, "metadata", "uid"), dependents_first=True)
        waiting.until_gone([(sort.id, sort.resource, text_at(live, "metadata", "uid")) for sort, live in there])
        api.delete(MAPS, namespace, RECORD)
        self._remove_namespace(api, namespace, enver)
        return ""

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


def _release(enver: str, unit: DeployedUnit) -> _Release:
    cluster, _, namespace = unit.name.rpartition("/")
    return _Release(unit, enver, namespace, cluster)


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
            if not _is_the_clusters(one) and not text_at(one, "metadata", "deletionTimestamp"):
                yield f"{resource.kind}/{text_at(one, 'metadata', 'name')}"


def _asks(sort: Sort, live: Object) -> bool:
    return holds_data(sort.id, live)


def _stays(api: ClusterApi, namespace: str, enver: str, its: Collection[Id]) -> Iterator[Staying]:
    """What is not the enver's; what a controller made of something of it goes with that."""
    try:
        found = api.get(f"/api/v1/namespaces/{namespace}")
    except Gone:
        return
    if text_at(found, "metadata", "annotations", OWNER) != enver:
        yield Staying("namespace", namespace, "odmd did not make it")
    for resource in _OTHERS:
        for one in api.list(resource, namespace):
            about = Id(group_of(resource.api_version), resource.kind, text_at(one, "metadata", "name"))
            made_by_another = bool(list_at(one, "metadata", "ownerReferences"))
            if about not in its and about.name != RECORD and not made_by_another and not _is_the_clusters(one):
                yield Staying(resource.kind, about.name, f"it is of others, and keeps namespace {namespace}")


def _is_the_clusters(one: Object) -> bool:
    name = text_at(one, "metadata", "name")
    return name in _CLUSTERS_OWN or one.get("type") == "kubernetes.io/service-account-token"
