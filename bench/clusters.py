"""What a release takes on a real API server, up to where it waits for pods: `python bench/clusters.py`.

Prints a full run beside one of values alone, 500 manifests tried out and applied, and 200 envers side by side on one
cluster, with what its priority and fairness made of them.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.providers.git.repositories import GitRepositories
from odmd.providers.kubernetes.api import ClusterApi
from odmd.providers.kubernetes.procedure import ReleaseWork
from odmd.providers.kubernetes.waiting import Waiting
from support.kubernetes.cluster import Cluster
from support.kubernetes.real import MISSING, TOKEN, assets, shared_cluster
from support.kubernetes.site import GOOD, Site, as_yaml, config, deployment, service
from support.kubernetes.tools import kube_tools

MANIFESTS: Final = 500
SIZES: Final = (1, 50, 500)
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
        self.waited, self.polled, self._began = 0.0, 0, time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began - self.waited


@contextmanager
def without_waiting(asked: Counter[int]) -> Iterator[Clock]:
    """Neither the time nor the requests for which pods are waited for count."""
    clock, serve = Clock(), Waiting.until_served

    def until_served(self: Waiting, wanted: Any) -> None:
        began, before = time.perf_counter(), sum(asked.values())
        serve(self, wanted)
        clock.waited += time.perf_counter() - began
        clock.polled += sum(asked.values()) - before

    Waiting.until_served = until_served  # type: ignore[method-assign]  # a stop-watch in it
    try:
        yield clock
    finally:
        Waiting.until_served = serve  # type: ignore[method-assign]


class Versioned(Site):
    """A site whose manifests are in a real git repository."""

    def push(self, *manifests: dict[str, Any] | str, **files: str) -> None:
        del manifests
        repo = self.folder / f"{self.namespace}.git"
        who = ["git", "-C", str(repo), "-c", "user.name=A", "-c", "user.email=a@example.com"]
        if not repo.exists():
            repo.mkdir(parents=True)
            subprocess.run([*who, "init", "--quiet", "-b", "main"], check=True)
        for name, text in files.items():
            (repo / name).parent.mkdir(parents=True, exist_ok=True)
            (repo / name).write_text(text)
        subprocess.run([*who, "add", "--all"], check=True)
        subprocess.run([*who, "commit", "--quiet", "--allow-empty", "-m", "a push"], check=True)
        said = subprocess.run([*who, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
        self.commit = said.stdout.strip()
        self.repositories = GitRepositories(lambda _: str(repo), self.folder / f"{self.namespace}.cache")

    def whole(self, image: str) -> None:
        """A run from source, from its claim to its products."""
        job = self.job(image)
        self.procedure.preflight(job)
        self.kept = self.procedure.prepare(job)
        work = self.procedure.open(self.kept, job)
        work.prove()
        work.deliver()
        self._brought(work)

    def values_alone(self, image: str) -> None:
        """The same without checkout and render."""
        job = self.job(image)
        self.procedure.preflight(job)
        work = self.procedure.open(self.kept, job)
        assert not work.stale()
        self._brought(work)

    def _brought(self, work: ReleaseWork) -> None:
        (unit,) = work.units
        work.look(unit)
        self.finish(work)


def values_beside_full(folder: Path, cluster: Cluster) -> None:
    """A push of the source, and a new image alone: of each, one deployment is another one than before."""
    for count in SIZES:
        manifests = [deployment(), *([service()] if count > 1 else []), *(config(f"c{n}") for n in range(count - 2))]
        each = {f"m{number}.yaml": as_yaml(one) for number, one in enumerate(manifests)}
        kustomization = json.dumps({"resources": list(each)})
        below = {f"chart/templates/{name}": text for name, text in each.items()}
        chart = {"chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", **below}
        for name, files, how in (
            ("a folder", each, {}),
            ("kustomize", {**each, "kustomization.yaml": kustomization}, {"made_by": "kustomize"}),
            ("a chart", chart, {"made_by": "helm", "of": "chart", "release": "shop"}),
        ):
            site = Versioned(folder, cluster, **how)
            site.push(**files)
            site.whole(GOOD)
            images = (GOOD.replace("1" * 64, f"{number:064x}") for number in range(2 * ROUNDS))
            whole, alone = [*_timed(site, site.whole, images)], [*_timed(site, site.values_alone, images)]
            (full, asked), (ours, less) = map(_median, (whole, alone))
            print(
                f"{len(manifests)} manifests of {name}: full {full:.2f} s, {asked} requests; "
                f"values alone {ours:.2f} s, {less} requests ({ours / full:.0%})",
                flush=True,
            )


def _timed(site: Versioned, run: Callable[[str], None], images: Iterator[str]) -> Iterator[tuple[float, int]]:
    for image in itertools.islice(images, ROUNDS):
        site.push()
        with counting() as asked, without_waiting(asked) as clock:
            run(image)
            took = clock.seconds
        yield took, sum(asked.values()) - clock.polled


def _median(of: Sequence[tuple[float, int]]) -> tuple[float, int]:
    return statistics.median(took for took, _ in of), of[-1][1]


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
