"""What a run needs of a cluster is asked of it as whoever carries out runs is known there."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.control.running.needs import ClusterNeeded, ClusterRightNeeded, Proven
from odmd.errors import ClusterSignInRefused, ClusterUnreachable, RightLacking
from odmd.model.targets import Target
from odmd.providers.kubernetes import ClusterProof
from odmd.providers.kubernetes.access import ClusterAccess
from odmd.providers.kubernetes.proof import recipe_needs
from support.kubernetes.cluster import Cluster
from support.kubernetes.fake import FakeCluster
from support.kubernetes.real import IS_REQUIRED, MISSING, assets
from support.kubernetes.site import Site, deployment, service

HERE = Target("210000000001", "eu-west-1")
NEED = ClusterNeeded("shared", HERE)
RIGHT = ClusterRightNeeded("shared", HERE, "shop-main", (("apps/v1", "Deployment"), ("v1", "Service")))


def test_a_cluster_that_answers_says_its_version(cluster: Cluster) -> None:
    found = ClusterProof(cluster).answers(NEED)
    assert isinstance(found, Proven)
    assert found.fact.startswith("reached, v1.20")


def test_one_that_does_not_answer_or_knows_nobody_is_no_cluster_for_a_run(played: Cluster) -> None:
    with pytest.raises(ClusterUnreachable):
        ClusterProof(Away()).answers(NEED)
    played.token = "nobody"
    with pytest.raises(ClusterSignInRefused):
        ClusterProof(played).answers(NEED)


class Away:
    """A cluster at an address where nobody is."""

    def access(self, name: str, target: Target) -> ClusterAccess:
        return ClusterAccess("http://127.0.0.1:1", "", lambda *, anew=False: "token")


def test_who_may_do_all_may_bring_a_release_there(cluster: Cluster) -> None:
    assert ClusterProof(cluster).may(RIGHT) == Proven("allowed, as the cluster reviews it")


def test_all_that_may_not_be_done_is_said_at_once(played: Cluster, fake: FakeCluster) -> None:
    fake.may_not |= {("patch", "services"), ("patch", "configmaps"), ("patch", "namespaces")}
    with pytest.raises(
        RightLacking, match="may not make namespace shop-main, patch services, patch configmaps in"
    ) as it:
        ClusterProof(played).may(RIGHT)
    assert "-n shop-main" in it.value.next_step
    fake.may_not.discard(("patch", "namespaces"))
    played.make_namespace("shop-main")
    with pytest.raises(RightLacking, match="may not patch services, patch configmaps in cluster shared"):
        ClusterProof(played).may(RIGHT)


@pytest.mark.skipif(assets() is None and not IS_REQUIRED, reason=MISSING)
def test_a_cluster_says_of_a_service_account_what_its_role_says(real: Cluster) -> None:
    namespace, account = f"rights-{secrets.token_hex(4)}", {"kind": "ServiceAccount", "name": "ci"}
    real.make_namespace(namespace)
    real.apply(
        f"/api/v1/namespaces/{namespace}/serviceaccounts/ci",
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "ci"}},
    )
    rules = [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
    ]
    of_rbac, path = "rbac.authorization.k8s.io", f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    about = {"apiVersion": f"{of_rbac}/v1", "metadata": {"name": "ci"}}
    real.apply(f"{path}/roles/ci", {**about, "kind": "Role", "rules": rules})
    role = {"apiGroup": of_rbac, "kind": "Role", "name": "ci"}
    bound = {"kind": "RoleBinding", "subjects": [{**account, "namespace": namespace}], "roleRef": role}
    real.apply(f"{path}/rolebindings/ci", {**about, **bound})
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = real.post(f"/api/v1/namespaces/{namespace}/serviceaccounts/ci/token", asked)["status"]["token"]
    proof = ClusterProof(replace(real, token=token))
    deployments, all_of_it = (replace(RIGHT, namespace=namespace, resources=RIGHT.resources[:n]) for n in (1, 2))
    assert proof.may(deployments) == Proven("allowed, as the cluster reviews it")
    with pytest.raises(RightLacking, match="may not patch services in cluster shared"):
        proof.may(all_of_it)


def test_a_recipe_needs_the_right_to_make_its_objects(played: Cluster, tmp_path: Path) -> None:
    site = Site(tmp_path, played, deployment(), service())
    recipe = site.procedure.prepare(site.job())
    assert recipe_needs(recipe, site.enver, {}, None) == (
        ClusterRightNeeded("c1", site.enver.target, site.namespace, RIGHT.resources),
    )
