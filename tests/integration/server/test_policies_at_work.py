"""Policies at a server, by its commands and over HTTP: changed, refused, counted on, locked out by, and broken."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from botocore.credentials import Credentials
from typer.testing import CliRunner

from odmd.bootstrap.in_process import load_here
from odmd.cli.main import app
from odmd.client import Client
from odmd.client.proving.signing import signed_question
from odmd.control.access.identities import Rule, Rules
from odmd.control.access.sessions import KnownIdentity
from odmd.control.access.writes import GLASS, GLASS_VARIABLE
from odmd.control.leading.notifying import NewsTopic, Notifying, Route
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.events import Event, Paused, PoliciesChanged
from odmd.errors import OdmdError
from odmd.plan import Limited
from odmd.providers.identities import IamPrincipals, Web
from support.played_sts import ADA, DEPLOYER, PlayedSts
from support.served import Served
from support.until import until

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import EventBus

baristas, security = Team("baristas"), Team("security")
account = Account("acme", "111122223333")
dev, prod = Stage("dev", account, "us-west-1"), Stage("prod", account, "us-west-1", production=True)

class E0(CdkEnver, build=Build("e0", Repo("acme/e0", baristas))):
    out: Produces[EventBus[str]] = produced("what happens")

class E1(CdkEnver, build=Build("e1", Repo("acme/e1", baristas))):
    in0: Consumes[EventBus[str]]

e0 = E0(on=Branch("main"), at=dev)
e1 = E1(on=Branch("main"), at=prod, in0=e0.out.gated(by=baristas))
acme = Organisation("acme", central=account, envers=[e0, e1], teams=[security])
"""
GUARDED = """@id("security alone changes policies")
forbid (principal, action == Action::"change policies", resource)
unless { principal in Team::"security" };
"""
NO_PAUSES = '@id("nobody pauses")\nforbid (principal, action == Action::"pause", resource);\n'
STS = "https://sts.us-east-1.amazonaws.com/"


@dataclass
class Chat:
    """A channel to people."""

    heard: list[tuple[bool, str]] = field(default_factory=list)

    def tell(self, _title: str, lines: str, *, urgent: bool) -> None:
        self.heard.append((urgent, lines))


