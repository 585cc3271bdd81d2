"""What bringing a release about would change: every object is tried out by the cluster itself, and nothing is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from odmd.control.running.proposal import ResourceChange
from odmd.errors import FieldsOfOthers, ManifestRefused, RolloutPaused
from odmd.providers.kubernetes.api import ApiResource, ClusterApi, Conflict, Immutable
from odmd.providers.kubernetes.difference import differing, holds_all, in_words
from odmd.providers.kubernetes.discovery import Discovery
from odmd.providers.kubernetes.manifests import refuse
from odmd.providers.kubernetes.objects import (
    LABEL,
    RECORD,
    Id,
    Object,
    at,
    group_of,
    holds_data,
    id_of,
    is_paused,
    list_at,
    map_at,
    text_at,
)
from odmd.providers.kubernetes.record import Record, Sort

_AT_ONCE: Final = 8
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """What happens to one object."""

    said: Object
    resource: Sort
    action: str
    """Add, Modify, Replace or Keep."""
    cause: str = ""
    force: bool = False
    """Whether fields of those who may be taken over are among it."""
    uid: str = ""
    """Of what is replaced."""
    data: bool = False

    @property
    def id(self) -> Id:
        return self.resource.id

    def shown(self) -> ResourceChange:
        replaced = self.action == "Replace"
        return ResourceChange(
            "Modify" if replaced else self.action,
            self.id.name,
            self.id.kind,
            "True" if replaced else "",
            self.cause,
            self.data,
            stops=replaced and self.id.kind != "Job",
        )


@dataclass(frozen=True, slots=True)
class Goes:
    """What is there of an earlier release, and of no manifest any more."""

    sort: Sort
    uid: str
    data: bool

    def shown(self) -> ResourceChange:
        return ResourceChange("Remove", self.sort.name, self.sort.kind, "", "no manifest says it any more", self.data)


@dataclass(frozen=True, slots=True)
class LiveObjects:
    """What is in the namespace by the names of a release, or of an earlier one."""

    objects: Mapping[Id, Object]

    def foreign(self, objects: Iterable[Object], namespace: str) -> list[Id]:
        """Those that are there by the same names, and were not brought there by odmd."""
        there = [id_of(one) for one in objects]
        return [one for one in there if one in self.objects and not is_own(self.objects[one], namespace)]


def at_once(do: Callable[[A], B], over: Iterable[A]) -> list[B]:
    """Some at a time, the results in order; who waits longest is heard first."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="cluster") as pool:
        return list(pool.map(do, over))


def live_objects(
    api: ClusterApi, discovery: Discovery, namespace: str, objects: Sequence[Object], record: Record
) -> LiveObjects:
    """Sort by sort, and of one namespace alone: what manifests name, and what was brought there before."""
    sorts = {discovery.of(one) for one in objects}
    before = {one.resource for one in record.all if discovery.resource(one.api_version, one.kind)} - sorts
    asked = [*((one, "") for one in sorts), *((one, f"{LABEL}={namespace}") for one in before)]

    def listed(what: tuple[ApiResource, str]) -> list[tuple[Id, Object]]:
        resource, selector = what
        group = group_of(resource.api_version)
        found = api.list(resource, namespace, selector)
        return [(Id(group, resource.kind, text_at(one, "metadata", "name")), one) for one in found]

    return LiveObjects({whose: one for found in at_once(listed, asked) for whose, one in found})


def changes(
    api: ClusterApi,
    discovery: Discovery,
    objects: Sequence[Object],
    live: LiveObjects,
    served: Sequence[Object],
    takes_over: Sequence[str],
    whose: str,
    *,
    reverts: bool = False,
) -> list[ObjectChange]:
    """Of each object, tried out; one that was brought there as it is said now, and stands there so, needs no try.

    Args:
        reverts: fields of others are taken over, whoever they are, as what they changed is brought back.

    Raises:
        FieldsOfOthers, RolloutPaused, ManifestsUnfit, ClusterRefused, ClusterUnreachable
    """
    trial = _Trial(api, discovery, live, {id_of(one): one for one in served}, takes_over, reverts)
    made = at_once(trial.change, objects)
    trial.refuse(whose)
    return [one for one in made if one is not None]


