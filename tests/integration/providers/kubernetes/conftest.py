"""All tests here run against a played cluster, and against a real one where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Mapping[str, str]]:
    folder = tmp_path_factory.getbasetemp()
    with shared_cluster((folder if worker_id == "master" else folder.parent) / "kubernetes") as found:
        yield found


@pytest.fixture
def real(request: pytest.FixtureRequest) -> Cluster:
    if assets() is None and not IS_REQUIRED:
        pytest.skip(MISSING)
    running: Mapping[str, str] = request.getfixturevalue("running")
    return Cluster(running["server"], TOKEN, running["authority"])


@pytest.fixture(params=["played", _REAL])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.getfixturevalue(request.param)
