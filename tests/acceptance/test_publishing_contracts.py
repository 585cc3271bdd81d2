"""An organisation that publishes its own contracts, and a service that is told which version there is."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forwarding import forwarding_to
from support.package_index import PackageIndex, package_index
from support.packaged import PROJECT
from support.soak import soak_only
from support.workbench import Workbench

CONTRACTS = '''
"""The contracts of acme."""
from dataclasses import dataclass
from odmd.model import *
from odmd.model.kinds import EventBus, PythonPackage, Text

team, dev = Team("platform"), Stage("dev", Account("dev", "ACCOUNT"), "us-west-1")

class Contracts(ContractsEnver, build=Build("contracts", Repo("acme/contracts", team))):
    package: Produces[PythonPackage] = produced("what services install")

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    contracts: Consumes[PythonPackage] = consumed("what it is built against")
    items: Produces[Text] = produced("what there is", external=True)
    size: Produces[Text] = produced("how much of it", external=True)

main = Branch("main")
contracts = Contracts(on=main, at=dev, distribution="acme-contracts", entry_point="acme_contracts:acme",
                      index="INDEX", upload="UPLOAD")
menu = Menu(on=main, at=dev, contracts=contracts.package, commands=("./fill",))
acme = Organisation("acme", central=dev.account, envers=[contracts, menu])
'''
FILL = """#!/bin/sh
printf '{"items": "by %s", "size": "1"}' "$ODMD_IN_CONTRACTS" > "$ODMD_PRODUCTS"
"""
SIZE = '    size: Produces[Text] = produced("how much of it", external=True)\n'
FILL_WITHOUT_SIZE = FILL.replace(', "size": "1"', "")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    with package_index(tmp_path / "index") as running:
        yield running


class Acme:
    """The organisation on disk: its contracts are the package of a repository."""

    def __init__(self, bench: Workbench, index: PackageIndex, account: str, upload: str = "") -> None:
        self.bench, self.index = bench, index
        self.text = CONTRACTS.replace("INDEX", index.simple).replace("UPLOAD", upload or index.url)
        self.text = self.text.replace("ACCOUNT", account)
        bench.environment = {**bench.environment, **index.environment}
        bench.write(
            "pyproject.toml",
            '[tool.odmd]\ncontracts = "repos/acme/contracts/acme_contracts/__init__.py:acme"\n'
            'repositories = "repos/{repo}"\nretire-after = 0\n',
        )
        self.commit("menu", fill=FILL)
        self.release("1.0.0")

    def commit(self, repo: str, **files: str) -> None:
        folder = self.bench.root / "repos" / "acme" / repo
        for name, text in files.items():
            self.bench.write(f"repos/acme/{repo}/{name}", text)
            (folder / name).chmod(0o755)
        if not (folder / ".git").exists():
            self.bench.git(repo, "init", "-q", "-b", "main")
        self.bench.git(repo, "add", "-A")
        self.bench.git(repo, "commit", "-q", "--allow-empty", "-m", "change")

    def release(self, version: str, text: str = "") -> None:
        files = {"pyproject.toml": PROJECT.format(version=version), "acme_contracts/__init__.py": text or self.text}
        self.commit("contracts", **files)

    def applied(self) -> str:
        done = self.bench.apply()
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self) -> str:
        done = self.bench.apply()
        assert done.returncode == 1, done.stdout
        return done.stdout + done.stderr

    def current(self, product: str) -> str:
        values = [one["value"] for one in self.bench.data("values", product)]
        return next(one["text"] for one in values if one["status"] == "current")


def test_contracts_are_published_and_their_consumers_are_told(bench: Workbench, index: PackageIndex, target) -> None:
    acme = Acme(bench, index, target.account)
    acme.applied()
    assert acme.current("contracts@main/package") == "acme-contracts==1.0.0"
    assert acme.current("menu@main/items") == "by acme-contracts==1.0.0"
    assert "uploads acme_contracts-1.0.0-py3-none-any.whl" in bench.odmd("logs", "contracts@main").stdout
    assert "a-password-of-the-index" not in bench.odmd("logs", "contracts@main").stdout
    assert "package index" in bench.odmd("doctor").stdout

    acme.commit("contracts", **{"NOTES.md": "nothing of it is in the package\n"})
    acme.applied()
    assert index.uploads() == 1, "the same content is there"

    broken = acme.text.replace(SIZE, "")
    acme.commit("menu", fill=FILL_WITHOUT_SIZE)
    acme.release("1.1.0", broken)
    said = acme.refused()
    assert "ODMD262" in said
    assert "Menu.size is gone" in said
    assert "2.0.0" in said
    assert acme.current("menu@main/items") == "by acme-contracts==1.0.0"

    acme.release("1.0.0", broken)
    assert "ODMD261" in acme.refused()

    acme.release("2.0.0", broken)
    acme.applied()
    assert acme.current("menu@main/items") == "by acme-contracts==2.0.0"
    assert sorted(index.files()) == [f"acme_contracts-{one}-py3-none-any.whl" for one in ("1.0.0", "2.0.0")]

    why = bench.odmd("why", "menu@main").stdout
    assert "contracts@main" in why


@soak_only
def test_killed_between_the_upload_and_its_record_the_next_apply_uploads_nothing_again(
    bench: Workbench, index: PackageIndex, target
) -> None:
    victims = list[int]()

    def kill() -> None:
        while victims:
            os.kill(victims.pop(), signal.SIGKILL)

    with forwarding_to(index.url, once_taken=kill) as upload:
        host = upload.removeprefix("http://").strip("/").replace(".", "_").replace(":", "_")
        acme = Acme(bench, index, target.account, upload)
        own = {f"ODMD_INDEX_{host}_{name.rpartition('_')[2]}": said for name, said in index.environment.items()}
        bench.environment = {**bench.environment, **own}
        process = bench.start("apply", "--yes")
        victims.append(process.pid)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, said
        assert (len(index.files()), index.uploads()) == (1, 1)

        acme.applied()
        assert index.uploads() == 1
        assert acme.current("menu@main/items") == "by acme-contracts==1.0.0"
