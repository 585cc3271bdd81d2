"""Bombs: little that becomes much."""

from __future__ import annotations

import resource
import threading
import zlib
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.job import Job, digest, right, told
from support.served import Served

MB = 1024 * 1024


@contextmanager
def peak() -> Generator[Callable[[], int]]:
    """How many bytes of memory this process, with the server in it, took more than at first."""
    over, first, seen = threading.Event(), _resident(), [0]

    def watch() -> None:
        while not over.wait(0.002):
            seen.append(_resident())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: max(seen) - first
    finally:
        over.set()
        thread.join()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_many_bombs_at_once_leave_memory_flat(served: Served) -> None:
    """Has the right to a run. Wants the server to be killed for want of memory: 24 times 64 KB that are 63 MB each."""
    job = Job(served, right(served, 1))
    job.claim(1)
    content = b"\0" * (63 * MB)
    bomb, name = zlib.compress(content, 9), digest(content)
    assert len(bomb) < 70_000
    del content

    def throw(n: int) -> int:
        wrong = digest(b"%d" % n)  # found out only when all of it was looked at
        return job.send("PUT", f"/runs/1/attempts/1/artifacts/{wrong}", content=bomb).status_code

    with peak() as grew, ThreadPoolExecutor(24) as pool:
        assert set(pool.map(throw, range(24))) == {422}
        assert job.send("PUT", f"/runs/1/attempts/1/artifacts/{name}", content=bomb).status_code == 204
        assert {job.get(1, name).status_code for _ in range(4)} == {200}
        assert grew() < 48 * MB, f"{grew() // MB} MB"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lambda: zlib.compress(b"\0" * (65 * MB), 9), (413, "ODMD306")),
        (lambda: zlib.compress(b"evil")[:-3], (422, "ODMD304")),
        (lambda: zlib.compress(b"evil") + b"behind", (422, "ODMD304")),
        (lambda: b"no zlib", (422, "ODMD304")),
        (lambda: b"", (422, "ODMD304")),
        (lambda: zlib.compress(b"evil"), (422, "ODMD304")),
    ],
    ids=["too large", "cut off", "more behind", "no zlib", "nothing", "another digest"],
)
def test_what_is_not_what_it_is_called_is_refused(
    served: Served, content: Callable[[], bytes], expected: tuple[int, str]
) -> None:
    """Has the right to a run. Wants something else to be found under a digest."""
    job = Job(served, right(served, 1))
    job.claim(1)
    assert told(job.send("PUT", f"/runs/1/attempts/1/artifacts/{digest(b'good')}", content=content())) == expected
