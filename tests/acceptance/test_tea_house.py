"""The tea house: five builds of five types in one network, where a push moves who consumes it, and nobody else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.control.running.place import Target
from odmd.providers.aws import Emulator
from support.images import needs_buildah
from support.kubernetes.fake import FakeCluster, fake_cluster
from support.npm_registry import NpmRegistry
from support.soak import soak_only
from support.workbench import Workbench

pytestmark = needs_buildah

ROOT = Path(__file__).parents[2]
TEA_HOUSE = ROOT / "examples" / "tea_house"
SERVICES = ("tea", "prices", "menu", "site")
SETTINGS = """[tool.odmd]
contracts = "tea_house:organisation"
repositories = "repos/{repo}"
retire-after = 0

[tool.odmd.clusters.tea]
server = "SERVER"
token-file = "token"
"""


class TeaHouse:
    """The example on disk, with an account, a registry and a cluster of its own."""

    def __init__(self, bench: Workbench, cluster: FakeCluster, registry: NpmRegistry, account: str) -> None:
        self.bench, self.cluster, self.good = bench, cluster, set[str]()
        shutil.copytree(TEA_HOUSE / "contracts" / "src" / "tea_house", bench.root / "tea_house")
        for service in SERVICES:
            shutil.copytree(TEA_HOUSE / service, self.folder(service))
        wired = bench.root / "tea_house" / "__init__.py"
        said = wired.read_text().replace("111122223333", account).replace("stuck_seconds=5", "stuck_seconds=0.5")
        wired.write_text(said.replace("http://localhost:4873/", registry.url))
        bench.write("pyproject.toml", SETTINGS.replace("SERVER", cluster.server))
        bench.write("token", "admin\n")
        bench.environment = {**bench.environment, **registry.environment}
        for service in SERVICES:
            bench.git(service, "init", "-q", "-b", "main")
            self.push(service)

    def folder(self, service: str) -> Path:
        return self.bench.root / "repos" / "tea-house" / service

    def push(self, service: str, **files: str) -> None:
        for name, text in files.items():
            (self.folder(service) / name.replace("__", "/")).write_text(text)
        self.bench.git(service, "add", "-A")
        self.bench.git(service, "commit", "-q", "--allow-empty", "-m", "change")

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
def tea_house(tmp_path: Path, emulator: Emulator, target: Target, npm_registry: NpmRegistry) -> Iterator[TeaHouse]:
    bench = Workbench(tmp_path, emulator.environment(target), organisation="tea-house")
    with fake_cluster() as cluster:
        yield TeaHouse(bench, cluster, npm_registry, target.account)


def test_a_push_moves_who_consumes_it_and_nobody_else(tea_house: TeaHouse) -> None:
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


@soak_only
def test_a_bad_image_never_takes_traffic_is_undone_and_says_why(tea_house: TeaHouse) -> None:
    tea_house.applied()
    first = tea_house.current("tea-image@main/app")
    tea_house.cluster.crashes = lambda image: image != first
    tea_house.push("tea", image__app="#!/bin/busybox sh\nexit 3\n")
    done = tea_house.bench.apply()
    assert done.returncode == 1, done.stdout
    assert "CrashLoopBackOff" in done.stdout + done.stderr
    assert "undone: Deployment/tea does not serve" in tea_house.bench.odmd("logs", "tea@main").stdout
    assert tea_house.serving() == {first}
    assert tea_house.current("tea@main/inside") == "tea.tea-main.svc:80"
