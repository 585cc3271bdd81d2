"""One AWS emulator and one Postgres for each worker of the tests, started when the first test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from odmd.providers.aws import Emulator
from odmd.store.where import Postgres, Where
from support.strangers import made_where_nobody_is_meant

if TYPE_CHECKING:
    from support.postgres import Server


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Shared: tests keep apart by accounts or by names of their own."""
    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running
        assert not made_where_nobody_is_meant(running)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Shared: each test has a database of its own."""
    from support.postgres import postgres_server

    with postgres_server() as running:
        yield running


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Postgres]:
    """A database with the tables of this release, and nothing in them."""
    from support.postgres import TEMPLATE

    with postgres_server.database(TEMPLATE) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    """Each of the places that a state can be kept in."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres")
    return tmp_path / "state.db"
