"""What a release takes on a real API server, up to where it waits for pods: `python bench/clusters.py`.

Prints a full run beside one of values alone, 500 manifests tried out and applied, and 200 envers side by side on one
cluster, with what its priority and fairness made of them.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.providers.kubernetes.api import ClusterApi
from odmd.providers.kubernetes.waiting import Waiting
from support.kubernetes.cluster import Cluster
from support.kubernetes.real import MISSING, TOKEN, assets, shared_cluster
from support.kubernetes.site import BETTER, GOOD, Site, as_yaml, config, deployment, service
from support.kubernetes.tools import kube_tools

MANIFESTS: Final = 500
ENVERS: Final = 200
SIDE_BY_SIDE: Final = 32
ROUNDS: Final = 5
_REJECTED: Final = re.compile(r"^apiserver_flowcontrol_rejected_requests_total\{.*\} (\d+)", re.MULTILINE)


def main() -> None:
    """Prints every figure."""
    if assets() is None:
        print(MISSING)
        return
    folder = Path(tempfile.mkdtemp())
    try:
        with shared_cluster(folder / "kubernetes") as said:
            cluster = Cluster(said["server"], TOKEN, said["authority"])
            values_beside_full(folder, cluster)
            many_manifests(folder, cluster)
            many_envers(folder, cluster)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Clock:
    """Of one run, without what it waits for."""

    def __init__(self) -> None:
        self.waited, self._began = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began - self.waited


@contextmanager
def without_waiting() -> Iterator[Clock]:
    """Pods are not waited for; the rest is as always."""
    clock, serve = Clock(), Waiting.until_served

    def until_served(self: Waiting, wanted: Any) -> None:
        began = time.perf_counter()
        serve(self, wanted)
        clock.waited += time.perf_counter() - began

    Waiting.until_served = until_served  # type: ignore[method-assign]  # a stop-watch in it
    try:
        yield clock
    finally:
        Waiting.until_served = serve  # type: ignore[method-assign]


def values_beside_full(folder: Path, cluster: Cluster) -> None:
    """A service of five manifests, from a folder and from a chart."""
    manifests = [service(), deployment(), config("a"), config("b"), config("c")]
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "chart/templates/all.yaml": as_yaml(*manifests),
    }
    for name, files, how in (
        ("a folder", {"all.yaml": as_yaml(*manifests)}, {}),
        ("a chart", chart, {"made_by": "helm", "of": "chart", "release": "shop"}),
    ):
        site = Site(folder, cluster, **how)
        site.push(**files)
        site.run(GOOD)
        full, alone = list[float](), list[float]()
        for number in range(ROUNDS):
            image = GOOD.replace("1" * 64, f"{number:064x}")
            with without_waiting() as clock:
                site.run(image)
            full.append(clock.seconds)
            kept = site.procedure.prepare(site.job())
            with without_waiting() as clock:
                work = site.procedure.open(kept, site.job(BETTER))
                site.finish(work)
            alone.append(clock.seconds)
        ours, whole = statistics.median(alone), statistics.median(full)
        print(f"5 manifests of {name}: full {whole:.2f} s, values alone {ours:.2f} s ({ours / whole:.0%})")


def many_manifests(folder: Path, cluster: Cluster) -> None:
    """All new, then all changed, then as they are."""
    site = Site(folder, cluster, *(config(f"c{n}") for n in range(MANIFESTS)), inputs=())
    for what, tea in (("new", "oolong"), ("changed", "assam"), ("as they are", "assam")):
        site.push(*(config(f"c{n}", tea=tea) for n in range(MANIFESTS)))
        work, began = site.opened(), time.perf_counter()
        with counting() as asked:
            proposal = site.proposed(work)
            tried = time.perf_counter() - began
            work.carry_out(proposal)
        applied = time.perf_counter() - began
        print(
            f"{MANIFESTS} manifests, {what}: tried {tried:.1f} s, "
            f"with applying {applied:.1f} s, {sum(asked.values())} requests"
        )


def many_envers(folder: Path, cluster: Cluster) -> None:
    """Each with a deployment of its own, begun as fast as workers can."""
    sites = [Site(folder, cluster, deployment(replicas=1), service(), config()) for _ in range(ENVERS)]
    refused, took = rejected(cluster), list[float]()

    def run(site: Site) -> None:
        began = time.perf_counter()
        site.run(GOOD)
        took.append(time.perf_counter() - began)

    began = time.perf_counter()
    with counting() as asked, ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        list(threads.map(run, sites))
    all_of_it = time.perf_counter() - began
    print(
        f"{ENVERS} envers, {SIDE_BY_SIDE} at a time: {all_of_it:.0f} s until all serve, "
        f"median {statistics.median(took):.1f} s; {sum(asked.values())} requests, {asked[429]} answered with 429, "
        f"{rejected(cluster) - refused} rejected by the server"
    )


@contextmanager
def counting() -> Iterator[Counter[int]]:
    """Requests by the status of their answers."""
    asked, send = Counter[int](), ClusterApi._sent  # where all of them go through

    def sent(self: ClusterApi, *words: Any) -> httpx.Response:
        answer = send(self, *words)
        asked[answer.status_code] += 1
        return answer

    ClusterApi._sent = sent  # type: ignore[method-assign]  # a counter in it
    try:
        yield asked
    finally:
        ClusterApi._sent = send  # type: ignore[method-assign]


def rejected(cluster: Cluster) -> int:
    """What the server's priority and fairness turned away so far."""
    return sum(map(int, _REJECTED.findall(cluster._client.get("/metrics").text)))


if __name__ == "__main__":
    os.environ["PATH"] = f"{kube_tools()}{os.pathsep}{os.environ['PATH']}"
    main()
