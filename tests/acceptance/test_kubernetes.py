"""An organisation whose service runs in a cluster: a new image rolls it and nothing else, a bad one never serves."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from support.kubernetes.fake import FakeCluster, fake_cluster
from support.kubernetes.site import BAD, BETTER, GOOD, as_yaml, claim, config, deployment, service
from support.soak import soak_only
from support.workbench import Workbench, without

CONTRACTS = '''
from odmd.model import *
from odmd.model.kinds import Image, KubernetesService, Text

team, dev = Team("platform"), Stage("dev", Account("dev", "ACCOUNT"), "us-west-1")

class Images(CommandEnver, build=Build("images", Repo("acme/images", team))):
    """Stands for whatever makes the image."""
    shop: Produces[Image] = produced("the shop's image")

class Shop(KubernetesEnver, build=Build("shop", Repo("acme/shop", team), folder="k8s")):
    image: Consumes[Image]
    endpoint: Produces[KubernetesService] = produced("where it answers", of=ServiceAddress("shop", "http"),
                                                    external=True)

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    shop: Consumes[KubernetesService]
    items: Produces[Text] = produced("what there is", external=True)

FILL = """printf '{"items": "of %s"}' "$ODMD_IN_SHOP" > $ODMD_PRODUCTS"""
main = Branch("main")
images = Images(on=main, at=dev, commands=("cat products.json > $ODMD_PRODUCTS",))
shop = Shop(on=main, at=dev, image=images.shop, cluster_name="tea", stuck_seconds=0.5, minutes=2)
menu = Menu(on=main, at=dev, shop=shop.endpoint, commands=(FILL,))
acme = Organisation("acme", central=dev.account, envers=[images, shop, menu])
'''
SETTINGS = """[tool.odmd]
contracts = "contracts.py:acme"
repositories = "repos/{repo}"
retire-after = 0

[tool.odmd.clusters.tea]
server = "SERVER"
token-file = "token"
"""


class Acme:
    """The organisation on disk, and its cluster."""

    def __init__(self, bench: Workbench, cluster: FakeCluster, account: str) -> None:
        self.bench, self.cluster = bench, cluster
        self.contracts = CONTRACTS.replace("ACCOUNT", account)
        bench.write("contracts.py", self.contracts)
        bench.write("pyproject.toml", SETTINGS.replace("SERVER", cluster.server))
        bench.write("token", "admin\n")
        self.image(GOOD)
        self.manifests(service(), deployment(), deployment("till", "registry.example/till:1"), config())
        self.commit("menu", README="nothing")

    def commit(self, repo: str, **files: str) -> None:
        for name, text in files.items():
            self.bench.write(f"repos/acme/{repo}/{name.replace('__', '/')}", text)
        if not (self.bench.root / "repos" / "acme" / repo / ".git").exists():
            self.bench.git(repo, "init", "-q", "-b", "main")
        self.bench.git(repo, "add", "-A")
        self.bench.git(repo, "commit", "-q", "--allow-empty", "-m", "change")

    def image(self, image: str) -> None:
        self.commit("images", **{"products.json": f'{{"shop": "{image}"}}'})

    def manifests(self, *manifests: dict[str, Any]) -> None:
        self.commit("shop", **{"k8s__all.yaml": as_yaml(*manifests)})

    def applied(self) -> str:
        self.cluster.changed.clear()
        done = self.bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self) -> str:
        self.cluster.changed.clear()
        done = self.bench.apply()
        assert done.returncode == 1, done.stdout
        return done.stdout + done.stderr

    def ready(self) -> set[str]:
        """The images whose pods take traffic."""
        return {
            one["spec"]["containers"][0]["image"]
            for (_, plural, namespace, _), one in self.cluster.objects.items()
            if (plural, namespace) == ("pods", "shop-main") and one["status"]["containerStatuses"][0]["ready"]
        }


@pytest.fixture
def acme(bench: Workbench, target) -> Iterator[Acme]:
    with fake_cluster() as running:
        yield Acme(bench, running, target.account)


TILL = "registry.example/till:1"


def test_an_image_moves_its_deployment_and_a_bad_one_never_serves(acme: Acme) -> None:
    acme.applied()
    assert acme.ready() == {GOOD, TILL}
    values = acme.bench.data("values", "menu@main/items")
    assert [one["value"]["text"] for one in values] == ["of shop.shop-main.svc:80"]
    assert "kubernetes cluster tea" in acme.bench.odmd("doctor").stdout

    acme.image(BETTER)
    said = acme.applied()
    assert "Modify Deployment shop" in acme.bench.odmd("logs", "shop@main").stdout, said
    assert set(acme.cluster.changed) == {"PATCH ConfigMap/odmd-release", "PATCH Deployment/shop"}
    assert acme.ready() == {BETTER, TILL}
    assert "checkout" not in acme.bench.odmd("logs", "shop@main").stdout, "new values need no source"

    acme.image(BAD)
    said = acme.refused()
    assert "ODMD275" in said
    assert "ImagePullBackOff" in said
    assert "what served before serves again" in said
    assert acme.ready() == {BETTER, TILL}

    acme.image(BETTER)
    acme.applied()
    assert acme.ready() == {BETTER, TILL}


def test_what_holds_data_goes_when_somebody_says_so_and_all_goes_with_the_enver(acme: Acme) -> None:
    alone = without(acme.contracts, "menu")
    acme.bench.write("contracts.py", alone)
    acme.manifests(service(), deployment(), claim())
    acme.applied()
    acme.manifests(service(), deployment())
    said = acme.refused()
    assert "would remove orders (PersistentVolumeClaim), which holds data" in said
    assert ("", "persistentvolumeclaims", "shop-main", "orders") in acme.cluster.objects
    done = acme.bench.odmd("approve", "shop@main", "data", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    acme.applied()
    assert ("", "persistentvolumeclaims", "shop-main", "orders") not in acme.cluster.objects

    acme.bench.write("contracts.py", without(alone, "shop"))
    acme.applied()
    assert not [key for key in acme.cluster.objects if "shop-main" in key]


@soak_only
@pytest.mark.parametrize("when", ["PATCH ConfigMap/odmd-release", "PATCH Deployment/shop"])
def test_killed_in_the_middle_the_next_apply_brings_it_to_the_end(acme: Acme, when: str) -> None:
    acme.applied()
    acme.image(BETTER)
    process = acme.bench.start("apply", "--yes")

    def kill(what: str) -> None:
        if what == when and process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    acme.cluster.on_change = kill
    said, _ = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, said
    acme.applied()
    assert acme.ready() == {BETTER, TILL}
