"""Whether what was brought into a cluster serves: judged by what its controllers say, never by how long it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.providers.kubernetes.objects import Json, Object, at, list_at, map_at, number_at, text_at

_STUCK: Final = frozenset({
    "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable",
    "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class RolloutVerdict:
    """Of one object: done, failed for good, or still moving; `why` says what it waits for, or what failed."""

    done: bool
    failed: bool = False
    why: str = ""


def judged(live: Object) -> RolloutVerdict:
    """Of a kind whose pods have to run; anything else is there when it is there."""
    looked = number_at(live, "status", "observedGeneration") >= number_at(live, "metadata", "generation")
    if not looked and live.get("kind") != "Job":
        return RolloutVerdict(done=False, why="its controller did not look at it yet")
    match live.get("kind"):
        case "Deployment":
            return _deployment(live)
        case "StatefulSet":
            return _stateful_set(live)
        case "DaemonSet":
            return _daemon_set(live)
        case "Job":
            return _job(live)
        case _:
            return RolloutVerdict(done=True)


def _deployment(live: Object) -> RolloutVerdict:
    wanted, status = number_at(live, "spec", "replicas", default=1), live.get("status")
    progressing, failing = _condition(live, "Progressing"), _condition(live, "ReplicaFailure")
    if at(live, "spec", "paused") is True:
        return RolloutVerdict(done=False, failed=True, why="it is paused, so nothing of it moves")
    if text_at(progressing, "reason") == "ProgressDeadlineExceeded":
        return RolloutVerdict(done=False, failed=True, why=text_at(progressing, "message"))
    updated, available = number_at(status, "updatedReplicas"), number_at(status, "availableReplicas")
    if text_at(failing, "status") == "True" and updated < wanted:
        return RolloutVerdict(done=False, why=text_at(failing, "message"))
    if updated < wanted:
        return RolloutVerdict(done=False, why=f"{updated} of {wanted} pods are new")
    if (old := number_at(status, "replicas") - updated) > 0:
        return RolloutVerdict(done=False, why=f"{old} old pod{'s' * (old != 1)} left")
    return RolloutVerdict(done=available >= wanted, why=f"{available} of {wanted} pods are available")


def _stateful_set(live: Object) -> RolloutVerdict:
    if at(live, "spec", "updateStrategy", "type") == "OnDelete":
        return RolloutVerdict(done=True)
    wanted, status = number_at(live, "spec", "replicas", default=1), live.get("status")
    moving = wanted - number_at(live, "spec", "updateStrategy", "rollingUpdate", "partition")
    same = text_at(status, "currentRevision") == text_at(status, "updateRevision")
    updated = wanted if same else number_at(status, "updatedReplicas")
    if updated < moving:
        return RolloutVerdict(done=False, why=f"{updated} of {moving} pods are new")
    ready = number_at(status, "readyReplicas")
    return RolloutVerdict(done=ready >= wanted, why=f"{ready} of {wanted} pods are ready")


def _daemon_set(live: Object) -> RolloutVerdict:
    if at(live, "spec", "updateStrategy", "type") == "OnDelete":
        return RolloutVerdict(done=True)
    status = live.get("status")
    wanted, new = number_at(status, "desiredNumberScheduled"), number_at(status, "updatedNumberScheduled")
    available = number_at(status, "numberAvailable")
    return RolloutVerdict(
        done=new >= wanted <= available, why=f"{min(new, available)} of {wanted} pods are new and available"
    )


def _job(live: Object) -> RolloutVerdict:
    if text_at(_condition(live, "Failed"), "status") == "True":
        said = _condition(live, "Failed")
        return RolloutVerdict(done=False, failed=True, why=f"{text_at(said, 'reason')}: {text_at(said, 'message')}")
    if at(live, "spec", "suspend") is True:
        return RolloutVerdict(done=True)
    return RolloutVerdict(done=text_at(_condition(live, "Complete"), "status") == "True", why="it did not complete yet")


def _condition(live: Json, kind: str) -> dict[str, Json]:
    found = [map_at(one) for one in list_at(live, "status", "conditions") if text_at(one, "type") == kind]
    return found[0] if found else {}


@dataclass(frozen=True, slots=True)
class PodTrouble:
    """Why a pod does not run."""

    pod: str
    container: str
    reason: str
    message: str
    crashed: bool = False
    """Whether it ran and ended, so that it may have said why."""
    lasts: bool = True
    """Whether it stays so unless somebody changes something."""

    def __str__(self) -> str:
        return f"pod {self.pod}: {self.reason}{f': {self.message}' if self.message else ''}"


def troubles(pods: Sequence[Object]) -> Iterator[PodTrouble]:
    """Of pods that are not ready."""
    for pod in pods:
        name = text_at(pod, "metadata", "name")
        if text_at(pod, "metadata", "deletionTimestamp"):
            continue
        yield from _unscheduled(name, pod)
        for status in [*list_at(pod, "status", "initContainerStatuses"), *list_at(pod, "status", "containerStatuses")]:
            yield from _waiting(name, status)


def _unscheduled(name: str, pod: Object) -> Iterator[PodTrouble]:
    said = _condition(pod, "PodScheduled")
    if text_at(said, "reason") == "Unschedulable":
        yield PodTrouble(name, "", "Unschedulable", text_at(said, "message"), lasts=False)


def _waiting(name: str, status: Json) -> Iterator[PodTrouble]:
    waiting, container = map_at(status, "state", "waiting"), text_at(status, "name")
    reason = text_at(waiting, "reason")
    ended = map_at(status, "lastState", "terminated") or map_at(status, "state", "terminated")
    if reason in _STUCK:
        said = text_at(waiting, "message")
        if reason == "CrashLoopBackOff" and ended:
            code, times = text_at(ended, "exitCode"), number_at(status, "restartCount")
            said = f"container {container} ended with {code}, {times} times"
        yield PodTrouble(name, container, reason, said, crashed=bool(ended))
    elif (code := number_at(ended, "exitCode")) and not waiting:
        yield PodTrouble(name, container, text_at(ended, "reason") or "Error", f"ended with {code}", True, False)