@dataclass
class House:
    """A server whose contracts and policies are files, people of AWS whom it knows, and who is told of what happens."""

    folder: Path
    served: Served
    chat: Chat

    def say(self, policies: str) -> None:
        """What the file of policies says from now on; whoever reads it."""
        (self.folder / "policies").mkdir(exist_ok=True)
        (self.folder / "policies" / "main.cedar").write_text(policies)

    def session(self, of: Credentials) -> str:
        """Of somebody of the baristas who proved who he is."""
        with Client(self.served.url, "") as client:
            (told,) = client.identities()
            return client.sign_in("aws", signed_question(told, of)).text

    def admin(self, *teams: str) -> str:
        return self.served.token(Scope.ADMIN, *teams, name="root").text

    def reload(self, token: str, **headers: str) -> httpx.Response:
        with self.served.http(token) as http:
            return http.post("/contracts:reload", headers=headers)

    def pause(self, token: str, **headers: str) -> httpx.Response:
        with self.served.http(token) as http:
            return http.post("/pauses", json={"scope": "e0@main", "why": "a fair"}, headers=headers)

    def odmd(self, token: str, *words: str, **environment: str) -> str:
        """What a command at the server prints."""
        env = {"ODMD_SERVER": self.served.url, "ODMD_TOKEN": token, **environment}
        done = CliRunner().invoke(app, words, env=env)
        if isinstance(done.exception, OdmdError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    def events(self) -> Iterator[Event]:
        return (entry.event for entry in self.served.store.read(0))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[House]:
    """Security alone changes policies; ada began to deploy all there is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ODMD_ISOLATION", "off")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
    monkeypatch.delenv("ODMD_TOKEN", raising=False)
    (tmp_path / "contracts.py").write_text(CONTRACTS)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "main.cedar").write_text(GUARDED)
    graph, chat = load_here("contracts.py:acme", tmp_path).graph, Chat()
    ops = Route("ops", frozenset({NewsTopic.GOVERNANCE}), every=0.0)
    served = Served(graph, tmp_path, subscribers=lambda _store: [Notifying(ops, chat, lambda: graph)])
    principals = IamPrincipals("aws", "odmd.acme.example", [STS], Web(transport=PlayedSts().transport()))
    baristas = Rule({"account": ("111122223333",)}, Scope.WRITE, ("baristas",))
    served.known["aws"] = KnownIdentity(principals, Rules((baristas,), 3600.0))
    with served.serving(tokens=True):
        house = House(tmp_path, served, chat)
        with Client(served.url, house.session(ADA)) as ada:
            ada.start(ada.plan(Limited()).digest(), "a change of mine")
        yield house


class TestPoliciesAlone:
    """An edition of the contracts in which nothing else is other."""

    def test_it_is_planned_in_words_let_through_by_who_may_and_logged(self, house: House) -> None:
        house.say(GUARDED + NO_PAUSES)
        before = house.served.service.compiled.graph
        refused = house.reload(house.admin())
        assert (refused.status_code, refused.json()["code"]) == (403, "ODMD303")
        assert (
            "root may not change policies: security alone changes policies (main.cedar:1) forbids it"
            in refused.json()["detail"]
        )
        assert house.pause(house.session(ADA)).status_code == 200, "what was in force still is"

        assert house.reload(house.admin("security")).status_code == 200
        after = house.served.service.compiled.graph
        assert [after.slice(one) for one in after.envers] == [before.slice(one) for one in before.envers]
        shown = house.odmd(house.session(ADA), "plan")
        assert "Changes who may do what" in shown
        assert "everybody with scope admin lose: pause" in shown.partition("Changes who may do what")[2]
        (changed,) = [one for one in house.events() if isinstance(one, PoliciesChanged)]
        assert changed.by.name == "root"
        assert any("pause" in line for line in changed.gains)
        told = house.pause(house.session(ADA))
        assert (told.status_code, "nobody pauses (main.cedar:4) forbids it" in told.json()["detail"]) == (403, True)
        until(lambda: any("changed who may do what" in lines for _, lines in house.chat.heard))


class TestUnsound:
    """What is wrong with policies is refused at its line, and the last sound ones stay."""

    @pytest.mark.parametrize(
        ("policies", "code", "line"),
        [
            (NO_PAUSES + "permit (principal, action, ressource);", "ODMD120", 3),
            (NO_PAUSES + 'permit (principal in Team::"baristaz", action, resource);', "ODMD122", 3),
            ('forbid (principal, action in Action::"govern", resource);', "ODMD123", 1),
        ],
        ids=["not Cedar", "of nobody", "for nobody to mend"],
    )
    def test_a_reload_says_where_and_changes_nothing(self, house: House, policies: str, code: str, line: int) -> None:
        house.say(policies)
        answer = house.reload(house.admin("security"))
        assert answer.status_code == 409
        told = answer.json()["diagnostics"]
        assert {one["code"] for one in told} == {code}
        assert told[0]["place"] == f"main.cedar:{line}"
        assert not [one for one in house.events() if isinstance(one, PoliciesChanged)]
        assert house.pause(house.session(ADA)).status_code == 200
        house.say(GUARDED + NO_PAUSES)
        assert house.reload(house.admin()).status_code == 403, "security alone still is who changes them"


class TestFourEyes:
    """In production nobody lets in what he began."""

    def test_who_began_a_change_is_refused_and_another_one_is_not(self, house: House) -> None:
        ada, deployer = house.session(ADA), house.session(DEPLOYER)
        house.served.finish(0, "arn:bus")
        with pytest.raises(OdmdError) as own:
            house.odmd(ada, "approve", "e1@main", "--yes", "-m", "it is mine")
        assert re.search(r"nobody answers his own change in production \(built in:\d+\) forbids it", own.value.fact)
        with house.served.http(ada) as http:
            (asked,) = http.get("/envers/e1/b..main").json()["asks"]
            wanted = {"enver": "e1@main", "approved": True, "identity": asked["identity"], "why": "it is mine"}
            answer = http.post("/answers", json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (403, own.value.code)
        assert answer.json()["detail"] == own.value.fact

        said = house.odmd(deployer, "approve", "e1@main", "--yes", "-m", "seen in dev")
        assert "was approved by 111122223333:Deployer: seen in dev" in said
        assert "seen in dev" in house.odmd(ada, "why", "e1@main")


class TestLockedOut:
    """An admin whom policies forbid what has to be done says why, is let, and everybody hears of it."""

    WHY = "the house burns"

    @pytest.fixture(autouse=True)
    def _nobody_pauses(self, house: House) -> None:
        house.say(GUARDED + NO_PAUSES)
        assert house.reload(house.admin("security")).status_code == 200

    def test_who_is_no_admin_breaks_no_glass(self, house: House) -> None:
        assert house.pause(house.session(ADA), **{GLASS: self.WHY}).status_code == 403

    def test_it_is_loud_in_the_log_and_to_people(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        admin = house.admin()
        with pytest.raises(OdmdError, match="may not pause: e0@main: nobody pauses"):
            house.odmd(admin, "pause", "e0@main", "-m", "put it out")
        with caplog.at_level(logging.WARNING, "odmd.server.access"):
            house.odmd(admin, "pause", "e0@main", "-m", "put it out", **{GLASS_VARIABLE: self.WHY})
        assert any(one.getMessage() == "the glass is broken" for one in caplog.records)
        (paused,) = [one for one in house.events() if isinstance(one, Paused)]
        assert paused.pause.by.glass == self.WHY
        found = json.loads(house.odmd(house.admin(), "audit", "search", "--json"))
        assert any(self.WHY in json.dumps(one) for one in found)
        heard = f"root (broke the glass: {self.WHY}) acted past all policies"
        until(lambda: any(urgent and heard in lines for urgent, lines in house.chat.heard))

    def test_policies_themselves_are_mended_so(self, house: House) -> None:
        house.say("")
        assert house.reload(house.admin()).status_code == 403
        assert house.reload(house.admin(), **{GLASS: self.WHY}).status_code == 200
        assert house.pause(house.session(ADA)).status_code == 200
        by = f"root (broke the glass: {self.WHY})"
        heard = f"{by} acted past all policies: {by} changed who may do what: "
        until(lambda: any(urgent and heard in lines for urgent, lines in house.chat.heard))
