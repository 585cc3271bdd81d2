"""The chart of the control plane, by a real helm; a real API server takes all that it makes."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from support.kubernetes.cluster import Cluster
from support.kubernetes.tools import kube_tools

CHART: Final = Path(__file__).parents[4] / "deploy" / "helm" / "odmd"
IMAGE: Final = f"registry.example/acme/odmd@sha256:{'0' * 64}"


def helm(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [kube_tools() / "helm", "template", "odmd", CHART, *words], capture_output=True, text=True, check=False
    )


def rendered(*said: str) -> Sequence[Mapping[str, Any]]:
    made = helm("--set", f"image={IMAGE}", *(word for one in said for word in ("--set", one)))
    assert made.returncode == 0, made.stderr
    return [one for one in yaml.safe_load_all(made.stdout) if one]


def of_kind(kind: str, made: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return {one["metadata"]["name"]: one for one in made if one["kind"] == kind}


@pytest.mark.parametrize(
    "said", [(), ("ingress.host=odmd.example", "ingress.tls=odmd-tls", "key=kms:arn:aws:kms:x"), ("worker.most=0",)]
)
def test_an_api_server_takes_all_that_it_makes(real: Cluster, said: Sequence[str]) -> None:
    paths = {
        "ServiceAccount": "/api/v1/namespaces/default/serviceaccounts",
        "Service": "/api/v1/namespaces/default/services",
        "Deployment": "/apis/apps/v1/namespaces/default/deployments",
        "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
        "Ingress": "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
    }
    for one in rendered(*said):
        if one["kind"] == "HorizontalPodAutoscaler":
            continue  # the server of the tests has no such kind
        taken = real.post(f"{paths[one['kind']]}?dryRun=All&fieldValidation=Strict", one)
        assert taken["metadata"]["name"] == one["metadata"]["name"]


def test_nothing_runs_with_more_than_it_needs() -> None:
    made = rendered()
    for name, one in of_kind("Deployment", made).items():
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        its = container["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["automountServiceAccountToken"] is False, name
        assert (its["readOnlyRootFilesystem"], its["allowPrivilegeEscalation"]) == (True, False), name
        assert its["capabilities"] == {"drop": ["ALL"]}, name
        assert container["image"] == IMAGE, name
        assert not any("value" in env for env in container["env"] if env["name"] == "ODMD_DATABASE_URL"), name


def test_workers_are_scaled_by_one_alone() -> None:
    assert "replicas" not in of_kind("Deployment", rendered())["odmd-worker"]["spec"]
    still = rendered("worker.most=0", "worker.replicas=3")
    assert of_kind("Deployment", still)["odmd-worker"]["spec"]["replicas"] == 3
    assert of_kind("HorizontalPodAutoscaler", still) == {}


@pytest.mark.parametrize(
    ("said", "about"),
    [("image=acme/odmd:latest", "/image"), ("worker.place=3", "place"), ("isolation=maybe", "/isolation")],
)
def test_what_is_wrong_is_said_before_anything_is_made(said: str, about: str) -> None:
    made = helm("--set", f"image={IMAGE}", "--set", said)
    assert made.returncode != 0
    assert about in made.stderr
