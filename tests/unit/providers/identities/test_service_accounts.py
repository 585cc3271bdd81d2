"""Service accounts: the cluster says whose a token is, or its issuer signs it; nobody else of the cluster is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from odmd.control.access.identities import IdentityProof, NotProven, ProvenIdentity
from odmd.control.scheduler.actor import ActorKind
from odmd.providers.identities import Expected, Issuer, OfIssuer, Reviewer, ServiceAccounts, SignedTokens, Web
from support.issuing import POD, PlayedWeb, Signer

SERVER = "https://10.0.0.1:6443"
GOOD: dict[str, Any] = {
    "authenticated": True,
    "audiences": ["odmd"],
    "user": {"username": "system:serviceaccount:shop:deployer"},
}


class Reviewing:
    """A cluster with one thing to say."""

    def __init__(self, folder: Path, status: Any, code: int = 201) -> None:
        self.status, self.code, self.asked = status, code, list[httpx.Request]()
        self._file = folder / "token"
        self._file.write_text("the server's own\n")

    def proven(self, text: str = "the pod's") -> ProvenIdentity:
        web = Web(transport=httpx.MockTransport(self._answer))
        return ServiceAccounts("cluster", Reviewer(SERVER, "odmd", self._file, web)).prove(IdentityProof(text))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(self.code, json={"status": self.status})


def test_the_cluster_is_asked_as_us_about_the_token_and_for_our_audience(tmp_path: Path) -> None:
    cluster = Reviewing(tmp_path, GOOD)
    found = cluster.proven()
    assert (found.subject, found.name, found.kind) == (
        "system:serviceaccount:shop:deployer",
        "shop/deployer",
        ActorKind.ROLE,
    )
    assert found.facts == {"namespace": {"shop"}, "name": {"deployer"}}
    (asked,) = cluster.asked
    assert asked.headers["authorization"] == "Bearer the server's own"
    assert json.loads(asked.content)["spec"] == {"token": "the pod's", "audiences": ["odmd"]}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({**GOOD, "authenticated": False}, 201),
        ({**GOOD, "authenticated": "true"}, 201),
        ({**GOOD, "audiences": ["https://kubernetes.default.svc"]}, 201),
        ({"authenticated": True, "user": GOOD["user"]}, 201),
        ({**GOOD, "user": {"username": "kubernetes-admin"}}, 201),
        ({**GOOD, "user": {"username": "system:node:shop"}}, 201),
        ({**GOOD, "user": {"username": "system:serviceaccount:shop:deployer:more"}}, 201),
        ({**GOOD, "user": None}, 201),
        (None, 201),
        (GOOD, 403),
        (GOOD, 500),
    ],
)
def test_what_the_cluster_does_not_vouch_for_is_nobody(tmp_path: Path, status: Any, code: int) -> None:
    with pytest.raises(NotProven):
        Reviewing(tmp_path, status, code).proven()


def test_a_token_of_our_own_that_is_gone_is_no_yes(tmp_path: Path) -> None:
    cluster = Reviewing(tmp_path, GOOD)
    (tmp_path / "token").unlink()
    with pytest.raises(NotProven, match="cannot be read"):
        cluster.proven()


def test_the_clusters_issuer_signs_for_them_too() -> None:
    signer = Signer("https://oidc.eks.example/id/ABC")
    tokens = SignedTokens(Issuer(signer.url, PlayedWeb(signer)), Expected("odmd"))
    accounts = ServiceAccounts("cluster", OfIssuer(tokens))
    found = accounts.prove(IdentityProof(signer.token(POD, ["odmd"])))
    assert (found.name, found.once) == ("shop/deployer", "")
    with pytest.raises(NotProven, match="is no service account"):
        accounts.prove(IdentityProof(signer.token({"sub": "ada"})))
    with pytest.raises(NotProven, match="another audience"):
        accounts.prove(IdentityProof(signer.token(POD, ["https://kubernetes.default.svc"])))
