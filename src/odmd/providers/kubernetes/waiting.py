"""Waits until what was brought into a cluster serves, and finds out why it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from odmd.errors import RolloutFailed
from odmd.providers.kubernetes.api import ApiResource, ClusterApi, Gone
from odmd.providers.kubernetes.objects import LABEL, Id, Object, as_object, at, list_at, map_at, text_at
from odmd.providers.kubernetes.rollout import PodTrouble, RolloutVerdict, judged, troubles

_PODS: Final = ApiResource("v1", "Pod", "pods", namespaced=True)
_SETS: Final = ApiResource("apps/v1", "ReplicaSet", "replicasets", namespaced=True)
_FIRST_LOOK: Final = 0.1
_LONGEST_LOOK: Final = 2.0
_HEARD_EACH: Final = 5.0
"""Seconds after which it is said again what is waited for, and asked whether it still is ours to wait."""
_SHOWN: Final = 3
_LINES: Final = 10
_REVISION: Final = "deployment.kubernetes.io/revision"
_OF_TEMPLATE: Final = "pod-template-hash"
_OF_SET: Final = "controller-revision-hash"
_NONE_YET: Final = "no set is there yet"


@dataclass
class Waiting:
    """For the objects of one release."""

    api: ClusterApi
    namespace: str
    minutes: float
    stuck_seconds: float
    alive: Callable[[str], None]
    _since: dict[tuple[str, str, str], float] = field(default_factory=dict[tuple[str, str, str], float])
    """When a pod was first seen in trouble."""
    _said: tuple[str, float] = ("", 0.0)

    def until_served(self, wanted: Collection[tuple[Id, ApiResource]]) -> None:
        """Raises:
        RolloutFailed: with the reason that its pods give.
        ClusterUnreachable
        """
        ends, look = time.monotonic() + self.minutes * 60, _FIRST_LOOK
        left = dict(wanted)
        self._since.clear()
        while left:
            verdicts = self._verdicts(left)
            left = {one: resource for one, resource in left.items() if not verdicts[one][0].done}
            for one in left:
                self._refuse(one, *verdicts[one], over=time.monotonic() >= ends)
            if left:
                self._say("; ".join(f"{one}: {verdicts[one][0].why}" for one in list(left)[:_SHOWN]))
                time.sleep(look)
                look = min(1.3 * look, _LONGEST_LOOK)

    def until_gone(self, gone: Collection[tuple[Id, ApiResource, str]]) -> None:
        """Raises:
        RolloutFailed: something holds it.
        """
        ends, look = time.monotonic() + self.minutes * 60, _FIRST_LOOK
        while left := [one for one in gone if self._is_there(one)]:
            names = ", ".join(str(one) for one, _, _ in left[:_SHOWN])
            if time.monotonic() >= ends:
                raise RolloutFailed(
                    f"{names} does not go: it has finalizers that nobody clears, or pods that do not end",
                    next_step="look at its finalizers; `odmd apply` goes on",
                )
            self._say(f"{names} to be gone")
            time.sleep(look)
            look = min(1.3 * look, _LONGEST_LOOK)

    def _is_there(self, gone: tuple[Id, ApiResource, str]) -> bool:
        one, resource, uid = gone
        try:
            return text_at(self.api.get(resource.path(self.namespace, one.name)), "metadata", "uid") == uid
        except Gone:
            return False

    def _verdicts(self, left: dict[Id, ApiResource]) -> dict[Id, tuple[RolloutVerdict, Object]]:
        """One look at each sort of what is left."""
        found = dict.fromkeys(left, (RolloutVerdict(done=False, why="it is not there any more"), as_object(None)))
        for resource in set(left.values()):
            group = next(one.group for one, of in left.items() if of == resource)
            for one in self.api.list(resource, self.namespace, f"{LABEL}={self.namespace}"):
                whose = Id(group, resource.kind, text_at(one, "metadata", "name"))
                if whose in found:
                    live: Object = {**one, "kind": resource.kind}
                    found[whose] = (judged(live), live)
        return found

    def _refuse(self, whose: Id, verdict: RolloutVerdict, live: Object, *, over: bool) -> None:
        """Raises:
        RolloutFailed: it will not serve, or not in time.
        """
        reasons = self._troubles(live) if live else []
        now = time.monotonic()
        stuck = [one for one in reasons if now - self._first_seen(one, now) >= self.stuck_seconds and one.lasts]
        if not (verdict.failed or stuck or over):
            return
        late = f" within {self.minutes:g} minutes" if over and not (verdict.failed or stuck) else ""
        said = [f"{whose} does not serve{late}: {verdict.why}"]
        said += [text for one in (stuck or reasons)[:_SHOWN] for text in (str(one), *self._last_lines(one))]
        raise RolloutFailed("\n".join(said), next_step="mend what its pods say, and push")

    def _first_seen(self, one: PodTrouble, now: float) -> float:
        """In this trouble or in one like it: an image that cannot be pulled is tried again in between."""
        kind = "image" if "Image" in one.reason or "Pull" in one.reason else one.reason
        return self._since.setdefault((one.pod, one.container, kind), now)

    def _troubles(self, live: Object) -> list[PodTrouble]:
        labels = map_at(live, "spec", "selector", "matchLabels")
        if not labels:
            return []
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        pods = list(self.api.list(_PODS, self.namespace, selector))
        label, mark = self._newest(live, selector)
        return list(troubles([pod for pod in pods if text_at(pod, "metadata", "labels", label) == mark]))

    def _newest(self, live: Object, selector: str) -> tuple[str, str]:
        """The label, and what it says on the pods of what was brought there last: older ones have troubles of their
        own. Of what has no such label it says nothing."""
        if live["kind"] == "StatefulSet":
            return _OF_SET, text_at(live, "status", "updateRevision")
        if live["kind"] != "Deployment":
            return "", ""
        uid = text_at(live, "metadata", "uid")
        sets = [
            one
            for one in self.api.list(_SETS, self.namespace, selector)
            if any(text_at(by, "uid") == uid for by in list_at(one, "metadata", "ownerReferences"))
        ]
        newest = max(sets, key=_revision, default=None)
        mark = text_at(newest, "metadata", "labels", _OF_TEMPLATE) if newest is not None else _NONE_YET
        return _OF_TEMPLATE, mark

    def _last_lines(self, one: PodTrouble) -> Sequence[str]:
        """What a container that crashed said before it did."""
        if not one.crashed:
            return []
        for previous in ("true", "false"):
            said = self.api.log(
                self.namespace, one.pod, container=one.container, tailLines=str(_LINES), previous=previous
            )
            if lines := said.strip().splitlines()[-_LINES:]:
                return [f"the last it said: {lines[0]}", *(f"    {line}" for line in lines[1:])]
        return []

    def _say(self, what: str) -> None:
        now = time.monotonic()
        if what != self._said[0] or now - self._said[1] >= _HEARD_EACH:
            self._said = (what, now)
            self.alive(f"waits for {what}")


def _revision(of: Object) -> int:
    said = at(of, "metadata", "annotations", _REVISION)
    return int(said) if isinstance(said, str) and said.isdigit() else 0
