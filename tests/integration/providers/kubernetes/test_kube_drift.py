"""One suite for a played and a real cluster: what others changed of a release is named, and a run brings it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from odmd.control.running.observing import LastDeployed
from odmd.control.scheduler.drift import Deviation
from odmd.control.scheduler.units import DeployedUnit
from odmd.errors import FieldsOfOthers
from odmd.model.build_types import KUBERNETES
from odmd.providers.kubernetes.drift import ReleaseObserver
from support.kubernetes.cluster import Cluster
from support.kubernetes.site import BETTER, GOOD, Site, config, deployment, service


def deviations(site: Site) -> list[tuple[str, str, str]]:
    return [(one.what, one.expected, one.found) for one in seen(site)]


def seen(site: Site) -> tuple[Deviation, ...]:
    job = site.job()
    unit = DeployedUnit(f"c1/{site.namespace}", site.enver.target, KUBERNETES.unit)
    recipe = site.procedure.prepare(job)
    deployed = LastDeployed(site.enver, site.enver.target, recipe, {}, {}, site.commit, (unit,), b"salt")
    return ReleaseObserver(site.cluster).observe(deployed, resources=False).deviations


def path(site: Site, plural: str, name: str) -> str:
    group = "/api/v1" if plural == "configmaps" else "/apis/apps/v1"
    return f"{group}/namespaces/{site.namespace}/{plural}/{name}"


def reverted(site: Site) -> None:
    job = replace(site.job(), drifted=True)
    work = site.procedure.open(site.procedure.prepare(job), job)
    work.prove()
    work.deliver()
    assert not site.finish(work).empty


def test_what_runs_as_it_was_brought_there_is_no_drift(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, service(), deployment(), config())
    site.run()
    assert deviations(site) == []
    cluster.patch(path(site, "configmaps", "menu"), {"data": {"cake": "lemon"}})
    assert deviations(site) == [], "what the manifests do not say is others'"


def test_what_others_changed_is_named_and_brought_back(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), config(tea="oolong"))
    site.run()
    cluster.patch(path(site, "configmaps", "menu"), {"data": {"tea": "a secret"}})
    cluster.patch(path(site, "deployments", "shop"), {"spec": deployment(image=BETTER)["spec"]})
    found = seen(site)
    assert sorted((one.what, one.expected, one.found) for one in found) == [
        ("ConfigMap/menu data.tea", "", "differs"),
        ("Deployment/shop spec.template.spec.containers[app].image", GOOD, BETTER),
    ]
    assert "a secret" not in repr(found)
    cluster.patch(path(site, "configmaps", "menu"), {"data": {"tea": "another"}})
    assert {one.id for one in found} != {one.id for one in seen(site)}, "what was accepted is not this"
    with pytest.raises(FieldsOfOthers):
        site.run()
    reverted(site)
    assert deviations(site) == []
    assert site.images() == {GOOD}


def test_what_others_took_away_is_named(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), config())
    site.run()
    cluster.delete(path(site, "configmaps", "menu"))
    assert deviations(site) == [("ConfigMap/menu", "is there", "is not there any more")]
    reverted(site)
    assert deviations(site) == []
    cluster.delete(path(site, "configmaps", "odmd-release"))
    assert [(one.sort, one.unit) for one in seen(site)] == [("gone", f"c1/{site.namespace}")]


def test_what_others_made_anew_is_named_by_the_fields_that_cannot_change_and_what_stands_there_is_not_told(
    tmp_path: Path, cluster: Cluster
) -> None:
    site = Site(tmp_path, cluster, deployment())
    site.run()

    def made_anew(secret: str) -> Deviation:
        cluster.delete(path(site, "deployments", "shop"))
        cluster.until(lambda: cluster.get(path(site, "deployments", "shop")) is None)
        other = deployment(image=GOOD)
        other["metadata"]["namespace"] = site.namespace
        other["spec"]["selector"] = {"matchLabels": {"app": secret}}
        other["spec"]["template"]["metadata"]["labels"] = {"app": secret}
        cluster.apply(path(site, "deployments", "shop"), other)
        (found,) = seen(site)
        return found

    first, again = made_anew("a-secret"), made_anew("another")
    assert (first.what, first.found) == ("Deployment/shop", "was made anew otherwise: spec.selector")
    assert first.place == again.place
    assert first.id != again.id
