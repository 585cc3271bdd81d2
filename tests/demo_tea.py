"""The tea house, live: an image that runs in Kubernetes, a package of npm in a page, a command. `make demo-tea`.

The cluster is a real API server where `make kubernetes` built one, else a played one; the node is played in both. The
registry of npm is verdaccio, images are built by buildah, and AWS is the emulator.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.cli.demo.show import Show
from odmd.errors import DemoFailed
from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from support.kubernetes.cluster import Cluster
from support.kubernetes.fake import fake_cluster
from support.kubernetes.real import SERVING, TOKEN, assets, shared_cluster
from support.npm_registry import npm_registry
from support.tea_house import CRASHES, TEA_HOUSE, TeaHouse

TARGET: Final = Target("111122223333", "us-west-1")
PODS: Final = "/api/v1/namespaces/tea-main/pods"


@dataclass
class Kitchen:
    """A cluster, and who says which images run well in it."""

    cluster: Cluster
    serves_only: Callable[[str], None]
    what: str

    def serving(self) -> set[str]:
        """The images whose pods take traffic."""
        found = self.cluster.get(PODS) or {"items": []}
        return {
            one["spec"]["containers"][0]["image"]
            for one in found["items"]
            if not one["metadata"].get("deletionTimestamp")
            and all(its["ready"] for its in one.get("status", {}).get("containerStatuses", [{"ready": False}]))
        }


@contextmanager
def kitchen(folder: Path) -> Iterator[Kitchen]:
    """Real where it can be."""
    if assets() is None:
        with fake_cluster() as fake:

            def serves_only(image: str) -> None:
                fake.crashes = lambda one: one != image

            yield Kitchen(Cluster(fake.server, "admin", fake=fake), serves_only, "a played API server")
        return
    with shared_cluster(folder) as said:
        real = Cluster(said["server"], TOKEN, said["authority"])
        yield Kitchen(real, lambda image: (folder / SERVING).write_text(image) and None, "a real API server, with etcd")


def main() -> None:
    """Plays it in a folder of its own, and clears up."""
    if shutil.which("buildah") is None:
        raise DemoFailed("buildah is not installed, which builds images", next_step="apt-get install buildah")
    with tempfile.TemporaryDirectory(prefix="tea-house-") as at, ExitStack() as open_ones:
        root, show = Path(at), Show()
        emulator = Emulator(root / "emulator")
        open_ones.callback(emulator.stop)
        with show.act("An AWS, a cluster and a registry of their own", "All of them listen on 127.0.0.1 only."):
            emulator.start(TARGET)
            registry = open_ones.enter_context(npm_registry(root / "npm"))
            found = open_ones.enter_context(kitchen(root / "cluster"))
            house = TeaHouse(
                root / "house", TARGET.account, registry.url, found.cluster.server, found.cluster.token,
                found.cluster.authority,
            )  # fmt: skip
            os.environ.update(emulator.environment(TARGET), **registry.environment)
            os.chdir(house.root)
            show.say(f"{emulator.endpoint} (AWS) · {found.cluster.server} ({found.what}) · {registry.url} (verdaccio)")
        play(show, house, found)


def play(show: Show, house: TeaHouse, found: Kitchen) -> None:
    """The acts, each with its proof."""
    with show.act("1 Five builds of five types, wired", "image → Kubernetes · npm package → CDK app ← command."):
        show.command("check")
        show.command("graph", "--view", "dependencies")
    with show.act("2 The tea house opens", "Nobody wrote a pipeline: the order follows from the wires."):
        show.plan_and_apply("the tea house opens")
        first = current(show, "tea-image@main/app")
        prove("the first image serves", found.serving() == {first})
    with show.act("3 A push to the image's repository", "Its digest moves, and so does the deployment; nothing else."):
        house.push("tea", "Serve it hot", image__app="#!/bin/busybox sh\necho 'tea is served hot'\n")
        show.plan_and_apply("serve it hot")
        second = current(show, "tea-image@main/app")
        prove("the second image serves", found.serving() == {second} != {first})
        prove("these two ran", ran(show) == {"tea-image@main", "tea@main"})
    with show.act("4 A push that makes the same image", "The same digest moves nobody."):
        house.push("tea", "Notes that are not in the image", image__NOTES="nothing of it is in the image\n")
        show.plan_and_apply("notes")
        prove("the image alone ran", ran(show) == {"tea-image@main"})
    with show.act("5 A bad image", "It never takes traffic, what served before comes back, and somebody is told why."):
        found.serves_only(second)
        house.push("tea", "An app that ends at once", image__app=CRASHES)
        show.plan_and_apply("an app that ends at once", ends_with=1)
        show.command("logs", "tea@main")
        prove("the image from before serves", found.serving() == {second})
    with show.act("6 A package's new version", "It moves the page that is built with it, and nobody else."):
        house.push("tea", "Serve it hot again", image__app="#!/bin/busybox sh\necho 'tea is served hot'\n")
        show.command("apply", "--yes", "--allow-dirty", "-m", "the image that was good")
        package = json.loads((TEA_HOUSE / "menu" / "package.json").read_text())
        house.push("menu", "Assam", **{"package.json": json.dumps({**package, "version": "1.1.0"})})
        show.plan_and_apply("menu 1.1.0")
        prove("these two ran", ran(show) == {"menu@main", "site@main"})
    with show.act("7 Some of it closes", "What goes and what stays is counted before anything goes."):
        house.closes("site", "tea", "image")
        show.plan_and_apply("tea is no longer served")
        show.command("status")
        prove("no pod is left", not found.serving())
    show.times()


def current(show: Show, product: str) -> str:
    """The value that a product has now."""
    values = [one["value"] for one in show.data("values", product)]
    return next(one["text"] for one in values if one["status"] == "current")


def ran(show: Show) -> set[str]:
    """Who ran for the newest wave, by label."""
    runs = show.data("runs")
    newest = max(wave for run in runs for wave in run["waves"])
    return {run["enver"].replace("/b..", "@") for run in runs if newest in run["waves"]}


def prove(what: str, is_so: bool) -> None:
    """Raises:
    DemoFailed
    """
    if not is_so:
        raise DemoFailed(f"it is not so that {what}")


if __name__ == "__main__":
    try:
        main()
    except DemoFailed as failed:
        sys.exit(f"{failed.code} {failed.fact}")
