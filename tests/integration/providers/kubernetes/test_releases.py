"""One suite for a played and a real cluster: what is proposed, what moves, what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.errors import (
    FieldsOfOthers,
    ManifestRefused,
    ManifestsUnfit,
    RolloutFailed,
    RolloutPaused,
)
from support.kubernetes.cluster import Cluster
from support.kubernetes.site import (
    BAD,
    BETTER,
    CRASH,
    GOOD,
    LARGE,
    Site,
    claim,
    config,
    deployment,
    service,
    shown,
)


def test_what_was_never_there_is_added_and_serves(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, service(), deployment(), config(), products={"address": "ServiceAddress:shop:http"})
    proposal = site.run()
    assert shown(proposal) == {"ConfigMap/menu": "Add", "Service/shop": "Add", "Deployment/shop": "Add"}
    assert site.observed.texts == {"address": f"shop.{site.namespace}.svc:80"}
    assert site.images() == {GOOD}
    found = site.live("deployments", "shop")
    assert found
    assert "odmd" in {one["manager"] for one in found["metadata"]["managedFields"]}


def test_the_same_again_moves_nothing(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, service(), deployment(), config())
    site.run()
    before = site.live("deployments", "shop")
    assert site.run().empty
    assert site.live("deployments", "shop") == before


def test_a_new_value_rolls_what_uses_it_and_nothing_else(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, service(), deployment(), deployment("till", "registry.example/till:1"), config())
    site.run()
    before = site.live("deployments", "till")
    (change,) = site.run(BETTER).changes
    assert (change.type, change.logical_id, change.action) == ("Deployment", "shop", "Modify")
    assert change.cause == f"spec.template.spec.containers[app].image {GOOD} → {BETTER}"
    assert site.live("deployments", "till") == before
    assert BETTER in site.images()
    assert GOOD not in site.images()


def test_a_proposal_moves_nothing(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment())
    site.run()
    before = site.live("deployments", "shop")
    assert not site.proposed(site.opened(BETTER)).empty
    assert site.live("deployments", "shop") == before


def test_a_field_that_is_left_out_goes_and_one_of_somebody_elses_stays(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, config(tea="oolong", coffee="arabica"), inputs=())
    site.run()
    where = f"/api/v1/namespaces/{site.namespace}/configmaps/menu"
    cluster.patch(where, {"data": {"cake": "lemon"}})
    site.push(config(tea="oolong"))
    site.run()
    found = site.live("configmaps", "menu", "v1")
    assert found
    assert found["data"] == {"tea": "oolong", "cake": "lemon"}


def test_a_field_that_others_manage_is_shown_with_whose_it_is(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, config(tea="oolong"), inputs=())
    site.run()
    where = f"/api/v1/namespaces/{site.namespace}/configmaps/menu"
    cluster.patch(where, {"data": {"tea": "earl grey"}})
    with pytest.raises(FieldsOfOthers, match=r"ConfigMap/menu: data\.tea is kubectl's"):
        site.run()
    found = site.live("configmaps", "menu", "v1")
    assert found
    assert found["data"]["tea"] == "earl grey"


def test_fields_are_taken_over_from_whom_the_contract_names(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, config(tea="oolong"), inputs=(), takes_over=("kubectl",))
    site.run()
    cluster.patch(f"/api/v1/namespaces/{site.namespace}/configmaps/menu", {"data": {"tea": "earl grey"}})
    assert shown(site.run()) == {"ConfigMap/menu": "Modify"}
    found = site.live("configmaps", "menu", "v1")
    assert found
    assert found["data"]["tea"] == "oolong"


def test_an_image_that_cannot_be_pulled_takes_no_traffic_and_is_undone(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, service(), deployment(), config(tea="oolong"))
    site.run()
    site.push(service(), deployment(), config(tea="earl grey"), config("new"))
    with pytest.raises(RolloutFailed) as failed:
        site.run(BAD)
    assert "Deployment/shop does not serve" in failed.value.fact
    assert "ImagePullBackOff" in failed.value.fact
    assert "what served before serves again" in failed.value.fact
    assert failed.value.clean
    assert site.images() == {GOOD}
    found = site.live("configmaps", "menu", "v1")
    assert found
    assert found["data"] == {"tea": "oolong"}
    assert site.live("configmaps", "new", "v1") is None
    site.push(service(), deployment(), config(tea="oolong"))
    assert site.run().empty


def test_a_program_that_crashes_says_its_last_words(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment())
    site.run()
    with pytest.raises(RolloutFailed, match="CrashLoopBackOff: container app ended with 3") as failed:
        site.run(CRASH)
    if cluster.fake:  # a node of tests has no logs
        assert "no menu at /etc/menu" in failed.value.fact
    assert site.images() == {GOOD}


def test_what_fits_on_no_node_is_said_when_its_time_is_over(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), minutes=0.02, stuck_seconds=0.1)
    if not cluster.fake:
        site.push(deployment(resources={"requests": {"cpu": "900"}}))
    with pytest.raises(RolloutFailed, match=r"within 0\.02 minutes") as failed:
        site.run(LARGE)
    assert "Unschedulable: 0/1 nodes are available" in failed.value.fact


def test_a_first_release_that_does_not_serve_is_left_to_look_at_and_the_next_one_goes_on(
    tmp_path: Path, cluster: Cluster
) -> None:
    site = Site(tmp_path, cluster, deployment())
    with pytest.raises(RolloutFailed) as failed:
        site.run(BAD)
    assert not failed.value.clean
    site.run(GOOD)
    assert site.images() == {GOOD}


def test_nothing_is_undone_where_the_contract_says_so(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), undo=False)
    site.run()
    with pytest.raises(RolloutFailed) as failed:
        site.run(BAD)
    assert not failed.value.clean
    assert "serves again" not in failed.value.fact
    found = site.live("deployments", "shop")
    assert found
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == BAD


def test_one_that_its_manifest_pauses_is_left_as_it_is_and_rolls_once_it_is_resumed(
    tmp_path: Path, cluster: Cluster
) -> None:
    site, paused = Site(tmp_path, cluster, deployment()), deployment()
    site.run()
    paused["spec"]["paused"] = True
    site.push(paused)
    site.run(BETTER)
    assert "Deployment/shop: changed, and paused, as its manifest says" in site.said
    assert site.images() == {GOOD}
    site.push(deployment())
    site.run(BETTER)
    assert site.images() == {BETTER}


def test_one_that_somebody_paused_is_said_before_anything_moves(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), config())
    site.run()
    where = f"/apis/apps/v1/namespaces/{site.namespace}/deployments/shop"
    cluster.patch(where, {"spec": {"paused": True}}, manager="kubectl-rollout")
    assert site.run().empty, "what stays as it is may be paused"
    site.push(deployment(), config(tea="assam"))
    with pytest.raises(RolloutPaused, match="Deployment/shop is paused by kubectl-rollout"):
        site.run(BETTER)
    menu = site.live("configmaps", "menu", "v1")
    assert menu
    assert menu["data"] == {"tea": "oolong"}
    cluster.patch(where, {"spec": {"paused": None}}, manager="kubectl-rollout")
    site.run(BETTER)
    assert site.images() == {BETTER}


def test_a_field_that_may_not_change_is_a_question_and_is_replaced_once_allowed(
    tmp_path: Path, cluster: Cluster
) -> None:
    site = Site(tmp_path, cluster, deployment())
    site.run()
    other = deployment()
    other["spec"]["selector"]["matchLabels"] = other["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    site.push(other)
    work = site.opened()
    (change,) = site.proposed(work).changes
    assert (change.logical_id, change.replacement, change.stops, change.is_loss) == ("shop", "True", True, False)
    before = site.live("deployments", "shop")
    site.finish(work)
    after = site.live("deployments", "shop")
    assert before
    assert after
    assert before["metadata"]["uid"] != after["metadata"]["uid"]
    assert site.images() == {GOOD}


def test_a_claim_that_would_be_replaced_is_a_loss(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, claim(), inputs=())
    site.run()
    other = claim()
    other["spec"]["accessModes"] = ["ReadWriteMany"]
    site.push(other)
    (change,) = site.proposed(site.opened()).changes
    assert change.is_loss


def test_what_no_manifest_says_any_more_goes_last_and_data_only_when_allowed(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment(), config(), claim(), service())
    site.run()
    mine = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}
    cluster.apply(f"/api/v1/namespaces/{site.namespace}/configmaps/mine", mine)
    site.push(deployment(), service())
    work = site.opened()
    proposal = site.proposed(work)
    assert shown(proposal) == {"ConfigMap/menu": "Remove", "PersistentVolumeClaim/orders": "Remove"}
    assert [one.logical_id for one in proposal.changes if one.is_loss] == ["orders"]
    site.finish(work)
    cluster.until(lambda: site.live("configmaps", "menu", "v1") is None)
    assert site.live("configmaps", "mine", "v1")
    assert site.run().empty


def test_objects_that_were_there_before_are_strangers(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, service(), deployment())
    cluster.make_namespace(site.namespace)
    cluster.apply(f"/api/v1/namespaces/{site.namespace}/services/shop", service())
    work = site.opened()
    look = work.look(work.units[0])
    assert look.is_foreign
    assert look.status == "Service/shop"
    site.finish(work)
    look = work.look(work.units[0])
    assert (look.owner, look.state) == (site.enver.address, "this")


def test_kinds_that_the_cluster_does_not_have_are_refused_before_anything_moves(
    tmp_path: Path, cluster: Cluster
) -> None:
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "shop"}, "spec": {}}
    widget = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}}
    site = Site(tmp_path, cluster, deployment(), budget, widget)
    with pytest.raises(ManifestsUnfit) as unfit:
        site.opened()
    assert "no PodDisruptionBudget of policy/v1" in unfit.value.fact
    assert "policy/v1beta1" in unfit.value.fact
    assert "no Widget of example.org/v1, and no example.org at all" in unfit.value.fact
    assert cluster.get(f"/api/v1/namespaces/{site.namespace}") is None


def test_a_manifest_that_the_cluster_does_not_take_is_refused_before_anything_moves(
    tmp_path: Path, cluster: Cluster
) -> None:
    wrong = deployment("wrong")
    wrong["spec"]["template"]["metadata"]["labels"] = {"app": "another"}
    site = Site(tmp_path, cluster, deployment(), wrong)
    with pytest.raises(ManifestsUnfit, match=r"Deployment/wrong: .*selector"):
        site.run()
    assert site.live("deployments", "shop") is None


def test_a_job_is_waited_for_and_a_changed_one_runs_anew(tmp_path: Path, cluster: Cluster) -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate"},
        "spec": {
            "template": {
                "spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": "${odmd.image}"}]},
            }
        },
    }
    site = Site(tmp_path, cluster, job)
    site.run()
    before = site.live("jobs", "migrate", "batch/v1")
    (change,) = site.run(BETTER).changes
    assert (change.replacement, change.stops) == ("True", False)
    after = site.live("jobs", "migrate", "batch/v1")
    assert before
    assert after
    assert before["metadata"]["uid"] != after["metadata"]["uid"]


def test_a_load_balancers_name_is_a_product(tmp_path: Path, cluster: Cluster) -> None:
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "shop"},
        "spec": {
            "rules": [
                {
                    "host": "shop.example",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "shop", "port": {"number": 80}}},
                            }
                        ]
                    },
                }
            ]
        },
    }
    products = {
        "url": "IngressUrl:shop",
        "host": "IngressHost:shop",
        "replicas": "ObjectField:Deployment/shop status.availableReplicas",
    }
    site = Site(tmp_path, cluster, ingress, deployment(), products=products)
    site.run()
    assert site.observed.texts == {"url": "http://shop.example", "host": "shop.example", "replicas": "2"}


def test_values_alone_need_the_recipe_only(tmp_path: Path, cluster: Cluster) -> None:
    site = Site(tmp_path, cluster, deployment())
    job = site.job()
    recipe = site.procedure.prepare(job)
    site.run()
    work = site.procedure.open(recipe, site.job(BETTER))
    assert not work.stale()
    assert shown(site.finish(work)) == {"Deployment/shop": "Modify"}
    assert BETTER.encode() not in recipe


def test_a_webhook_that_rejects_is_heard_before_anything_moves(tmp_path: Path, played: Cluster) -> None:
    assert played.fake
    site = Site(tmp_path, played, deployment(), config(), service())
    played.fake.webhook = lambda said: "no menus" if said["kind"] == "ConfigMap" and "tea" in said["data"] else ""
    with pytest.raises(ManifestsUnfit, match=r'admission webhook "policy\.example" denied the request: no menus'):
        site.run()
    assert not [one for one in played.fake.changed if "Namespace" not in one]


def test_a_manifest_that_is_refused_when_it_moves_is_undone(tmp_path: Path, played: Cluster) -> None:
    assert played.fake
    site = Site(tmp_path, played, deployment(), config())
    site.run()
    site.push(deployment(), config(tea="green"))
    work = site.opened(BETTER)
    proposal = site.proposed(work)
    played.fake.webhook = lambda said: "too late" if "image" in str(said) and BETTER in str(said) else ""
    with pytest.raises(ManifestRefused, match="too late") as refused:
        work.carry_out(proposal)
    assert refused.value.clean
    found = site.live("configmaps", "menu", "v1")
    assert found
    assert found["data"] == {"tea": "oolong"}


def test_a_cluster_is_asked_twice_for_each_manifest_and_not_at_all_for_what_stays(
    tmp_path: Path, played: Cluster
) -> None:
    assert played.fake
    asked = played.fake.asked
    configs = [config(f"c{n}") for n in range(30)]
    site = Site(tmp_path, played, *configs, deployment())
    work = site.opened()
    asked.clear()
    site.finish(work)
    assert sum(method == "PATCH" for method, _ in asked) == 2 * 31 + 2
    assert sum("configmaps" in path and method == "GET" for method, path in asked) <= 4
    work = site.opened(BETTER)
    asked.clear()
    site.finish(work)
    assert sum(method == "PATCH" for method, _ in asked) == 2 + 2, "the deployment, and the record"
    assert all(f"/namespaces/{site.namespace}" in path or "namespaces" not in path for _, path in asked)
