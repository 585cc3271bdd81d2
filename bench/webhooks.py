"""How fast webhooks are taken, and what becomes of a burst: `PYTHONPATH=tests python bench/webhooks.py`."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Collection
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.control.ports.hosts import Hint
from odmd.server.hearing import Hearing
from odmd.store.deliveries import SqlDeliveries
from odmd.trust import nobody
from support.served import Served
from support.until import until
from support.worlds import graph_of, node

SECRET = "a secret that both of them know"
BURST = 5_000
RATE = 100
SECONDS = 10
REPOSITORIES = 50


def main() -> None:
    """Prints both figures."""
    folder = Path(tempfile.mkdtemp())
    os.chdir(folder)
    made = Served(graph_of([node(0)]), folder)
    made.secret = SECRET
    with made.serving() as served:
        steady(served)
        burst(served)


def steady(served: Served) -> None:
    """So many a second, each when it is its time."""
    took, threads = list[float](), list[threading.Thread]()
    began = time.perf_counter()
    with httpx.Client(verify=nobody(), limits=httpx.Limits(max_connections=20)) as web:
        for number in range(RATE * SECONDS):
            time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            thread = threading.Thread(target=send, args=(served, web, f"steady {number}", took))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()
    print(f"{RATE} webhooks a second for {SECONDS} s: {shown(took)}")


def burst(served: Served) -> None:
    """As fast as it goes, while somebody looks."""
    looks, deliveries = list[Collection[Hint]](), SqlDeliveries(served.store.database)
    took = list[float]()
    hearing = Hearing(deliveries, looks.append)
    began = time.perf_counter()
    with hearing.running(), httpx.Client(verify=nobody()) as web:
        threads = [threading.Thread(target=many, args=(served, web, part, took)) for part in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: not deliveries.pending(1))
    seconds = time.perf_counter() - began
    print(f"a burst of {BURST}: taken and looked at in {seconds:.1f} s, {shown(took)}; {len(looks)} looks")


def many(served: Served, web: httpx.Client, part: int, took: list[float]) -> None:
    """One sender's part of a burst."""
    for number in range(part, BURST, 8):
        send(served, web, f"burst {number}", took)


def send(served: Served, web: httpx.Client, id: str, took: list[float]) -> None:
    """One, of the size that pushes have."""
    name = f"acme/r{hash(id) % REPOSITORIES}"
    commits = [{"id": "c0ffee", "message": "x" * 200}] * 20
    body = json.dumps({"repository": {"full_name": name, "id": 1}, "commits": commits}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": id,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    began = time.perf_counter()
    answer = web.post(f"{served.url}/webhooks/github", content=body, headers=headers)
    took.append(time.perf_counter() - began)
    assert answer.status_code == 202, answer.text


def shown(took: list[float]) -> str:
    """How long one takes."""
    cuts = statistics.quantiles(took, n=100)
    return f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms"


if __name__ == "__main__":
    main()
