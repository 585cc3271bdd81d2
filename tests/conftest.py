"""What all tests share: no property fails because the machine is slow; one Postgres, one AWS emulator and one registry
of npm for each worker of the tests, started when the first test needs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

from support import garbage
from support.power import rely_on_power
from support.soak import examples

if TYPE_CHECKING:
    from xdist.remote import Producer

    from odmd.providers.aws.emulator import Emulator
    from odmd.store.where import Postgres
    from support.npm_registry import NpmRegistry
    from support.postgres import Server
    from support.together import ByFileOrFolder

# A commit passes or fails, whoever tests it: properties take the same examples each time; `make search` takes others,
# and more.
settings.register_profile("odmd", deadline=None, derandomize=True, max_examples=examples(100))
settings.register_profile("search", deadline=None)
settings.load_profile("odmd")
settings.register_profile(
    "mutants", derandomize=False, phases=[Phase.explicit, Phase.generate]
)  # the smallest example is for people


rely_on_power()
garbage.never()


def pytest_collection_finish() -> None:
    """What there is now, is there to the end."""
    garbage.of_what_comes()


def pytest_xdist_auto_num_workers() -> int:
    """For `pytest -n auto`: more than half of the time they wait."""
    return (os.cpu_count() or 1) * 5 // 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFileOrFolder | None:
    """For `--dist loadfile`."""
    from support.together import ByFileOrFolder

    return ByFileOrFolder(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was tested less than it could be."""
    from support.kubernetes.real import MISSING, assets

    if assets() is None:
        terminalreporter.write_line(f"{MISSING}; until then what is for Kubernetes is tested against a played one")


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


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Shared: tests keep apart by accounts or by names of their own."""
    from odmd.providers.aws.emulator import Emulator
    from support.strangers import made_where_nobody_is_meant

    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running
        assert not made_where_nobody_is_meant(running)


@pytest.fixture(scope="session")
def npm_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NpmRegistry]:
    """Shared: each test publishes under names of its own."""
    from support.npm_registry import npm_registry

    with npm_registry(tmp_path_factory.mktemp("npm-registry")) as running:
        yield running
