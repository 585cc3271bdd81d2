"""Brings a release about: recorded first, applied sort by sort, waited for, else undone; what left goes last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from odmd.errors import (
    ClusterUnreachable,
    FieldsOfOthers,
    ManifestRefused,
    UnitFailed,
)
from odmd.providers.kubernetes.api import ApiResource, ClusterApi, Conflict, Immutable
from odmd.providers.kubernetes.changing import Goes, ObjectChange, at_once
from odmd.providers.kubernetes.discovery import Discovery
from odmd.providers.kubernetes.objects import (
    Id,
    Object,
    holds_data,
    id_of,
    is_paused,
    is_rolled_out,
    place_in_order,
    text_at,
)
from odmd.providers.kubernetes.record import Record, Sort, write_record
from odmd.providers.kubernetes.waiting import Waiting

_UNDONE: Final = "what served before serves again"


@dataclass(frozen=True, slots=True)
class Planned:
    """What was proposed."""

    changes: Sequence[ObjectChange]
    goes: Sequence[Goes]
    before: Record


@dataclass(frozen=True, slots=True)
class Bringing:
    """One attempt at it."""

    api: ClusterApi
    discovery: Discovery
    namespace: str
    planned: Planned
    waiting: Waiting
    undo: bool
    tell: Callable[[str], None]

    def bring(self, enver: str, state: str) -> None:
        """Raises:
        RolloutFailed, FieldsOfOthers, ManifestRefused, ClusterRefused, ClusterUnreachable
        """
        before, moving = self.planned.before, [one for one in self.planned.changes if one.action != "Keep"]
        sorts = tuple(one.resource for one in self.planned.changes)
        said = {one.id for one in sorts}
        there = (*(one for one in before.all if one.id not in said), *sorts)
        self._note(Record(enver, state, there, before.served, under_way=True))
        try:
            self._apply(moving)
            self.waiting.until_served(self._awaited(self.planned.changes if before.under_way else moving))
        except UnitFailed as failed:
            failed.clean = False
            if self.undo and before.served and not isinstance(failed, ClusterUnreachable):
                self._undo(failed, moving, there, Record(enver, state, before.all, before.served))
            raise
        try:
            self._remove([(one.sort, one.uid) for one in self.planned.goes])
            self._note(Record(enver, state, sorts, tuple(one.said for one in self.planned.changes)))
        except UnitFailed as failed:
            failed.clean = False
            raise

    def _apply(self, changes: Sequence[ObjectChange]) -> None:
        """What others need first; of one rank, some at a time. What is replaced is waited for, one by one."""
        for _, ranked in groupby(changes, key=lambda one: place_in_order(one.said)[0]):
            together = list(ranked)
            for one in together:
                stays = ", and paused, as its manifest says" if is_paused(one.said) else ""
                self.tell(f"{one.id}: {_DOES[one.action]}{stays}")
            replaced = [one for one in together if one.action == "Replace"]
            at_once(self._bring, [one for one in together if one not in replaced])
            for one in replaced:
                self._replace(one.said, one.resource.resource, one.uid)

    def _bring(self, change: ObjectChange) -> None:
        self._say(change.said, change.resource.resource, force=change.force)

    def _say(self, said: Object, resource: ApiResource, *, force: bool) -> None:
        try:
            self.api.apply(resource, said, dry_run=False, force=force)
        except Conflict as conflict:
            by = ", ".join(f"{field} is {manager}'s" for manager, field in conflict.causes)
            raise FieldsOfOthers(
                f"{id_of(said)} was changed by somebody else in the meantime: {by}", next_step="`odmd apply` shows it"
            ) from conflict
        except Immutable as why:
            raise ManifestRefused(f"{id_of(said)}: {why}", next_step="`odmd apply` asks about it") from why

    def _replace(self, said: Object, resource: ApiResource, uid: str) -> None:
        name = text_at(said, "metadata", "name")
        if self.api.delete(resource, self.namespace, name, uid=uid, dependents_first=True):
            self.waiting.until_gone([(id_of(said), resource, uid)])
        self._say(said, resource, force=True)

    def _awaited(self, changes: Iterable[ObjectChange]) -> Collection[tuple[Id, ApiResource]]:
        """Not those that their manifests pause: nothing of them is rolled out, as somebody wishes."""
        return [(one.id, one.resource.resource) for one in changes if is_rolled_out(one.said)]

    def _remove(self, sorts: Sequence[tuple[Sort, str]]) -> None:
        """Of those that depend on others, the others last."""
        for sort, uid in reversed(sorts):
            self.tell(f"{sort.id}: removed")
            self.api.delete(sort.resource, self.namespace, sort.name, uid=uid)

    def _undo(self, failed: UnitFailed, moved: Sequence[ObjectChange], there: Sequence[Sort], good: Record) -> None:
        """What served before comes back, object by object, and what came with the failed one goes.

        Raises:
            UnitFailed: as it failed; clean where what served before serves again.
        """
        self.tell(f"undone: {failed.fact.splitlines()[0]}")
        touched = {one.id for one in moved} if not self.planned.before.under_way else {one.id for one in there}
        served = [one for one in good.served if id_of(one) in touched and one["kind"] != "Job"]
        try:
            for one in served:
                self._bring_back(one)
            stays = self._remove_new(touched, good)
            self.waiting.until_served([(id_of(one), self.discovery.of(one)) for one in served if is_rolled_out(one)])
            self._note(replace(good, all=(*good.all, *stays)))
        except UnitFailed as worse:
            raise type(failed)(
                f"{failed.fact}\nand what served before does not come back: {worse.fact}",
                next_step=failed.next_step,
                clean=False,
            ) from failed
        raise type(failed)(f"{failed.fact}\n{_UNDONE}", next_step=failed.next_step, clean=True) from failed

    def _bring_back(self, said: Object) -> None:
        resource = self.discovery.of(said)
        try:
            self.api.apply(resource, said, dry_run=False, force=True)
        except Immutable:
            live = self.api.get(resource.path(self.namespace, id_of(said).name))
            self._replace(said, resource, text_at(live, "metadata", "uid"))

    def _remove_new(self, touched: Collection[Id], good: Record) -> Sequence[Sort]:
        """What holds data stays until somebody says otherwise. Returns what stays."""
        kept = {id_of(one) for one in good.served}
        new = [one.resource for one in self.planned.changes if one.id in touched and one.id not in kept]
        self._remove([(one, "") for one in new if not holds_data(one.id)])
        return [one for one in new if holds_data(one.id)]

    def _note(self, record: Record) -> None:
        write_record(self.api, self.namespace, record)


_DOES: Final = {"Add": "added", "Modify": "changed", "Replace": "replaced"}


def is_settled(planned: Planned, objects: Sequence[Object]) -> bool:
    """Whether all is there as it is said, and recorded so."""
    still = all(one.action == "Keep" for one in planned.changes) and not planned.goes
    return still and not planned.before.under_way and list(planned.before.served) == list(objects)
