"""Tokens for EKS: what a cluster's authenticator makes of them, asked of the emulator's STS."""

from __future__ import annotations

import base64
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from odmd.control.running.place import Target
from odmd.errors import ClusterSignInRefused, ClusterUnreachable
from odmd.providers.aws import Sessions
from odmd.providers.aws.emulator import Emulator
from odmd.providers.kubernetes import EksClusters, NamedCluster, NamedClusters
from odmd.providers.kubernetes.access import Kept
from support.kubernetes.cluster import Cluster
from support.kubernetes.fake import FakeCluster
from support.kubernetes.site import GOOD, Site, deployment

HERE = Target("210000000001", "eu-west-1")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running


class Eks:
    """Describes one cluster: the emulator's has an endpoint where nobody is."""

    def __init__(self, described: Mapping[str, Any], sessions: Sessions) -> None:
        self._described, self._sessions = described, sessions

    def client(self, service: str, target: Target) -> Any:
        return self if service == "eks" else self._sessions.reader(service, target)

    def describe_cluster(self, name: str) -> Mapping[str, Any]:
        return {"cluster": self._described[name]}


def arn_of(emulator: Emulator, token: str, cluster: str) -> str | None:
    """Who signed a token for a cluster, as its authenticator finds out; None: nobody whom STS knows."""
    head, _, packed = token.partition("k8s-aws-v1.")
    if head or not packed:
        return None
    signed = urllib.parse.urlsplit(base64.urlsafe_b64decode(f"{packed}===").decode())
    query = dict(urllib.parse.parse_qsl(signed.query))
    if query.get("X-Amz-SignedHeaders") != "host;x-k8s-aws-id" or query.get("Action") != "GetCallerIdentity":
        return None
    headers = {"x-k8s-aws-id": cluster, "Host": signed.netloc}
    request = urllib.request.Request(f"{emulator.endpoint}/?{signed.query}", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = re.search(r"arn:aws:[^\"<]+", answer.read().decode())
    return found[0] if found else None


def test_who_runs_odmd_is_who_the_cluster_sees(
    tmp_path: Path, emulator: Emulator, played: Cluster, fake: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in emulator.environment(HERE).items():
        monkeypatch.setenv(name, text)
    sessions = Sessions(endpoint=emulator.endpoint)
    eks = Eks({"c1": {"endpoint": played.server, "certificateAuthority": {"data": ""}}}, sessions)
    seen = list[str]()

    def known(token: str) -> str | None:
        if who := arn_of(emulator, token, "c1"):
            seen.append(who)
        return who

    fake.known = known
    site = Site(tmp_path, played, deployment())
    site.procedure = replace(site.procedure, clusters=EksClusters(eks.client))
    site.enver = replace(site.enver, account=HERE.account, region=HERE.region)
    site.run()
    assert site.images() == {GOOD}
    assert set(seen) == {f"arn:aws:iam::{HERE.account}:root"}


def test_a_cluster_that_eks_does_not_have_is_said_so(emulator: Emulator) -> None:
    sessions = Sessions(endpoint=emulator.endpoint, emulated=True)
    with pytest.raises(ClusterSignInRefused, match="EKS cluster nowhere in 210000000001"):
        EksClusters(sessions.reader).access("nowhere", HERE)


def test_a_token_is_renewed_before_it_is_too_old_and_when_it_was_refused() -> None:
    made = iter("abcd")
    kept = Kept(lambda: next(made), lasts=1000)
    assert (kept(), kept(), kept(anew=True), kept()) == ("a", "a", "b", "b")
    always = Kept(lambda: next(made), lasts=0)
    assert (always(), always()) == ("c", "d")


def test_a_cluster_of_the_settings_is_not_looked_up(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one\n")
    named = NamedClusters({"tea": NamedCluster("https://tea.example", None, tmp_path / "token")})
    access = named.access("tea", HERE)
    assert (access.server, access.token()) == ("https://tea.example", "one")
    (tmp_path / "token").write_text("two\n")
    assert access.token() == "two", "whoever renews it writes it there"
    (tmp_path / "token").unlink()
    with pytest.raises(ClusterSignInRefused, match="cannot be read"):
        access.token()


def test_a_cluster_that_is_not_there_does_not_answer(tmp_path: Path, played: Cluster) -> None:
    played.server = "https://127.0.0.1:1"
    site = Site(tmp_path, played, deployment())
    site.procedure = replace(site.procedure, patience=0.1)
    with pytest.raises(ClusterUnreachable, match="does not answer"):
        site.run()
