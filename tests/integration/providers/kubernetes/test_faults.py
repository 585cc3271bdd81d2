"""A cluster that is busy, refuses, goes away in the middle; and whoever works for it killed at every step."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.control.running.proposal import Proposal
from odmd.errors import (
    ClusterRefused,
    ClusterSignInRefused,
    ClusterUnreachable,
    ManifestsUnfit,
    RolloutFailed,
)
from odmd.providers.kubernetes.procedure import ReleaseWork
from odmd.providers.kubernetes.record import read_record
from support.kubernetes.cluster import Cluster
from support.kubernetes.fake import FakeCluster
from support.kubernetes.site import BAD, BETTER, GOOD, Site, claim, config, deployment, service
from support.soak import rounds


def test_a_busy_cluster_is_asked_again(tmp_path: Path, played: Cluster, fake: FakeCluster) -> None:
    site = Site(tmp_path, played, service(), deployment())
    fake.busy = 3
    site.run()
    assert fake.busy == 0
    assert site.images() == {GOOD}


def test_one_that_asks_for_more_time_than_there_is_gets_it_from_the_next_run(
    tmp_path: Path, played: Cluster, fake: FakeCluster
) -> None:
    site = Site(tmp_path, played, deployment())
    fake.busy, fake.asks_for = 10**6, "3600"
    began = time.monotonic()
    with pytest.raises(ClusterUnreachable, match="429"):
        site.run()
    assert time.monotonic() - began < 600, "it is not waited for"
    assert len(fake.asked) == 1


def test_one_that_stays_busy_is_unreachable_and_nothing_moved(
    tmp_path: Path, played: Cluster, fake: FakeCluster
) -> None:
    site = Site(tmp_path, played, deployment())
    fake.busy = 10**6
    site.procedure = replace(site.procedure, patience=0.3)
    with pytest.raises(ClusterUnreachable, match="does not answer: 429") as unreachable:
        site.run()
    assert unreachable.value.retryable
    assert not fake.changed


def test_who_is_not_known_there_is_told_so(tmp_path: Path, played: Cluster, fake: FakeCluster) -> None:
    site = Site(tmp_path, played, deployment())
    fake.tokens.clear()
    with pytest.raises(ClusterSignInRefused, match="does not know who signs in"):
        site.run()


def test_a_right_that_is_missing_is_said_before_anything_moves(
    tmp_path: Path, played: Cluster, fake: FakeCluster
) -> None:
    site = Site(tmp_path, played, deployment(), config())
    fake.may_not.add(("patch", "deployments"))
    with pytest.raises((ManifestsUnfit, ClusterRefused), match='cannot patch resource "deployments"'):
        site.run()
    assert fake.changed == [f"PATCH Namespace/{site.namespace}"]


def test_a_namespace_that_may_not_be_made_is_somebody_elses_to_make(
    tmp_path: Path, played: Cluster, fake: FakeCluster
) -> None:
    site = Site(tmp_path, played, deployment())
    fake.may_not.add(("patch", "namespaces"))
    with pytest.raises(ClusterRefused, match="there is no namespace") as refused:
        site.run()
    assert refused.value.next_step.endswith(f"kubectl create namespace {site.namespace}")
    played_by_others = Cluster(fake.server, "admin", fake=fake)
    fake.may_not.clear()
    played_by_others.make_namespace(site.namespace)
    fake.may_not.add(("patch", "namespaces"))
    site.run()


@pytest.mark.parametrize("image", [BETTER, BAD])
def test_gone_at_whatever_step_the_next_attempt_brings_it_to_the_same_end(
    tmp_path: Path, played: Cluster, fake: FakeCluster, image: str
) -> None:
    """As a kill -9 of whoever works for it: nothing is known but what the cluster has."""
    for step in range(0, 40, rounds(3, 1)):
        site = Site(tmp_path / str(step), played, service(), deployment(), config("old"), config(), stuck_seconds=0.05)
        site.procedure = replace(site.procedure, patience=0.1)
        site.run()
        site.push(service(), deployment(), config(tea="green"), config("new"))
        work = site.opened(image)
        proposal = site.proposed(work)
        fake.dies_after = step
        reached, clean = _outcome(work, proposal)
        assert reached or clean == (step == 0), "as long as nothing is recorded, nothing moved"
        fake.dies_after = None
        _finish(site, image)
        if reached:
            break
    else:
        pytest.fail("it never came to its end")
    assert step > 5


def _outcome(work: ReleaseWork, proposal: Proposal) -> tuple[bool, bool]:
    """Whether it came to an end, and whether what ran before surely runs."""
    try:
        work.carry_out(proposal)
    except ClusterUnreachable as gone:
        return False, gone.clean
    except RolloutFailed as failed:
        return failed.clean, failed.clean
    return True, True


def _finish(site: Site, image: str) -> None:
    if image == BAD:
        with pytest.raises(RolloutFailed) as failed:
            site.run(image)
        assert failed.value.clean, failed.value.fact
        assert site.images() == {GOOD}
        assert _data(site, "menu") == {"tea": "oolong"}
        assert site.live("configmaps", "new", "v1") is None
        return
    site.run(image)
    assert site.images() == {BETTER}
    assert _data(site, "menu") == {"tea": "green"}
    assert site.live("configmaps", "old", "v1") is None
    record = read_record(site.procedure.api(site.job()), site.namespace)
    assert record
    assert not record.under_way
    assert {str(one.id) for one in record.all} == {"Service/shop", "Deployment/shop", "ConfigMap/menu", "ConfigMap/new"}
    assert site.run(image).empty


def _data(site: Site, name: str) -> object:
    found = site.live("configmaps", name, "v1")
    assert found
    return found["data"]


def test_a_record_that_was_written_over_is_no_record(tmp_path: Path, played: Cluster) -> None:
    site = Site(tmp_path, played, config(), inputs=())
    site.run()
    where = f"/api/v1/namespaces/{site.namespace}/configmaps/odmd-release"
    played.patch(where, {"data": {"all": "{nonsense"}})
    with pytest.raises(ManifestsUnfit, match="cannot be read"):
        site.run()


def test_a_namespace_with_another_envers_release_is_refused(tmp_path: Path, played: Cluster) -> None:
    site = Site(tmp_path, played, config(), inputs=())
    site.run()
    where = f"/api/v1/namespaces/{site.namespace}/configmaps/odmd-release"
    played.patch(where, {"metadata": {"annotations": {"odmd/enver": "other/b..main"}}})
    with pytest.raises(ClusterRefused, match=r"has a release of other/b\.\.main"):
        site.run()


def test_a_cluster_without_certificate_is_not_sent_a_token(tmp_path: Path, played: Cluster) -> None:
    played.server = "http://cluster.example"
    with pytest.raises(ClusterSignInRefused, match="is no https:// address"):
        Site(tmp_path, played, claim()).run()
