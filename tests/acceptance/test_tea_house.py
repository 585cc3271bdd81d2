"""The tea house: five builds of five types in one network, where a push moves who consumes it, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from support.images import needs_buildah
from support.kubernetes.fake import FakeCluster, fake_cluster
from support.npm_registry import NpmRegistry
from support.soak import soak_only
from support.tea_house import CRASHES, TEA_HOUSE, TeaHouse
from support.workbench import Workbench

pytestmark = needs_buildah


class Evening:
    """The tea house, with an account, a registry and a cluster of its own."""

    def __init__(self, bench: Workbench, cluster: FakeCluster, registry: NpmRegistry, account: str) -> None:
        self.bench, self.cluster = bench, cluster
        self.house = TeaHouse(bench.root, account, registry.url, cluster.server, "admin")
        bench.environment = {**bench.environment, **registry.environment}

    def push(self, service: str, **files: str) -> None:
        self.house.push(service, **files)

    def applied(self) -> str:
        self.cluster.changed.clear()
        done = self.bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def runs(self) -> dict[str, int]:
        """How many runs each enver had."""
        envers = [one["enver"] for one in self.bench.data("status")]
        return {one.partition("/")[0]: len(self.bench.data("runs", one)) for one in envers}

    def current(self, product: str) -> str:
        values = [one["value"] for one in self.bench.data("values", product)]
        return next(one["text"] for one in values if one["status"] == "current")

    def serving(self) -> set[str]:
        """The images whose pods take traffic."""
        return {
            one["spec"]["containers"][0]["image"]
            for (_, plural, _, _), one in self.cluster.objects.items()
            if plural == "pods" and one["status"]["containerStatuses"][0]["ready"]
        }


@pytest.fixture
def tea_house(tmp_path: Path, emulator: Emulator, target: Target, npm_registry: NpmRegistry) -> Iterator[Evening]:
    bench = Workbench(tmp_path, emulator.environment(target), organisation="tea-house")
    with fake_cluster() as cluster:
        yield Evening(bench, cluster, npm_registry, target.account)


def test_a_push_moves_who_consumes_it_and_nobody_else(tea_house: Evening) -> None:
    tea_house.applied()
    first = tea_house.current("tea-image@main/app")
    assert tea_house.serving() == {first}
    assert tea_house.current("menu@main/package") == "@tea-house/menu@1.0.0"
    assert tea_house.current("tea@main/inside") == "tea.tea-main.svc:80"
    once = dict.fromkeys(("tea-image", "prices", "tea", "menu", "site"), 1)
    assert tea_house.runs() == once

    tea_house.push("tea", image__app="#!/bin/busybox sh\necho 'tea is served hot'\n")
    tea_house.applied()
    second = tea_house.current("tea-image@main/app")
    assert tea_house.serving() == {second} != {first}
    assert tea_house.runs() == {**once, "tea-image": 2, "tea": 2}
    assert "PATCH Deployment/tea" in tea_house.cluster.changed
    assert not [one for one in tea_house.cluster.changed if one.endswith(("Service/tea", "ConfigMap/prices"))]

    tea_house.push("tea", image__NOTES="nothing of it is in the image\n")
    tea_house.applied()
    assert tea_house.current("tea-image@main/app") == second
    assert tea_house.runs()["tea"] == 2, "the same digest moves nobody"

    package = json.loads((TEA_HOUSE / "menu" / "package.json").read_text())
    menu = {"package.json": json.dumps({**package, "version": "1.1.0"}), "menu.json": '{"teas": ["assam"]}\n'}
    tea_house.push("menu", **menu)
    tea_house.push("prices", pot="500\n")
    tea_house.applied()
    assert tea_house.current("menu@main/package") == "@tea-house/menu@1.1.0"
    assert tea_house.runs() == {**once, "tea-image": 3, "tea": 3, "menu": 2, "prices": 2, "site": 2}
    assert "values only" in tea_house.bench.odmd("runs", "site@main").stdout

    tea_house.house.closes("site", "tea", "image")
    removals = {one["enver"]: one["inventory"] for one in tea_house.bench.data("plan")["plan"]["removals"]}
    kinds = {enver: sorted(one["what"] for one in found["goes"]) for enver, found in removals.items()}
    assert kinds == {
        "tea-image/b..main": ["image", "repository"],
        "tea/b..main": ["ConfigMap", "Deployment", "Service", "namespace"],
        "site/b..main": ["stack"],
    }
    bucket = "its deletion policy keeps it"
    assert [one["why"] for one in removals["site/b..main"]["stays"]] == [bucket]
    tea_house.applied()
    assert {one["enver"] for one in tea_house.bench.data("status")} == {"menu/b..main", "prices/b..main"}
    assert not tea_house.serving()


@soak_only
def test_a_bad_image_never_takes_traffic_is_undone_and_says_why(tea_house: Evening) -> None:
    tea_house.applied()
    first = tea_house.current("tea-image@main/app")
    tea_house.cluster.crashes = lambda image: image != first
    tea_house.push("tea", image__app=CRASHES)
    done = tea_house.bench.apply()
    assert done.returncode == 1, done.stdout
    assert "CrashLoopBackOff" in done.stdout + done.stderr
    assert "undone: Deployment/tea does not serve" in tea_house.bench.odmd("logs", "tea@main").stdout
    assert tea_house.serving() == {first}
    assert tea_house.current("tea@main/inside") == "tea.tea-main.svc:80"
