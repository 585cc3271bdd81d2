"""When something serves, why it does not, and what of it would change."""

from __future__ import annotations

from typing import Any

import pytest

from odmd.providers.kubernetes.difference import differing, holds_all, in_words
from odmd.providers.kubernetes.objects import Id, holds_data
from odmd.providers.kubernetes.products import found_in
from odmd.providers.kubernetes.rollout import judged, troubles


def live(kind: str, status: dict[str, Any], spec: dict[str, Any] | None = None, generation: int = 2) -> dict[str, Any]:
    status = {"observedGeneration": 2, **status}
    return {"kind": kind, "metadata": {"generation": generation}, "spec": spec or {}, "status": status}


def rolled(**status: Any) -> dict[str, Any]:
    return {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3, **status}


THREE = {"replicas": 3}
LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "it timed out"}
AVAILABLE = {"type": "Available", "status": "True"}
QUOTA = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}


@pytest.mark.parametrize(
    ("of", "done", "failed", "why"),
    [
        (live("Deployment", rolled(), THREE), True, False, ""),
        (live("Deployment", rolled(), THREE, generation=3), False, False, "did not look at it yet"),
        (
            live("Deployment", rolled(updatedReplicas=1, conditions=[AVAILABLE]), THREE),
            False,
            False,
            "1 of 3 pods are new",
        ),
        (live("Deployment", rolled(replicas=4), THREE), False, False, "1 old pod left"),
        (live("Deployment", rolled(availableReplicas=2), THREE), False, False, "2 of 3 pods are available"),
        (live("Deployment", rolled(conditions=[LATE]), THREE), False, True, "it timed out"),
        (live("Deployment", rolled(updatedReplicas=0, conditions=[QUOTA]), THREE), False, False, "exceeded quota"),
        (live("Deployment", rolled(), {"replicas": 3, "paused": True}), False, True, "it is paused"),
        (live("Deployment", {}, {"replicas": 0}), True, False, ""),
        (
            live("StatefulSet", {"currentRevision": "a", "updateRevision": "a", "readyReplicas": 3}, THREE),
            True,
            False,
            "",
        ),
        (
            live(
                "StatefulSet",
                {"currentRevision": "a", "updateRevision": "b", "updatedReplicas": 1, "readyReplicas": 3},
                THREE,
            ),
            False,
            False,
            "1 of 3 pods are new",
        ),
        (
            live("StatefulSet", {"currentRevision": "a", "updateRevision": "a", "readyReplicas": 2}, THREE),
            False,
            False,
            "2 of 3 pods are ready",
        ),
        (live("StatefulSet", {}, {"replicas": 3, "updateStrategy": {"type": "OnDelete"}}), True, False, ""),
        (
            live("DaemonSet", {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}),
            True,
            False,
            "",
        ),
        (
            live("DaemonSet", {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}),
            False,
            False,
            "1 of 2",
        ),
        (live("Job", {"conditions": [{"type": "Complete", "status": "True"}]}), True, False, ""),
        (
            live(
                "Job",
                {
                    "conditions": [
                        {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}
                    ]
                },
            ),
            False,
            True,
            "BackoffLimitExceeded: m",
        ),
        (live("Job", {}), False, False, "did not complete"),
        (live("ConfigMap", {}), True, False, ""),
    ],
)
def test_it_serves_when_its_controllers_say_so(of: dict[str, Any], done: bool, failed: bool, why: str) -> None:
    verdict = judged(of)
    assert (verdict.done, verdict.failed) == (done, failed)
    assert done or why in verdict.why


def pod(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "status": status}


def container(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "app", "state": state, **more}


