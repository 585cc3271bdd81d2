"""What goes with an enver that left the contracts, and what stays."""

from __future__ import annotations

from pathlib import Path

from odmd.agent.removal import remove
from odmd.control.scheduler.effects import RemoveEnver
from odmd.control.scheduler.messages import FinishRemoval
from odmd.providers.kubernetes import KubernetesRemover
from support.kubernetes.cluster import Cluster
from support.kubernetes.site import Site, claim, config, deployment, service


def removed(site: Site, allowed: str = "", said: list[str] | None = None) -> FinishRemoval:
    heard = said if said is not None else []
    remover = KubernetesRemover(site.procedure, lambda _enver: site.job(), lambda _enver, what: heard.append(what))
    account, region = site.enver.account, site.enver.region
    return remove(remover, RemoveEnver(site.enver.address, account, region, None, allowed))


def test_all_of_it_goes_with_the_namespace_that_was_made_for_it(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, service(), deployment(), config())
    site.run()
    assert removed(site).error == ""
    cluster.until(lambda: cluster.get(f"/api/v1/namespaces/{site.namespace}") is None)
    assert removed(site).error == "", "twice finds nothing the second time"


def test_a_namespace_with_somebody_elses_things_stays_with_them(tmp_path: Path, cluster: Cluster) -> None:
    site, said = Site(tmp_path, cluster, deployment()), list[str]()
    site.run()
    mine = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}
    cluster.apply(f"/api/v1/namespaces/{site.namespace}/configmaps/mine", mine)
    assert removed(site, said=said).error == ""
    assert site.live("deployments", "shop") is None
    assert site.live("configmaps", "mine", "v1")
    assert said == [f"namespace {site.namespace} stays: it has ConfigMap/mine of others"]


def test_a_namespace_that_others_made_stays(tmp_path: Path, cluster: Cluster) -> None:
    site, said = Site(tmp_path, cluster, config(), inputs=()), list[str]()
    cluster.make_namespace(site.namespace)
    site.run()
    assert removed(site, said=said).error == ""
    assert said == [f"namespace {site.namespace} stays: odmd did not make it"]
    assert site.live("configmaps", "menu", "v1") is None


def test_what_holds_data_goes_only_when_exactly_that_was_allowed(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, claim(), config(), inputs=())
    site.run()
    asked = removed(site)
    assert asked.loss
    assert asked.loss.what == "its removal would take PersistentVolumeClaim orders along, which holds data"
    assert removed(site, allowed="another digest").loss == asked.loss
    assert site.live("persistentvolumeclaims", "orders", "v1")
    assert removed(site, allowed=asked.loss.digest).error == ""
    cluster.until(lambda: site.live("persistentvolumeclaims", "orders", "v1") is None)


def test_of_an_ephemeral_enver_nobody_is_asked(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, claim(), inputs=(), ephemeral=True)
    site.run()
    assert removed(site).loss is None
    cluster.until(lambda: site.live("persistentvolumeclaims", "orders", "v1") is None)
