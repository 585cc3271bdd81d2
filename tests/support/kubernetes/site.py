"""An enver with manifests in a repository, and a cluster for it."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job, Observed
from odmd.control.running.proposal import Proposal
from odmd.graph import EnverNode, ProductNode, WireEdge
from odmd.graph.built import KubernetesNode
from odmd.isolation import Isolation
from odmd.model.build_types import KUBERNETES
from odmd.model.kinds import Text
from odmd.private import private_folder
from odmd.providers.cage import find_cage
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.kubernetes import KubernetesProcedure, Renderer
from odmd.providers.kubernetes.procedure import ReleaseWork
from odmd.providers.workroom import Workroom
from support.jobs import job as a_job
from support.kubernetes.cluster import Cluster
from support.worlds import node

TEXT = f"{Text.__module__}:Text"

GOOD = "registry.example/shop@sha256:" + "1" * 64
BETTER = "registry.example/shop@sha256:" + "2" * 64
BAD = "registry.example/bad@sha256:" + "3" * 64
CRASH = "registry.example/crash@sha256:" + "4" * 64
LARGE = "registry.example/large@sha256:" + "5" * 64


def deployment(name: str = "shop", image: str = "${odmd.image}", replicas: int = 2, **more: Any) -> dict[str, Any]:
    labels = {"app": name}
    container = {"name": "app", "image": image, "resources": {"requests": {"cpu": "1m"}}, **more}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def service(name: str = "shop") -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": ports},
    }


def config(name: str = "menu", **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data or {"tea": "oolong"}}


def claim(name: str = "orders") -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "none", "resources": {"requests": {"storage": "1Gi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def as_yaml(*manifests: dict[str, Any]) -> str:
    return "---\n".join(yaml.safe_dump(one) for one in manifests)


class Site:
    """Each has a namespace of its own."""

    def __init__(self, folder: Path, cluster: Cluster, *manifests: dict[str, Any] | str, **more: Any) -> None:
        number = secrets.token_hex(4)  # tests of several processes share a cluster
        self.cluster, self.folder = cluster, folder
        address, build = f"shop{number}/b..main", f"shop{number}"
        said = {"made_by": "manifests", "of": ".", "cluster": "c1", "cluster_input": "", "stuck_seconds": 0.3}
        of_kubernetes = {key: more.pop(key) for key in list(more) if key in KubernetesNode.__dataclass_fields__}
        products = tuple(
            ProductNode(f"{address}/{name}", name, TEXT, of=of) for name, of in more.pop("products", {}).items()
        )
        self.enver: EnverNode = replace(
            node(0, products=products),
            address=address,
            build=build,
            build_type=KUBERNETES.name,
            built=KubernetesNode(**{**said, "minutes": 1, **of_kubernetes}),
            wires=tuple(self._wire(address, name) for name in more.pop("inputs", ("image",))),
            **more,
        )
        self.namespace = f"{build}-main"
        self.repositories, self.said = FakeRepositories(), list[str]()
        self.runs = itertools.count(1)
        self.push(*manifests)
        renderer = Renderer(Workroom(lambda hidden: Mask(hidden).stream(), lambda: find_cage(Isolation.PREFERRED)))
        self.procedure = KubernetesProcedure(renderer, cluster, patience=2)

    def _wire(self, address: str, name: str) -> WireEdge:
        place = node(0).place
        return WireEdge(address, name, "p/b..main/x", TEXT, "read", "automatic", None, None, place, "p/b..main", "", "")

    def push(self, *manifests: dict[str, Any] | str, **files: str) -> None:
        texts = [one if isinstance(one, str) else as_yaml(one) for one in manifests]
        named = {f"m{number}.yaml": text for number, text in enumerate(texts)} | files
        self.commit = self.repositories.commit(self.enver.repo, "main", named)

    def job(self, image: str = GOOD, **texts: str) -> Job:
        run = next(self.runs)
        place = Workplace(private_folder(self.folder / self.namespace / str(run)))
        names = {wire.name for wire in self.enver.wires}
        return a_job(
            place,
            self.enver,
            commit=self.commit,
            texts={name: text for name, text in {"image": image, **texts}.items() if name in names},
            run=run,
            checkout=lambda: self.repositories.checkout(self.enver.repo, self.commit, place.source),
            said=self.said,
        )

    def opened(self, image: str = GOOD, **texts: str) -> ReleaseWork:
        """From source to what is known before anything moves."""
        job = self.job(image, **texts)
        self.procedure.preflight(job)
        work = self.procedure.open(self.procedure.prepare(job), job)
        work.prove()
        work.deliver()
        return work

    def proposed(self, work: ReleaseWork) -> Proposal:
        (unit,) = work.units
        return work.propose(unit, continued=False)

    def run(self, image: str = GOOD, **texts: str) -> Proposal:
        """A run that goes well; returns what was proposed."""
        self.last = self.opened(image, **texts)
        return self.finish(self.last)

    def finish(self, work: ReleaseWork) -> Proposal:
        (unit,) = work.units
        proposal = self.proposed(work)
        done = work.carry_out(proposal)
        work.settle(unit)
        self.observed: Observed = work.observe(unit, json.loads(json.dumps(done)))
        return proposal

    def live(self, plural: str, name: str, group: str = "apps/v1") -> dict[str, Any] | None:
        api = f"/apis/{group}" if "/" in group else f"/api/{group}"
        return self.cluster.get(f"{api}/namespaces/{self.namespace}/{plural}/{name}")

    def images(self) -> set[str]:
        """Of pods that are ready, and so take traffic."""
        pods = self.cluster.get(f"/api/v1/namespaces/{self.namespace}/pods") or {"items": []}
        return {
            one["spec"]["containers"][0]["image"]
            for one in pods["items"]
            if all(state["ready"] for state in one["status"].get("containerStatuses", [{"ready": False}]))
        }


def shown(proposal: Proposal) -> Mapping[str, str]:
    return {f"{one.type}/{one.logical_id}": one.action for one in proposal.changes}
