"""All tests here run against a played cluster, and against a real one where there is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.kubernetes.cluster import Cluster
from support.kubernetes.fake import FakeCluster, fake_cluster


@pytest.fixture
def fake() -> Iterator[FakeCluster]:
    with fake_cluster() as running:
        yield running


@pytest.fixture
def played(fake: FakeCluster) -> Cluster:
    return Cluster(fake.server, "admin", fake=fake)


@pytest.fixture(params=["played"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.getfixturevalue(request.param)
