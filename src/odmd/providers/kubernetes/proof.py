"""What runs need of a cluster: that it answers, and lets whoever carries them out do what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.running.needs import ClusterNeeded, ClusterRightNeeded, Finding, Proven, RunNeed, Unknown
from odmd.errors import RightLacking
from odmd.graph import EnverNode
from odmd.graph.built import KubernetesNode
from odmd.providers.kubernetes.access import Clusters
from odmd.providers.kubernetes.api import ClusterApi, Gone
from odmd.providers.kubernetes.discovery import Discovery
from odmd.providers.kubernetes.objects import Object, group_of, map_at, text_at
from odmd.providers.kubernetes.recipe import from_recipe, namespace_of
from odmd.providers.kubernetes.record import MAPS

_REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_A_LOOK: Final = 3.0
"""Seconds within which a cluster that is only looked at has to answer."""


@dataclass(frozen=True, slots=True)
class ClusterProof:
    """Asks each cluster as whoever carries out runs is known there."""

    clusters: Clusters

    def answers(self, need: ClusterNeeded) -> Finding:
        """Raises:
        ClusterUnreachable, ClusterSignInRefused
        """
        with ClusterApi(self.clusters.access(need.name, need.target), _A_LOOK) as api:
            return Proven(f"reached, {text_at(api.get('/version'), 'gitVersion')}")

    def may(self, need: ClusterRightNeeded) -> Finding:
        """As the cluster reviews it, which is what it would say to the requests themselves.

        Raises:
            RightLacking, ClusterUnreachable, ClusterSignInRefused, ClusterRefused
        """
        with ClusterApi(self.clusters.access(need.cluster, need.target), _A_LOOK) as api:
            try:
                denied = list(_denied(api, need))
            except Gone:
                return Unknown("the cluster has no reviews of rights")
        if denied:
            raise RightLacking(
                f"whoever carries out runs may not {', '.join(denied)} in cluster {need.cluster}",
                next_step="let whoever runs the cluster give the right: kubectl create rolebinding … "
                f"--clusterrole edit -n {need.namespace}",
            )
        return Proven("allowed, as the cluster reviews it")


def recipe_needs(
    recipe: bytes,
    enver: EnverNode,
    texts: Mapping[str, str],
    before: bytes | None,  # noqa: ARG001  # as other recipes
) -> Sequence[RunNeed]:
    """That its objects may be brought into its namespace.

    Raises:
        ManifestsUnfit, PublishedWrong
    """
    said = enver.built_as(KubernetesNode)
    cluster = said.cluster or texts.get(said.cluster_input, "")
    if not cluster:
        return ()
    sorts = {(str(one["apiVersion"]), str(one["kind"])) for one in from_recipe(recipe, enver)}
    return (ClusterRightNeeded(cluster, enver.target, namespace_of(enver), tuple(sorted(sorts))),)


def _denied(api: ClusterApi, need: ClusterRightNeeded) -> Iterator[str]:
    """Of sorts that the cluster does not have, the run itself says so."""
    discovery = Discovery(api)
    wanted = [found for version, kind in need.resources if (found := discovery.resource(version, kind))]
    if not _allowed(api, "get", "", "namespaces", need.namespace, need.namespace):
        yield f"get namespace {need.namespace}"
    elif not _has_namespace(api, need.namespace) and not _allowed(api, "patch", "", "namespaces", "", need.namespace):
        yield f"make namespace {need.namespace}"
    for one in dict.fromkeys((*wanted, MAPS)):
        if not _allowed(api, "patch", group_of(one.api_version), one.plural, need.namespace):
            yield f"patch {one.plural}"


def _has_namespace(api: ClusterApi, name: str) -> bool:
    try:
        api.get(f"/api/v1/namespaces/{name}")
    except Gone:
        return False
    return True


def _allowed(api: ClusterApi, verb: str, group: str, plural: str, namespace: str, name: str = "") -> bool:
    about: Object = {"verb": verb, "group": group, "resource": plural}
    about |= {"namespace": namespace} if namespace else {}
    about |= {"name": name} if name else {}
    review: Object = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": about},
    }
    return map_at(api.review(_REVIEWS, review), "status").get("allowed") is True
