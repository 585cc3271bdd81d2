"""A real cluster says whose a token is, for which audience, and until its account is gone."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest

from odmd.control.access.identities import IdentityProof, NotProven, ProvenIdentity
from odmd.providers.identities import Reviewer, ServiceAccounts, Web
from support.kubernetes.cluster import Cluster
from support.kubernetes.real import IS_REQUIRED, MISSING, assets

pytestmark = pytest.mark.skipif(assets() is None and not IS_REQUIRED, reason=MISSING)
ACCOUNTS = "/api/v1/namespaces/signing-in/serviceaccounts"


def token(cluster: Cluster, audience: str) -> str:
    said = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": [audience]}}
    return str(cluster.post(f"{ACCOUNTS}/deployer/token", said)["status"]["token"])


def test_who_the_cluster_knows_is_known_while_he_is_there(real: Cluster, tmp_path: Path) -> None:
    for path, kind, name in (
        ("/api/v1/namespaces", "Namespace", "signing-in"),
        (ACCOUNTS, "ServiceAccount", "deployer"),
    ):
        real.post(path, {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}})
    authority, ours = tmp_path / "ca.pem", tmp_path / "token"
    authority.write_text(real.authority)
    ours.write_text(real.token)

    def proven(text: str) -> ProvenIdentity:
        return ServiceAccounts("cluster", Reviewer(real.server, "odmd", ours, Web(authority))).prove(
            IdentityProof(text)
        )

    def is_refused(text: str) -> bool:
        try:
            proven(text)
        except NotProven as wrong:
            return "knows nobody" in str(wrong)
        return False

    good = token(real, "odmd")
    found = proven(good)
    assert (found.name, found.subject) == ("signing-in/deployer", "system:serviceaccount:signing-in:deployer")
    for other in (token(real, "another"), f"{good[:-4]}AAAA", real.token, "nonsense"):
        with pytest.raises(NotProven):
            proven(other)
    not_seen = cycle([token(real, "odmd") for _ in range(100)])  # what the cluster saw, it remembers for ten seconds
    real.delete(f"{ACCOUNTS}/deployer")
    assert real.get(f"{ACCOUNTS}/deployer") is None
    real.until(lambda: is_refused(next(not_seen)))
    ours.write_text("nobody's")
    with pytest.raises(NotProven, match="answers 401"):
        proven(good)
