"""One account of the emulator a test."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import Workbench

_accounts = itertools.count(400000000001)


@pytest.fixture(scope="session")
def deployed_once(tmp_path_factory: pytest.TempPathFactory, emulator: Emulator) -> Workbench:
    """An organisation whose services are deployed."""
    target = Target(str(next(_accounts)), "us-west-1")
    emulator.bootstrap(target)
    made = _bench(tmp_path_factory.mktemp("deployed"), emulator, target)
    done = made.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture
def deployed(tmp_path: Path, deployed_once: Workbench) -> Workbench:
    """Its folder, to be changed at will; its account is that of others, too, so that nothing is to be carried out."""
    shutil.copytree(deployed_once.root, tmp_path, dirs_exist_ok=True)
    return Workbench(tmp_path, deployed_once.environment, fresh=False)


@pytest.fixture
def target(emulator: Emulator) -> Target:
    """An account that nobody else uses."""
    made = Target(str(next(_accounts)), "us-west-1")
    emulator.bootstrap(made)
    return made


@pytest.fixture
def bench(tmp_path: Path, emulator: Emulator, target: Target) -> Workbench:
    """An organisation with its services, nothing deployed."""
    return _bench(tmp_path, emulator, target)


def _bench(root: Path, emulator: Emulator, target: Target) -> Workbench:
    made = Workbench(root, emulator.environment(target)).services()
    made.write("contracts.py", (root / "contracts.py").read_text().replace("111122223333", target.account))
    return made
