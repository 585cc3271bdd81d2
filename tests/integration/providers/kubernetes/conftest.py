"""All tests here run against a played cluster, and against a real one where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.kubernetes.cluster import Cluster
from support.kubernetes.fake import FakeCluster, fake_cluster
from support.kubernetes.real import IS_REQUIRED, MISSING, TOKEN, assets, shared_cluster

_REAL = pytest.param("real", marks=pytest.mark.skipif(assets() is None and not IS_REQUIRED, reason=MISSING))


@pytest.fixture
def fake() -> Iterator[FakeCluster]:
    with fake_cluster() as running:
        yield running


@pytest.fixture
def played(fake: FakeCluster) -> Cluster:
    return Cluster(fake.server, "admin", fake=fake)


_RUNNING = dict[str, str]()
"""The real one, while tests run here."""
_ENDING = ExitStack()


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """It ends before tests of elsewhere begin, since it is never idle; a fixture of a folder lasts to the very end."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        _RUNNING.clear()
        _ENDING.close()


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Mapping[str, str]:
    if not _RUNNING:
        folder = tmp_path_factory.getbasetemp()
        shared = shared_cluster((folder if worker_id == "master" else folder.parent) / "kubernetes")
        _RUNNING.update(_ENDING.enter_context(shared))
    return _RUNNING


@pytest.fixture
def real(request: pytest.FixtureRequest) -> Cluster:
    if assets() is None and not IS_REQUIRED:
        pytest.skip(MISSING)
    running: Mapping[str, str] = request.getfixturevalue("running")
    return Cluster(running["server"], TOKEN, running["authority"])


@pytest.fixture(params=["played", _REAL])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.getfixturevalue(request.param)
