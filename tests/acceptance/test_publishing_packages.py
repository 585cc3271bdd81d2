"""A package whose repository is pushed to: its new version moves who consumes it, and the same content moves nobody."""

from __future__ import annotations

import itertools
import json
import os
import signal

from support.forwarding import forwarding_to
from support.npm_registry import NpmRegistry
from support.soak import soak_only
from support.workbench import Workbench

CONTRACTS = '''
"""The contracts of acme."""
from odmd.model import *
from odmd.model.kinds import NpmPackage, Text

team, dev = Team("platform"), Stage("dev", Account("dev", "ACCOUNT"), "us-west-1")

class Orders(NpmEnver, build=Build("orders", Repo("acme/orders", team))):
    package: Produces[NpmPackage] = produced("what can be ordered")

class Till(CommandEnver, build=Build("till", Repo("acme/till", team))):
    orders: Consumes[NpmPackage] = consumed("what it is built with")
    page: Produces[Text] = produced("where to pay", external=True)

main = Branch("main")
orders = Orders(on=main, at=dev, package_name="NAME", registry="REGISTRY")
source = SOURCE
till = Till(on=main, at=dev, orders=source.package, commands=("./build",))
acme = Organisation("acme", central=dev.account, envers=list(dict.fromkeys([orders, source, till])))
'''
BUILD = """#!/bin/sh
printf '{"page": "with %s"}' "$ODMD_IN_ORDERS" > "$ODMD_PRODUCTS"
"""
_NAMES = itertools.count()


class Acme:
    """The organisation on disk."""

    def __init__(self, bench: Workbench, registry: NpmRegistry, account: str, url: str = "") -> None:
        self.bench, self.registry, self.name = bench, registry, f"@acme/till-orders-{next(_NAMES)}"
        self.text = CONTRACTS.replace("REGISTRY", url or registry.url).replace("NAME", self.name)
        self.text = self.text.replace("ACCOUNT", account)
        host = (url or registry.url).removeprefix("http://").strip("/").replace(".", "_").replace(":", "_")
        bench.environment = {**bench.environment, f"ODMD_INDEX_{host}_PASSWORD": registry.token}
        settings = '[tool.odmd]\ncontracts = "contracts.py:acme"\nrepositories = "repos/{repo}"\nretire-after = 0\n'
        bench.write("pyproject.toml", settings)
        self.consumes("orders")
        self.commit("till", build=BUILD)
        self.commit("orders", **self.package("1.0.0"))

    def consumes(self, source: str) -> None:
        """What the till is built with: the package of `main`, or that of a clone, which is declared then."""
        self.bench.write("contracts.py", self.text.replace("SOURCE", source))

    def package(self, version: str, text: str = "module.exports = 1\n") -> dict[str, str]:
        said = {"name": self.name, "version": version, "files": ["index.js"]}
        return {"package.json": json.dumps(said), "index.js": text}

    def commit(self, repo: str, branch: str = "main", **files: str) -> None:
        folder = self.bench.root / "repos" / "acme" / repo
        if not (folder / ".git").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self.bench.git(repo, "init", "-q", "-b", "main")
        if branch != "main":
            self.bench.git(repo, "checkout", "-q", "-B", branch)
        for name, text in files.items():
            self.bench.write(f"repos/acme/{repo}/{name}", text)
            (folder / name).chmod(0o755)
        self.bench.git(repo, "add", "-A")
        self.bench.git(repo, "commit", "-q", "--allow-empty", "-m", "change")
        if branch != "main":
            self.bench.git(repo, "checkout", "-q", "main")

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

    def runs(self, enver: str) -> int:
        return len(self.bench.data("runs", enver))


