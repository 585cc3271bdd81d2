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


FROM: Final = "server.from[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=ingress"
TOLD: Final = ("server.secrets.ODMD_NOTIFY_ALL.secret=odmd-notify", "server.secrets.ODMD_NOTIFY_ALL.key=url")
SAID: Final = ("names[0]=odmd.internal:8080", "proxies[0]=10.1.4.0/26", "proxies[1]=fd00:4::/64", FROM, *TOLD)


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
    "said",
    [(), ("ingress.host=odmd.example", "ingress.tls=odmd-tls", "key=kms:arn:aws:kms:x", *SAID), ("worker.most=0",)],
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


def environment(made: Sequence[Mapping[str, Any]], part: str) -> Mapping[str, Any]:
    (container,) = of_kind("Deployment", made)[f"odmd-{part}"]["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one.get("value") or one["valueFrom"]["secretKeyRef"] for one in container["env"]}


def test_the_server_alone_is_told_its_names_its_proxies_and_its_secrets() -> None:
    made = rendered("ingress.host=odmd.example", *SAID)
    server, worker = environment(made, "server"), environment(made, "worker")
    assert server["ODMD_NAMES"] == "odmd.example,odmd.internal:8080,odmd-server.default,odmd-server.default.svc"
    assert server["ODMD_PROXIES"] == "10.1.4.0/26,fd00:4::/64"
    assert server["ODMD_NOTIFY_ALL"] == {"name": "odmd-notify", "key": "url"}
    assert worker.keys() == server.keys() - {"ODMD_NAMES", "ODMD_PROXIES", "ODMD_NOTIFY_ALL"}
    plain = environment(rendered(), "server")
    assert plain.keys() == worker.keys(), "a server without a name answers by whatever name"


def test_server_and_workers_are_somebody_each_and_reached_by_no_more_than_need_to() -> None:
    made = rendered(*SAID)
    runs_as = {
        name: one["spec"]["template"]["spec"]["serviceAccountName"] for name, one in of_kind("Deployment", made).items()
    }
    assert runs_as == {one: one for one in of_kind("ServiceAccount", made)}
    policies = of_kind("NetworkPolicy", made)
    assert "ingress" not in policies["odmd-worker"]["spec"]
    (rule,) = policies["odmd-server"]["spec"]["ingress"]
    assert rule["ports"] == [{"port": "http"}]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}]
    (anybody,) = of_kind("NetworkPolicy", rendered())["odmd-server"]["spec"]["ingress"]
    assert anybody == {"ports": [{"port": "http"}]}


def test_workers_are_scaled_by_one_alone() -> None:
    assert "replicas" not in of_kind("Deployment", rendered())["odmd-worker"]["spec"]
    still = rendered("worker.most=0", "worker.replicas=3")
    assert of_kind("Deployment", still)["odmd-worker"]["spec"]["replicas"] == 3
    assert of_kind("HorizontalPodAutoscaler", still) == {}


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("image=acme/odmd:latest", "/image"),
        ("worker.place=3", "place"),
        ("isolation=maybe", "/isolation"),
        ("names[0]=https://odmd.example", "/names/0"),
        ("server.secrets.PGPASSWORD.secret=x", "PGPASSWORD"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_made(said: str, about: str) -> None:
    made = helm("--set", f"image={IMAGE}", "--set", said)
    assert made.returncode != 0
    assert about in made.stderr
