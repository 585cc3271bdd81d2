"""A real cluster whose priority and fairness turns away more than it has room for: who is told to wait does, and all
end well."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from odmd.providers.kubernetes.api import ClusterApi
from support.kubernetes.cluster import Cluster
from support.kubernetes.site import GOOD, Site, config, deployment

ENVERS: Final = 20
FLOW: Final = "/apis/flowcontrol.apiserver.k8s.io/v1beta1"
NAME: Final = "crowd"


@pytest.fixture
def crowded(real: Cluster) -> Cluster:
    """As somebody of whom the cluster takes few requests at once, and queues none."""
    real.make_namespace(NAME)
    accounts = f"/api/v1/namespaces/{NAME}/serviceaccounts"
    real.post(accounts, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME}})
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": NAME}
    rights = "rbac.authorization.k8s.io"
    role = {"apiGroup": rights, "kind": "ClusterRole", "name": "cluster-admin"}
    bound = {"apiVersion": f"{rights}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": NAME}}
    real.post(f"/apis/{rights}/v1/clusterrolebindings", {**bound, "roleRef": role, "subjects": [account]})
    limited = {"assuredConcurrencyShares": 1, "limitResponse": {"type": "Reject"}}
    level = {"type": "Limited", "limited": limited}
    _make(real, "PriorityLevelConfiguration", "prioritylevelconfigurations", level)
    every = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
    rule = {"subjects": [{"kind": "ServiceAccount", "serviceAccount": {"name": NAME, "namespace": NAME}}]}
    flow = {"priorityLevelConfiguration": {"name": NAME}, "matchingPrecedence": 2}
    _make(real, "FlowSchema", "flowschemas", {**flow, "rules": [{**rule, "resourceRules": [every]}]})
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = str(real.post(f"{accounts}/{NAME}/token", asked)["status"]["token"])
    real.until(lambda: _is_in_force(real, token))
    return replace(real, token=token)


def _make(real: Cluster, kind: str, plural: str, spec: dict[str, Any]) -> None:
    group = FLOW.removeprefix("/apis/")
    real.post(f"{FLOW}/{plural}", {"apiVersion": group, "kind": kind, "metadata": {"name": NAME}, "spec": spec})


def _is_in_force(real: Cluster, token: str) -> bool:
    """An answer names the level that it was given room by."""
    level = (real.get(f"{FLOW}/prioritylevelconfigurations/{NAME}") or {})["metadata"]["uid"]
    answer = replace(real, token=token)._client.get("/api/v1/namespaces/default")
    return answer.headers.get("X-Kubernetes-PF-PriorityLevel-UID") == level


class Waits:
    """How long each thread waited after each answer that told it to wait."""

    def __init__(self) -> None:
        self.told: dict[tuple[int, str], tuple[float, float]] = {}
        self.waited = defaultdict[float, list[float]](list)

    def listening(self, send: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
        def sent(api: ClusterApi, method: str, path: str, *more: Any) -> httpx.Response:
            who = (threading.get_ident(), f"{method} {path}")
            if before := self.told.pop(who, None):
                self.waited[before[1]].append(time.monotonic() - before[0])
            answer = send(api, method, path, *more)
            if answer.status_code == 429:
                self.told[who] = (time.monotonic(), float(answer.headers["Retry-After"]))
            return answer

        return sent


def test_a_crowd_that_is_turned_away_waits_as_it_is_told_and_all_of_it_is_served(
    tmp_path: Path, real: Cluster, crowded: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = [Site(tmp_path, crowded, deployment(replicas=1), config()) for _ in range(ENVERS)]
    for site in sites:
        site.procedure = replace(site.procedure, patience=30.0)
    waits = Waits()
    monkeypatch.setattr(ClusterApi, "_sent", waits.listening(ClusterApi._sent))
    with ThreadPoolExecutor(ENVERS) as threads:
        list(threads.map(lambda site: site.run(GOOD), sites))
    assert waits.waited, "nobody was turned away: this shows nothing"
    assert all(waited >= told for told, times in waits.waited.items() for waited in times)
    assert waits.told == {}, "whoever was turned away came again"
    for site in sites:
        site.cluster = real
        assert site.images() == {GOOD}