def test_a_push_publishes_a_version_that_moves_its_consumer(
    bench: Workbench, npm_registry: NpmRegistry, target
) -> None:
    acme = Acme(bench, npm_registry, target.account)
    acme.applied()
    assert acme.current("orders@main/package") == f"{acme.name}@1.0.0"
    assert acme.current("till@main/page") == f"with {acme.name}@1.0.0"
    logs = bench.odmd("logs", "orders@main").stdout
    assert f"uploads {acme.name}-1.0.0.tgz" in logs
    assert npm_registry.token not in logs
    assert "registry of npm" in bench.odmd("doctor").stdout

    acme.commit("orders", **{"NOTES.md": "nothing of it is in the package\n"})
    acme.applied()
    assert (npm_registry.publications(acme.name), acme.runs("till@main")) == (1, 1), "the same content is there"

    acme.commit("orders", **acme.package("1.0.0", "module.exports = 2\n"))
    said = acme.refused()
    assert "ODMD261" in said
    assert "raise the version in acme/orders" in said
    assert acme.current("till@main/page") == f"with {acme.name}@1.0.0"

    acme.commit("orders", **acme.package("1.1.0", "module.exports = 2\n"))
    acme.applied()
    assert acme.current("till@main/page") == f"with {acme.name}@1.1.0"
    assert npm_registry.versions(acme.name) == ["1.0.0", "1.1.0"]
    assert "orders@main" in bench.odmd("why", "till@main").stdout


@soak_only
def test_a_branchs_versions_go_once_nobody_runs_with_them_and_releases_stay(
    bench: Workbench, npm_registry: NpmRegistry, target
) -> None:
    acme = Acme(bench, npm_registry, target.account)
    acme.commit("orders", "fix-1", **acme.package("1.0.0", "module.exports = 'fix'\n"))
    acme.consumes('orders.clone(Branch("fix-1"))')
    acme.applied()
    first = acme.current("orders@b..main-_b..fix-1/package").rpartition("@")[2]
    assert first.startswith("1.0.0-b-main--fix-1.t")
    assert npm_registry.versions(acme.name) == sorted(["1.0.0", first])

    acme.commit("orders", "fix-1", **acme.package("1.0.0", "module.exports = 'fixed'\n"))
    acme.applied()
    second = acme.current("orders@b..main-_b..fix-1/package").rpartition("@")[2]
    assert second != first
    assert acme.current("till@main/page") == f"with {acme.name}@{second}"
    assert npm_registry.versions(acme.name) == sorted(["1.0.0", second]), "nobody runs with the first one"

    acme.consumes("orders")
    acme.applied()
    assert acme.current("till@main/page") == f"with {acme.name}@1.0.0"
    assert npm_registry.versions(acme.name) == ["1.0.0"]


def test_a_version_that_somebody_took_away_is_missed_before_its_consumer_moves(
    bench: Workbench, npm_registry: NpmRegistry, target
) -> None:
    acme = Acme(bench, npm_registry, target.account)
    acme.applied()
    npm_registry.lose(acme.name)
    acme.commit("till", build=BUILD.replace("with", "again with"))
    said = acme.refused()
    assert "ODMD280" in said
    assert f"{acme.name}@1.0.0, which is consumed as `orders`, is not in" in said
    assert "runs ./build" not in bench.odmd("logs", "till@main").stdout
    assert acme.current("till@main/page") == f"with {acme.name}@1.0.0"


@soak_only
def test_killed_between_the_publication_and_its_record_the_next_apply_publishes_nothing_again(
    bench: Workbench, npm_registry: NpmRegistry, target
) -> None:
    victims = list[int]()

    def kill() -> None:
        while victims:
            os.kill(victims.pop(), signal.SIGKILL)

    with forwarding_to(npm_registry.url, once_taken=kill) as url:
        acme = Acme(bench, npm_registry, target.account, url)
        process = bench.start("apply", "--yes")
        victims.append(process.pid)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == -signal.SIGKILL, said
        assert (npm_registry.versions(acme.name), npm_registry.publications(acme.name)) == (["1.0.0"], 1)

        acme.applied()
        assert npm_registry.publications(acme.name) == 1
        assert acme.current("till@main/page") == f"with {acme.name}@1.0.0"