def test_a_pods_trouble_is_said_with_its_reason() -> None:
    pull = container({"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}})
    crash = container(
        {"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {"exitCode": 3}}, restartCount=4
    )
    starting = container({"waiting": {"reason": "ContainerCreating"}})
    nowhere = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no room"}
    found = list(
        troubles(
            [
                pod(containerStatuses=[pull]),
                pod(containerStatuses=[crash]),
                pod(containerStatuses=[starting]),
                pod(initContainerStatuses=[pull]),
                pod(conditions=[nowhere]),
            ]
        )
    )
    assert [str(one) for one in found] == [
        "pod p: ImagePullBackOff: no such image",
        "pod p: CrashLoopBackOff: container app ended with 3, 4 times",
        "pod p: ImagePullBackOff: no such image",
        "pod p: Unschedulable: no room",
    ]
    assert [one.crashed for one in found] == [False, True, False, False]
    assert [one.lasts for one in found] == [True, True, True, False]


def test_a_pod_that_is_going_is_in_no_trouble() -> None:
    going = pod(containerStatuses=[container({"waiting": {"reason": "CrashLoopBackOff"}})])
    going["metadata"]["deletionTimestamp"] = "now"
    assert not list(troubles([going]))


def test_a_difference_is_told_by_paths_and_only_images_by_value() -> None:
    before = {
        "metadata": {"resourceVersion": "1", "generation": 1, "labels": {"a": "b"}},
        "spec": {"containers": [{"name": "x", "image": "one", "env": [{"name": "A", "value": "private"}]}]},
        "status": {"ready": 1},
    }
    after = {
        "metadata": {"resourceVersion": "2", "generation": 2, "labels": {"a": "b", "c": "d"}},
        "spec": {"containers": [{"name": "x", "image": "two", "env": [{"name": "A", "value": "other"}]}]},
    }
    assert differing(before, after) == [
        "metadata.labels.c",
        "spec.containers[x].env[A].value",
        "spec.containers[x].image one → two",
    ]
    assert "private" not in in_words(before, after)
    assert not differing(before, before)
    many = {"data": {f"k{n:02}": "v" for n in range(20)}}
    assert in_words({}, many) == "data"
    assert in_words({"data": {}}, many).endswith("data.k05 and 14 more")


@pytest.mark.parametrize(
    ("one", "live", "holds"),
    [
        (Id("", "PersistentVolumeClaim", "a"), {}, True),
        (Id("", "ConfigMap", "a"), {}, False),
        (Id("apps", "StatefulSet", "a"), {}, False),
        (
            Id("apps", "StatefulSet", "a"),
            {"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}},
            True,
        ),
        (Id("postgresql.example", "Cluster", "a"), {}, True),
        (Id("networking.k8s.io", "Ingress", "a"), {}, False),
    ],
)
def test_what_nobody_knows_is_taken_to_hold_data(one: Id, live: dict[str, Any], holds: bool) -> None:
    assert holds_data(one, live) is holds


SERVICE = {
    "metadata": {"name": "shop", "namespace": "ns"},
    "spec": {"ports": [{"name": "http", "port": 80}, {"port": 443}]},
    "status": {"loadBalancer": {"ingress": [{"hostname": "h"}]}},
}
INGRESS = {"spec": {"rules": [{"host": "a.example"}], "tls": [{}]}}


@pytest.mark.parametrize(
    ("of", "read", "text"),
    [
        ("ServiceAddress:shop", SERVICE, "shop.ns.svc"),
        ("ServiceAddress:shop:http", SERVICE, "shop.ns.svc:80"),
        ("ServiceAddress:shop:443", SERVICE, "shop.ns.svc:443"),
        ("ServiceAddress:shop:other", SERVICE, ""),
        ("IngressHost:shop", INGRESS, "a.example"),
        ("IngressUrl:shop", INGRESS, "https://a.example"),
        ("IngressUrl:shop", {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.9"}]}}}, "http://10.0.0.9"),
        ("IngressUrl:shop", {}, ""),
        ("ObjectField:Service/shop status.loadBalancer.ingress.0.hostname", SERVICE, "h"),
        ("ObjectField:Service/shop status.loadBalancer.ingress.1.hostname", SERVICE, ""),
        ("ObjectField:Service/shop spec.ports", SERVICE, ""),
    ],
)
def test_a_product_is_read_from_the_object_that_it_is_of(of: str, read: dict[str, Any], text: str) -> None:
    assert found_in(of).read(read) == text


@pytest.mark.parametrize(
    ("live", "said", "holds"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({"a": [{"n": "x", "more": 1}]}, {"a": [{"n": "x"}]}, True),
        ({"a": [{"n": "x"}, {"n": "y"}]}, {"a": [{"n": "x"}]}, False),
        ({"a": [{"n": "y"}]}, {"a": [{"n": "x"}]}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": [1]}, {"a": {}}, False),
    ],
)
def test_what_stands_there_already_needs_no_try(live: Any, said: Any, holds: bool) -> None:
    assert holds_all(live, said) is holds
