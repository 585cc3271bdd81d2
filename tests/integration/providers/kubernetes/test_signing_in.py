"""Tokens for EKS: what a cluster's authenticator makes of them, asked of the emulator's STS."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore import auth

from odmd.errors import ClusterRefused, ClusterSignInRefused, ClusterUnreachable
from odmd.model.targets import Target
from odmd.providers.aws import Sessions
from odmd.providers.aws.emulator import Emulator
from odmd.providers.kubernetes import EksClusters, NamedCluster, NamedClusters
from odmd.providers.kubernetes.access import Kept
from support.kubernetes.authenticator import who
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


def test_who_runs_odmd_is_who_the_cluster_sees(
    tmp_path: Path, emulator: Emulator, played: Cluster, fake: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in emulator.environment(HERE).items():
        monkeypatch.setenv(name, text)
    sessions = Sessions(endpoint=emulator.endpoint)
    eks = Eks({"c1": {"endpoint": played.server, "certificateAuthority": {"data": ""}}}, sessions)
    seen = list[str]()

    def known(token: str) -> str | None:
        if arn := who(token, "c1"):
            seen.append(arn)
        return arn

    fake.known = known
    site = Site(tmp_path, played, deployment())
    site.procedure = replace(site.procedure, clusters=EksClusters(eks.client))
    site.enver = replace(site.enver, account=HERE.account, region=HERE.region)
    site.run()
    assert site.images() == {GOOD}
    assert set(seen) == {f"arn:aws:iam::{HERE.account}:root"}


class TestARealApiServer:
    """Behind the authenticator of EKS, which asks STS who signed."""

    ARN = f"arn:aws:iam::{HERE.account}:root"

    @pytest.fixture
    def site(self, tmp_path: Path, emulator: Emulator, real: Cluster, monkeypatch: pytest.MonkeyPatch) -> Site:
        for name, text in emulator.environment(HERE).items():
            monkeypatch.setenv(name, text)
        self.sessions, self.real = Sessions(endpoint=emulator.endpoint), real
        made = Site(tmp_path, real, deployment())
        made.enver = replace(made.enver, account=HERE.account, region=HERE.region)
        made.procedure = replace(made.procedure, clusters=self.clusters())
        real.make_namespace(made.namespace)
        return made

    def clusters(self, name: str = "c1") -> EksClusters:
        authority = base64.b64encode(self.real.authority.encode()).decode()
        described = {name: {"endpoint": self.real.server, "certificateAuthority": {"data": authority}}}
        return EksClusters(Eks(described, self.sessions).client)

    def give_access(self, namespace: str) -> None:
        """As an access entry for one namespace does."""
        group = "rbac.authorization.k8s.io"
        said = {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "odmd"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "admin"},
            "subjects": [{"apiGroup": group, "kind": "User", "name": self.ARN}],
        }
        self.real.apply(f"/apis/{group}/v1/namespaces/{namespace}/rolebindings/odmd", said)
        self.real.until(lambda: self.real.lets(self.ARN, "delete", "configmaps", namespace))

    def test_lets_in_who_has_an_access_entry_for_the_namespace_and_there_alone(self, site: Site) -> None:
        with pytest.raises(ClusterRefused, match=f'User "{self.ARN}" cannot'):
            site.run()
        self.give_access(site.namespace)
        site.run()
        assert site.images() == {GOOD}

    def test_knows_nobody_whom_sts_does_not(self, site: Site, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text(self.real.authority)
        (tmp_path / "token").write_text(f"k8s-aws-v1.{base64.urlsafe_b64encode(b'http://127.0.0.1:1/').decode()}")
        named = NamedCluster(self.real.server, tmp_path / "ca.pem", tmp_path / "token")
        site.procedure = replace(site.procedure, clusters=NamedClusters({"c1": named}))
        with pytest.raises(ClusterSignInRefused, match="does not know who signs in"):
            site.run()

    def test_gets_a_new_token_where_the_one_before_is_too_old(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.give_access(site.namespace)
        asked, now = list[datetime](), auth.get_current_datetime

        def an_hour_late(*words: Any, **more: Any) -> datetime:
            asked.append(now(*words, **more) - (timedelta(hours=1) if not asked else timedelta()))
            return asked[-1]

        monkeypatch.setattr(auth, "get_current_datetime", an_hour_late)
        site.run()
        assert asked[1] - asked[0] > timedelta(minutes=59), "the first one was refused, and another one made"
        assert site.images() == {GOOD}


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
