"""A server takes as many connections as it may have files open, beside its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from odmd.bootstrap.descriptors import CONNECTIONS, WANTED, within

ASKS = (
    "from odmd.bootstrap.descriptors import *; import resource; print(raised(), *resource.getrlimit(7), most_files())"
)


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [
        (256, 4096, (WANTED, WANTED, 4096, 4096)),
        (256, 512, (512, 512, 512, 512)),
        (3000, 4096, (WANTED, 3000, 4096, 4096)),
    ],
)
def test_the_soft_limit_is_raised_as_far_as_it_may(soft: int, hard: int, expected: tuple[int, ...]) -> None:
    limited = f"ulimit -Sn {soft} && ulimit -Hn {hard} && exec {sys.executable} -c '{ASKS}'"
    said = subprocess.run(["/bin/sh", "-c", limited], capture_output=True, text=True, check=True).stdout
    assert tuple(map(int, said.split())) == expected


def test_few_files_are_few_connections() -> None:
    assert [within(files) for files in (WANTED, 10_000, 512, 64)] == [CONNECTIONS, CONNECTIONS, 312, 16]
