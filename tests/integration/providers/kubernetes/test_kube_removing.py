"""What goes with an enver that left the contracts, and what stays."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

from odmd.agent.removal import clear, remove
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishRemoval
from odmd.control.scheduler.units import DeployedUnit
from odmd.model.build_types import KUBERNETES
from odmd.providers.kubernetes import KubernetesRemover
from odmd.providers.kubernetes.access import NamedCluster, NamedClusters
from support.kubernetes.cluster import Cluster
from support.kubernetes.site import Site, claim, config, deployment, service


def remover_of(site: Site, said: list[str] | None = None) -> KubernetesRemover:
    heard = said if said is not None else []
    return KubernetesRemover(
        site.procedure,
        lambda _enver: site.job(),
        lambda _enver, _unit: True,
        site.job().state,
        lambda _enver, what: heard.append(what),
        lambda _digest: site.procedure.prepare(site.job()),
    )


def effect(site: Site, allowed: str = "", shown: tuple[str, ...] | None = None) -> RemoveEnver:
    return RemoveEnver(site.enver.address, site.enver.target, "sha256:kept", allowed, 0.0, (), shown)


def removed(
    site: Site, allowed: str = "", said: list[str] | None = None, shown: tuple[str, ...] | None = None
) -> FinishRemoval:
    return remove(remover_of(site, said), effect(site, allowed, shown))


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
    assert remove(remover_of(site), effect(site), ephemeral=True).loss is None
    cluster.until(lambda: site.live("persistentvolumeclaims", "orders", "v1") is None)


def test_what_goes_and_what_stays_is_counted_before_and_nothing_else_goes(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), service(), claim())
    site.run()
    mine = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}
    cluster.apply(f"/api/v1/namespaces/{site.namespace}/configmaps/mine", mine)
    found = remover_of(site).look(effect(site)).inventory
    assert sorted(found.keys) == [
        "Deployment shop",
        "PersistentVolumeClaim orders",
        "Service shop",
        f"namespace {site.namespace} once it is empty",
    ]
    assert [(one.what, one.name) for one in found.stays] == [("ConfigMap", "mine")]
    assert [one.key for one in found.goes if one.asks] == ["PersistentVolumeClaim orders"]
    site.push(deployment(), service(), claim(), config())
    site.run()
    more = removed(site, shown=found.keys).loss
    assert more
    assert "ConfigMap menu along, which nobody was shown" in more.what
    assert site.live("deployments", "shop"), "nothing goes before all of it was allowed"


def test_of_a_cluster_that_is_gone_people_let_go_knowing_what_may_be_left(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, config(), claim(), inputs=())
    site.run()
    site.procedure = replace(site.procedure, clusters=NamedClusters({"c1": _nobody_there(tmp_path)}), patience=0)
    asked = removed(site)
    assert asked.error.startswith("ODMD272 http://127.0.0.1:")
    assert asked.lost
    where = f"namespace {site.namespace} of cluster c1 in {site.enver.account}, {site.enver.region}"
    assert asked.lost.what.endswith(f": {where}, ConfigMap/menu, PersistentVolumeClaim/orders")
    assert removed(site, allowed="another digest").left == ()
    done = removed(site, allowed=asked.lost.digest)
    assert done.error == ""
    assert done.left == (f"{where}, ConfigMap/menu, PersistentVolumeClaim/orders",)


def test_a_release_that_its_enver_went_away_from_goes_where_it_is(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), claim())
    site.run()
    unit = DeployedUnit(f"c1/{site.namespace}", site.enver.target, KUBERNETES.unit)
    left = ClearUnits(site.enver.address, (unit,), "", 7.0)
    asked = clear(remover_of(site), left)
    assert (asked.removed, asked.kept[0].asks) == ((), True)
    assert asked.loss
    assert "PersistentVolumeClaim orders would go, which holds data" in asked.loss.what
    assert site.live("deployments", "shop")
    assert clear(remover_of(site), replace(left, allowed=asked.loss.digest)).removed == (unit,)
    cluster.until(lambda: cluster.get(f"/api/v1/namespaces/{site.namespace}") is None)


def _nobody_there(folder: Path) -> NamedCluster:
    """An address where somebody listened, and nobody does any more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    (folder / "token").write_text("token")
    return NamedCluster(f"http://127.0.0.1:{port}", None, folder / "token")
