"""What tests do with a cluster, be it played or real: look, and act as others do."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from odmd.model.targets import Target
from odmd.providers.kubernetes.access import ClusterAccess
from odmd.trust import nobody
from support.kubernetes.fake import FakeCluster
from support.until import until

Object = dict[str, Any]


@dataclass
class Cluster:
    """One of them, as who may do all sees it."""

    server: str
    token: str
    authority: str = ""
    fake: FakeCluster | None = None
    """What plays it; None: it is real."""
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        verify = ssl.create_default_context(cadata=self.authority) if self.authority else nobody()
        headers = {"Authorization": f"Bearer {self.token}"}
        self._client = httpx.Client(base_url=self.server, headers=headers, verify=verify, timeout=60, trust_env=False)

    def access(self, _name: str, _target: Target) -> ClusterAccess:
        """As `Clusters` say it."""
        return ClusterAccess(self.server, self.authority, lambda *, anew=False: self.token)

    def get(self, path: str) -> Object | None:
        answer = self._client.get(path)
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def patch(self, path: str, said: Object, manager: str = "kubectl") -> None:
        """As `kubectl edit` does."""
        headers = {"Content-Type": "application/merge-patch+json"}
        self._client.patch(
            path, content=json.dumps(said), headers=headers, params={"fieldManager": manager}
        ).raise_for_status()

    def apply(self, path: str, said: Object, manager: str = "kubectl") -> None:
        """As `kubectl apply --server-side` does."""
        headers = {"Content-Type": "application/apply-patch+yaml"}
        self._client.patch(
            path, content=json.dumps(said), headers=headers, params={"fieldManager": manager}
        ).raise_for_status()

    def post(self, path: str, said: Object) -> Object:
        """As `kubectl create` does; what the cluster made of it."""
        return self._client.post(path, json=said).raise_for_status().json()

    def delete(self, path: str) -> None:
        self._client.delete(path)

    def lets(self, user: str, verb: str, plural: str, namespace: str) -> bool:
        """Whether somebody may do something there."""
        asked = {"namespace": namespace, "verb": verb, "resource": plural}
        said = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
        said |= {"spec": {"user": user, "resourceAttributes": asked}}
        answer = self._client.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", json=said)
        return bool(answer.raise_for_status().json()["status"]["allowed"])

    def until(self, is_so: Callable[[], Any]) -> Any:
        """Once it is so."""
        return until(is_so)

    def make_namespace(self, name: str) -> None:
        self.apply(f"/api/v1/namespaces/{name}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
