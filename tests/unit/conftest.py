"""Unit tests are pure: one that starts a process fails, since its place is in `tests/integration`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
_pure = [False]


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if _pure[0] and event in _STARTS:
        pytest.fail(f"a unit test starts a process ({arguments[0]}): its place is in tests/integration")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def pure() -> Iterator[None]:
    """No processes while a test runs; one that is about them overrides this."""
    _pure[0] = True
    yield
    _pure[0] = False
