"""Secrets are bound and looked at here as over HTTP: one suite for both planes, on one state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from odmd.bootstrap.contracts import load_contracts
from odmd.bootstrap.local_plane import LocalPlane
from odmd.bootstrap.settings import Settings, read_settings
from odmd.bootstrap.state import leadership
from odmd.client.plane import HttpPlane
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind
from odmd.control.leading.plane import Plane
from odmd.control.ports.secrets import SecretStanding
from odmd.control.scheduler.actor import Scope
from odmd.errors import ConfigRefused, EnverUnknown, NotAllowed, ReferenceInvalid
from odmd.providers.secrets.fake import FakeSecrets
from support.served import Served
from support.worlds import address

CONTRACTS = """
from odmd.model import *

team, dev = Team("baristas"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class E0(CdkEnver, build=Build("e0", Repo("acme/e0", team))):
    db: NeededSecret = needed("of the database", restarts=True)
    signing: NeededSecret = needed("signs receipts")

class E1(CdkEnver, build=Build("e1", Repo("acme/e1", team))):
    db: NeededSecret = needed("of the database")

class E2(CdkEnver, build=Build("e2", Repo("acme/e2", team))):
    pass

main = Branch("main")
acme = Organisation("acme", central=dev.account, envers=[one(on=main, at=dev) for one in (E0, E1, E2)])
"""
DB, SIGNING = "secretsmanager:acme/db", "vault://kv/acme/signing#key"
E0 = Layer(LayerKind.ENVER, address(0))


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> FakeSecrets:
    fake = FakeSecrets({DB: ["one"]}, {SIGNING: SecretStanding.UNREADABLE})
    monkeypatch.setattr("odmd.bootstrap.secret_stores.secret_stores", lambda _sessions: fake.stores)
    return fake


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts.py").write_text(CONTRACTS)
    return read_settings("contracts.py:acme", tmp_path)


@pytest.fixture
def served(settings: Settings, stores: FakeSecrets, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    compiled = load_contracts(settings)
    made = Served(compiled.graph, settings.state)
    made.service.control.desk.compiled = compiled
    monkeypatch.setattr("odmd.bootstrap.repositories.repositories", lambda _settings: made.repositories)
    with made.serving():
        yield made


@pytest.fixture(params=["here", "http"])
def there(request: pytest.FixtureRequest, settings: Settings, served: Served) -> Iterator[Plane]:
    with ExitStack() as stack:
        if request.param == "here":
            stack.enter_context(leadership(settings).lead())
            yield stack.enter_context(LocalPlane(settings))
        else:
            yield stack.enter_context(HttpPlane(served.url, lambda: None, served.own))


def test_what_is_bound_is_listed_with_its_layer_and_looked_at(there: Plane, stores: FakeSecrets) -> None:
    made = there.secrets.bind(ORGANISATION, "db", DB, "the new one")
    assert (made.version, made.envers) == (1, (address(0), address(1)))
    there.secrets.bind(E0, "signing", SIGNING, "")

    listed = there.secrets.secrets((), look=False)
    assert [(one.enver, one.name, one.reference, one.layer, one.restarts) for one in listed] == [
        ("e0@main", "db", DB, "organisation", True),
        ("e0@main", "signing", SIGNING, "e0@main", False),
        ("e1@main", "db", DB, "organisation", False),
    ]
    looked = there.secrets.secrets(["e0@main"], look=True)
    assert [(one.standing, one.version, one.code) for one in looked] == [
        ("there", "1", ""),
        ("not readable", "", "ODMD286"),
    ]
    assert there.secrets.bind(ORGANISATION, "db", "", "gone").reference == ""
    assert there.secrets.secrets(["e1@main"], look=True)[0].code == "ODMD288"
    assert stores.read_of == []


def test_what_cannot_be_is_refused_alike(there: Plane) -> None:
    with pytest.raises(ReferenceInvalid) as refused:
        there.secrets.bind(E0, "db", "hunter2-hunter2", "")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ConfigRefused):
        there.secrets.bind(Layer(LayerKind.ENVER, address(2)), "db", DB, "")
    with pytest.raises(EnverUnknown):
        there.secrets.secrets(["e7@main"], look=False)
    assert there.secrets.secrets(["e2@main"], look=True) == []


def test_a_server_tells_so_many_at_a_time_and_in_order(served: Served) -> None:
    with served.http() as http:
        first = http.get("/secrets", params={"limit": 1}).json()
        assert [one["enver"] for one in first["items"]] == ["e0@main", "e0@main"]
        second = http.get(first["next"].removeprefix("/api/v1")).json()
        assert ([one["enver"] for one in second["items"]], second["next"]) == (["e1@main"], None)
        assert http.put("/secrets", json={"layer": "moon", "name": "db"}).status_code == 422


def test_who_only_reads_binds_nothing(served: Served) -> None:
    with HttpPlane(served.url, lambda: None, served.token(Scope.READ).text) as there, pytest.raises(NotAllowed):
        there.secrets.bind(E0, "db", DB, "")
