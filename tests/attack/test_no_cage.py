"""A machine that cages nothing: a service's authors want their app, or their contracts, to run there all the same."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.forked import forge

CONTRACTS = """
import os
from odmd.model import *
open(os.environ["SEEN"], "a").write("they ran")
team, dev = Team("kitchen"), Stage("dev", Account("dev", "111122223333"), "eu-west-1")
class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", team))):
    pass
acme = Organisation("acme", central=dev.account, envers=[Orders(on=Branch("main"), at=dev)])
"""
WHY = "bwrap: No permissions to create a new namespace"


class Machine:
    """Its kernel allows no user namespaces, as bubblewrap says."""

    def __init__(self, root: Path) -> None:
        self.root, self.seen = root, root / "seen"
        (root / "contracts.py").write_text(CONTRACTS)
        (root / "pyproject.toml").write_text('[tool.odmd]\ncontracts = "contracts:acme"\n')
        (root / "bin").mkdir()
        (root / "bin" / "bwrap").write_text(f"#!/bin/sh\necho '{WHY}' >&2\nexit 1\n")
        (root / "bin" / "bwrap").chmod(0o755)

    def odmd(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {name: text for name, text in os.environ.items() if not name.startswith(("ODMD_", "AWS_"))}
        path = f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return forge().run(words, self.root, {**environment, "PATH": path, "SEEN": str(self.seen), **more}, 120)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (("serve",), {}),
        (("worker",), {}),
        (("check", "--isolation", "required"), {}),
        (("apply", "--yes"), {"ODMD_ISOLATION": "required"}),
    ],
    ids=["serve", "worker", "check", "apply"],
)
def test_what_holds_the_rights_of_many_does_not_start(
    machine: Machine, words: tuple[str, ...], more: dict[str, str]
) -> None:
    done = machine.odmd(*words, **more)
    assert done.returncode == 1
    assert "ODMD244" in done.stderr
    assert WHY in " ".join(done.stderr.split())
    assert "install bubblewrap" in " ".join(done.stderr.split())
    assert not machine.seen.exists(), "and nothing of theirs ran"


def test_a_user_runs_his_own_and_is_told(machine: Machine) -> None:
    """Attacks nothing: contracts here are taken for the user's own."""
    assert machine.odmd("check").returncode == 0
    assert machine.seen.exists()
    checks = {one["name"]: one for one in json.loads(machine.odmd("doctor", "--json").stdout)}
    assert f"no cage: {WHY}" in checks["isolation"]["fact"]
    assert "refuse to start" in checks["isolation"]["next_step"]