@dataclass(frozen=True, slots=True)
class _Trial:
    """Tries objects out, and notes all that is amiss with them: it is said at once."""

    api: ClusterApi
    discovery: Discovery
    live: LiveObjects
    before: Mapping[Id, Object]
    """As they were said when they were brought there."""
    takes_over: Sequence[str]
    reverts: bool
    conflicts: list[str] = field(default_factory=list[str])
    unfit: list[str] = field(default_factory=list[str])
    paused: list[str] = field(default_factory=list[str])

    def change(self, said: Object) -> ObjectChange | None:
        """What happens to an object; None: something is amiss with it."""
        resource, there = self.discovery.of(said), self.live.objects.get(id_of(said))
        sort = Sort(resource.api_version, resource.kind, resource.plural, id_of(said).name)
        if there is not None and self.before.get(sort.id) == said and holds_all(there, without_kind(said)):
            return ObjectChange(said, sort, "Keep")
        try:
            applied = self._applied(resource, sort, said)
        except Immutable as why:
            self.api.apply(resource, _under_another_name(said), dry_run=True)  # what goes can come back in the new form
            data = holds_data(sort.id, there) or sort.kind == "StatefulSet"
            return ObjectChange(said, sort, "Replace", str(why), uid=text_at(there, "metadata", "uid"), data=data)
        except ManifestRefused as refused:
            self.unfit.append(f"{sort.id}: {refused.fact}")
            return None
        return self._against(there, said, sort, *applied) if applied else None

    def _applied(self, resource: ApiResource, sort: Sort, said: Object) -> tuple[Object, bool] | None:
        """What the cluster would make of it, and whether fields are taken over for that; None: they are others'."""
        try:
            return self.api.apply(resource, said, dry_run=True), False
        except Conflict as conflict:
            left = [cause for cause in conflict.causes if cause[0] not in self.takes_over]
            if not self.reverts and (left or not conflict.causes):
                self.conflicts.append(_conflict(sort.id, left))
                return None
            return self.api.apply(resource, said, dry_run=True, force=True), True

    def _against(self, there: Object | None, said: Object, sort: Sort, after: Object, force: bool) -> ObjectChange:
        """What is there against what the cluster would make of it."""
        if there is None:
            return ObjectChange(said, sort, "Add", "", force)
        if not differing(there, after):
            return ObjectChange(said, sort, "Keep", in_words(there, after), force)
        if at(after, "spec", "paused") is True and not is_paused(said):
            self.paused.append(f"{sort.id} is paused{_by(there)}")
        return ObjectChange(said, sort, "Modify", in_words(there, after), force)

    def refuse(self, whose: str) -> None:
        """Says what is amiss, if anything is.

        Raises:
            FieldsOfOthers, RolloutPaused, ManifestsUnfit
        """
        refuse(sorted(self.unfit), f"the cluster does not take all manifests of {whose}: they")
        if self.conflicts:
            raise FieldsOfOthers(
                "\n".join(["others manage what the manifests say, too:", *sorted(self.conflicts)]),
                next_step="take the fields out of the manifests, or let the contract say who gives them up: "
                'takes_over=("…",)',
            )
        if self.paused:
            raise RolloutPaused(
                f"nothing new would be rolled out: {'; '.join(sorted(self.paused))}",
                next_step="ask whoever paused it to resume it (`kubectl rollout resume`), or say `paused: true` in the "
                "manifest",
            )


def what_goes(live: LiveObjects, objects: Sequence[Object], record: Record, namespace: str) -> list[Goes]:
    """What was brought there before, is there still, carries the label, and stands in no manifest."""
    kept, known = {id_of(one) for one in objects}, {(one.id.group, one.kind): one for one in record.all}
    stays = {text_at(live.objects.get(one), "metadata", "uid") for one in kept}  # be it by another group's name, too
    gone = list[Goes]()
    for whose, one in live.objects.items():
        sort = known.get((whose.group, whose.kind))
        if sort is None or whose in kept or not is_own(one, namespace) or text_at(one, "metadata", "deletionTimestamp"):
            continue
        if map_at(one, "metadata").get("ownerReferences"):
            continue  # what owns it decides
        if whose == Id("", "ConfigMap", RECORD):
            continue
        if (uid := text_at(one, "metadata", "uid")) not in stays:
            named = Sort(sort.api_version, sort.kind, sort.plural, whose.name)
            gone.append(Goes(named, uid, holds_data(whose, one)))
    return sorted(gone, key=lambda one: (one.sort.kind, one.sort.name))


def is_own(live: Object, namespace: str) -> bool:
    """Whether odmd brought it there."""
    return text_at(live, "metadata", "labels", LABEL) == namespace


def _by(live: Object) -> str:
    """Who paused it, where that is recorded."""
    of = [
        one
        for one in list_at(live, "metadata", "managedFields")
        if at(one, "fieldsV1", "f:spec", "f:paused") is not None
    ]
    return f" by {text_at(of[0], 'manager')}" if of else ""


def without_kind(one: Object) -> Object:
    """Lists of a cluster say it once for all."""
    return {key: said for key, said in one.items() if key not in ("apiVersion", "kind")}


def _conflict(whose: Id, causes: Sequence[tuple[str, str]]) -> str:
    return f"{whose}: " + (", ".join(f"{field} is {manager}'s" for manager, field in causes) or "somebody else's")


def _under_another_name(one: Object) -> Object:
    about = map_at(one, "metadata")
    name = f"odmd-{hashlib.sha256(str(about['name']).encode()).hexdigest()[:12]}"
    return {**one, "metadata": {**about, "name": name}}
