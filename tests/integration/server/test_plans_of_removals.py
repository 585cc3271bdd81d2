"""What goes with an enver that leaves is shown over HTTP as it is here, is part of the plan's digest, and travels with
the change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.bootstrap.contracts import load_contracts
from odmd.bootstrap.local_plane import LocalPlane
from odmd.bootstrap.settings import Settings, read_settings
from odmd.client.plane import HttpPlane
from odmd.control.scheduler.events import RemovalAsked
from odmd.plan import Limited, Plan
from odmd.plan.inventory import Belonging, Inventory, Staying
from odmd.plan.removals import with_inventories
from odmd.plan.words import removal as in_words
from odmd.providers.npm.versions import prerelease
from support.actors import SOMEBODY
from support.served import Served
from support.worlds import address

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import EventBus, NpmPackage

team, dev = Team("baristas"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class E0(NpmEnver, build=Build("e0", Repo("acme/e0", team))):
    package: Produces[NpmPackage] = produced("a package")

class E1(CdkEnver, build=Build("e1", Repo("acme/e1", team))):
    out: Produces[EventBus[str]] = produced("a bus")

e0, e1 = E0(on=Branch("main"), at=dev), E1(on=Branch("main"), at=dev)
acme = Organisation("acme", central=dev.account, envers=[e0, e1])
"""
LEFT = CONTRACTS.replace('e0, e1 = E0(on=Branch("main"), at=dev), E1', "e1 = E1").replace("[e0, e1]", "[e1]")
PACKAGE = f"@acme/e0@{prerelease('1.0.0', 'b..main', 'b' * 16)}"
RELEASE = "@acme/e0@1.0.0"


class Leaving:
    """A package and a service, of which the package leaves the contracts."""

    def __init__(self, served: Served, settings: Settings) -> None:
        self.served, self.settings = served, settings
        served.push("c1", 0, 1)
        served.finish(1)
        served.finish(0, RELEASE)
        self.publishes("c2", PACKAGE)

    def publishes(self, commit: str, package: str) -> None:
        self.served.push(commit, 0)
        self.served.finish(0, package)

    def leaves(self) -> None:
        Path("contracts.py").write_text(LEFT)
        compiled = load_contracts(self.settings)
        self.served.service.control.desk.compiled = compiled
        self.served.service.control.use(compiled, SOMEBODY)

    def planned(self, *, http: bool) -> Plan:
        with self.plane(http=http) as there:
            return there.plan(Limited(), refresh=True, look=False)

    def plane(self, *, http: bool) -> HttpPlane | LocalPlane:
        return HttpPlane(self.served.url, lambda: None, self.served.own) if http else LocalPlane(self.settings)


@pytest.fixture
def leaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Leaving]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts.py").write_text(CONTRACTS)
    settings = read_settings("contracts.py:acme", tmp_path)
    compiled = load_contracts(settings)
    served = Served(compiled.graph, settings.state)
    served.service.control.desk.compiled = compiled
    monkeypatch.setattr("odmd.bootstrap.repositories.repositories", lambda _settings: served.repositories)
    with served.serving():
        yield Leaving(served, settings)


def test_what_goes_and_what_stays_is_counted_alike_here_and_over_http(leaving: Leaving) -> None:
    leaving.leaves()
    here, there = leaving.planned(http=False), leaving.planned(http=True)
    assert here.removals == there.removals
    assert here.digest() == there.digest()
    (removal,) = there.removals
    assert removal.enver == address(0)
    kept = Staying("version", RELEASE, "what was released is never removed")
    assert removal.inventory == Inventory((Belonging("pre-release", PACKAGE),), (kept,))
    assert any(f"goes: 1 pre-release: {PACKAGE}" in line for line in in_words(removal))
    assert with_inventories(there, {address(0): Inventory()}).digest() != there.digest(), "another plan"


def test_the_digest_binds_what_was_shown_and_the_change_carries_it(leaving: Leaving) -> None:
    leaving.leaves()
    plan = leaving.planned(http=True)
    with leaving.plane(http=True) as there, there.change(Nobody()) as change:
        change.approved(plan.digest(), look=False)
        assert change.begin("it left", allow_dirty=False)
    (asked,) = (one.event for one in leaving.served.store.read(0, 1000) if isinstance(one.event, RemovalAsked))
    assert (asked.enver, asked.shown) == (address(0), (f"pre-release {PACKAGE}",))


class Nobody:
    """Watches nothing."""

    def says(self, line: str) -> None: ...
    def happened(self, event: object) -> None: ...
    def report(self, run: int, line: str, *, lasting: bool = False) -> None: ...
    def ended_without_run(self, enver: str, why: str) -> None: ...
    def waits(self, line: str) -> None: ...
