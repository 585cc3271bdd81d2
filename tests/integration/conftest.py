"""One AWS emulator for each worker of the tests, started when the first test needs it; each database twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.providers.aws import Emulator
from odmd.store.where import Where
from support.strangers import made_where_nobody_is_meant


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Shared: tests keep apart by accounts or by names of their own."""
    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running
        assert not made_where_nobody_is_meant(running)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    """Each of the places that a state can be kept in."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres")
    return tmp_path / "state.db"
