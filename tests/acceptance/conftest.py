"""One emulator a worker process, one account a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.control.running.place import Target
from odmd.providers.aws.emulator import Emulator
from support.strangers import made_where_nobody_is_meant
from support.workbench import Workbench

_accounts = itertools.count(200000000001)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running
        assert not made_where_nobody_is_meant(running)


@pytest.fixture
def target(emulator: Emulator) -> Target:
    """An account that nobody else uses."""
    made = Target(str(next(_accounts)), "us-west-1")
    emulator.bootstrap(made)
    return made


@pytest.fixture
def bench(tmp_path: Path, emulator: Emulator, target: Target) -> Workbench:
    """An organisation with its services, nothing deployed."""
    made = Workbench(tmp_path, emulator.environment(target)).services()
    made.write("contracts.py", (tmp_path / "contracts.py").read_text().replace("111122223333", target.account))
    return made
