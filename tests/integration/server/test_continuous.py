"""What branches get is deployed by itself, where the contracts say so, and only there."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from odmd.control.ports.hosts import Hint
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.events import ChangeAccepted
from odmd.errors import ServerBusy, SettingsInvalid
from odmd.graph.governed import Governed
from odmd.plan import Plan
from odmd.server.hearing import Hearing
from odmd.server.leading import looking
from odmd.server.lookout import Lookout
from odmd.server.webhooks import webhook_secret
from odmd.store.deliveries import SqlDeliveries
from odmd.trust import nobody
from support.served import Served
from support.until import TOO_LONG, until
from support.worlds import address, graph_of, node, wire

SECRET = "a secret that both of them know"


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """e0 → e1 in dev, which moves by itself, → e2 in prod, which does not; all run what their branches have."""
    monkeypatch.chdir(tmp_path)
    nodes = [node(0), node(1, [wire(0, 1)]), node(2, [wire(1, 2, mode="gated")], stage="prod")]
    made = Served(replace(graph_of(nodes), governed=Governed(continuous=("dev",))), tmp_path)
    made.secret = SECRET
    with made.serving():
        made.deploy()
        yield made


def repo(served: Served, n: int) -> str:
    return served.graph.envers[address(n)].repo


def pushed(served: Served, n: int, text: str = "new") -> str:
    return served.repositories.commit(repo(served, n), "main", {"app.py": text}, "a better one")


def settled(served: Served) -> None:
    """Runs are carried out until none is under way."""
    while runs := served.leader.look(lambda state: [run.enver for run in state.runs.values()]):
        for enver in runs:
            served.finish(next(n for n in range(3) if address(n) == enver), "one")


class TestDeployment:
    def test_a_push_is_a_plan_that_is_carried_out(self, moving: Served) -> None:
        deployment = moving.service.continuous_deployment()
        deployment.go_on()
        settled(moving)
        commit = pushed(moving, 0)
        plan = deployment.go_on()
        assert plan is not None
        assert [step.enver for step in plan.steps() if step.certain] == [address(0)]
        change = [entry.event for entry in moving.store.read() if isinstance(entry.event, ChangeAccepted)][-1]
        assert (change.by, change.plan) == (ODMD, plan.digest())
        assert change.cause == f"{repo(moving, 0)} main is at {commit[:7]}"
        assert moving.leader.look(lambda state: state.envers[address(0)].commit) == commit
        settled(moving)
        assert deployment.go_on() is None

    def test_a_tag_that_is_pushed_makes_the_enver_that_the_contracts_foresee(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        tagged = replace(node(1), revision="tag:v1.0.0")
        made = Served(replace(graph_of([node(0), tagged]), governed=Governed(continuous=("dev",))), tmp_path)
        with made.serving():
            made.push("c1", 0)
            made.finish(0)
            deployment = made.service.continuous_deployment()
            deployment.go_on()
            settled(made)
            assert made.leader.look(lambda state: address(1) not in state.envers)
            commit = made.repositories.head(repo(made, 1), "branch:main")
            made.repositories.tag(repo(made, 1), "v1.0.0", commit)
            plan = deployment.go_on([repo(made, 1)])
            assert plan is not None
            assert [(step.enver, step.commit) for step in plan.steps()] == [(address(1), commit)]

    def test_what_did_not_move_or_may_not_is_left_alone(self, moving: Served) -> None:
        deployment = moving.service.continuous_deployment()
        deployment.go_on()
        settled(moving)
        end = moving.store.position()
        pushed(moving, 2)
        assert deployment.go_on() is None
        assert moving.store.position() == end

    def test_of_other_repositories_it_takes_what_it_read_last(self, moving: Served) -> None:
        deployment = moving.service.continuous_deployment()
        deployment.go_on()
        settled(moving)
        first, second = pushed(moving, 0), pushed(moving, 1)
        plan = deployment.go_on([repo(moving, 1)])
        assert plan is not None
        assert {step.enver: step.commit for step in plan.steps() if step.certain} == {address(1): second}
        plan = deployment.go_on([repo(moving, 0)])
        assert plan is not None
        assert plan.base.heads[address(0)] == first

    def test_what_a_person_would_have_to_allow_waits_and_says_so(self, moving: Served) -> None:
        moving.service.uncommitted = ("contracts.py",)
        deployment = moving.service.continuous_deployment()
        assert deployment.go_on() is None
        assert {one.enver for one in moving.service.control.troubles()} == {address(0), address(1)}
        assert "uncommitted" in str(moving.service.control.troubles()[0])
        moving.service.uncommitted = ()
        assert deployment.go_on() is not None
        assert not moving.service.control.troubles()

    def test_a_repository_that_is_away_keeps_no_other_waiting(self, moving: Served) -> None:
        deployment = moving.service.continuous_deployment()
        deployment.go_on()
        settled(moving)
        moving.repositories.lose(repo(moving, 0))
        pushed(moving, 1)
        plan = deployment.go_on()
        assert plan is not None
        assert [step.enver for step in plan.steps() if step.certain] == [address(1)]


class TestLooks:
    """When branches are looked at."""

    def test_at_first_at_all_then_at_what_was_said(self) -> None:
        looks, going = list[Collection[str] | None](), threading.Event()

        def go_on(repos: Collection[str] | None) -> Plan | None:
            looks.append(repos)
            if len(looks) == 2:
                assert going.wait(TOO_LONG)
                raise ServerBusy("plans are being made")
            return None

        deploying = Lookout[str]("branches", go_on, poll=0)
        with deploying.running():
            until(lambda: len(looks) == 1)
            deploying.said("acme/one")
            until(lambda: len(looks) == 2)
            for name in ("acme/two", "acme/two", "acme/three"):
                deploying.said(name)
            going.set()
            until(lambda: len(looks) == 3)
        assert looks == [None, {"acme/one"}, {"acme/one", "acme/two", "acme/three"}]  # what failed is looked at again

    def test_at_all_when_it_is_time(self) -> None:
        looks = list[Collection[str] | None]()

        def go_on(repos: Collection[str] | None) -> Plan | None:
            looks.append(repos)
            raise RuntimeError("a mistake of ours")

        with Lookout[str]("branches", go_on, poll=0.01).running():
            until(lambda: len(looks) > 2)
        assert set(looks) == {None}


class TestWebhooks:
    def sent(
        self, served: Served, body: bytes, secret: str = SECRET, event: str = "push", id: str = ""
    ) -> httpx.Response:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": id,
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        url = f"{served.url}/webhooks/github"
        return httpx.post(url, content=body, headers=headers, verify=nobody(), timeout=TOO_LONG)

    def kept(self, served: Served) -> list[Hint]:
        return [one.hint for one in SqlDeliveries(served.store.database).pending(500)]

    @pytest.mark.parametrize("event", ["push", "create", "delete"])
    def test_a_signed_one_says_which_repository_moved(self, moving: Served, event: str) -> None:
        body = json.dumps({"repository": {"full_name": "Acme/E0"}, "ref": "refs/heads/main"}).encode()
        assert self.sent(moving, body, event=event).status_code == 202
        assert self.kept(moving) == [Hint("acme/e0")]

    def test_one_that_comes_twice_is_kept_once(self, moving: Served) -> None:
        body = json.dumps({"repository": {"full_name": "Acme/E0", "id": 7}, "pull_request": {"number": 3}}).encode()
        for _ in range(2):
            assert self.sent(moving, body, event="pull_request", id="a GUID").status_code == 202
        assert self.kept(moving) == [Hint("acme/e0", 7, 3)]
        assert self.sent(moving, body, event="push").status_code == 202
        assert self.sent(moving, body, event="push").status_code == 202
        assert len(self.kept(moving)) == 3

    def test_others_are_taken_quietly(self, moving: Served) -> None:
        assert self.sent(moving, b"{}", event="ping").status_code == 202
        assert not self.kept(moving)

    @pytest.mark.parametrize("secret", ["another secret, as long", ""])
    def test_who_does_not_know_the_secret_is_refused(self, moving: Served, secret: str) -> None:
        answer = self.sent(moving, b'{"repository": {"full_name": "acme/e0"}}', secret)
        assert (answer.status_code, answer.json()["code"]) == (401, "ODMD255")
        assert not self.kept(moving)

    def test_where_there_is_no_secret_none_are_taken(self, served: Served) -> None:
        assert self.sent(served, b"{}", "").status_code == 404

    @pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"repository": {"full_name": 7}}', b"[" * 100_000])
    def test_one_that_names_no_repository(self, moving: Served, body: bytes) -> None:
        assert self.sent(moving, body).status_code == 422

    def test_one_of_megabytes_is_taken_and_a_larger_one_is_not(self, moving: Served) -> None:
        begins = b'{"repository": {"full_name": "acme/e0"}, "commits": "'
        assert self.sent(moving, begins + b"x" * 3_000_000 + b'"}').status_code == 202
        assert self.sent(moving, begins + b"x" * (25 * 1024 * 1024) + b'"}').status_code == 413


class TestHearing:
    """When somebody looks where webhooks point."""

    def test_a_burst_is_few_looks_and_nothing_is_lost(self, moving: Served) -> None:
        deliveries, looks = SqlDeliveries(moving.store.database), list[Collection[Hint]]()
        for number in range(1200):
            deliveries.take(f"{number}", Hint(f"acme/e{number % 3}"), float(number))
        with Hearing(deliveries, looks.append).running():
            until(lambda: not deliveries.pending(1))
        assert [sorted(one.repository for one in look) for look in looks] == [["acme/e0", "acme/e1", "acme/e2"]] * 3

    def test_what_fails_comes_again_and_what_was_handled_does_not(self, moving: Served) -> None:
        deliveries, looks = SqlDeliveries(moving.store.database), list[Collection[Hint]]()

        def look(hints: Collection[Hint]) -> None:
            looks.append(hints)
            if len(looks) == 1:
                raise ServerBusy("not now")

        hearing = Hearing(deliveries, look)
        with hearing.running():
            deliveries.take("one", Hint("acme/one"), time.time())
            hearing.arrived()
            until(lambda: len(looks) == 2)
            until(lambda: not deliveries.pending(1))
            deliveries.take("two", Hint("acme/two"), time.time())
            deliveries.take("one", Hint("acme/one"), time.time())
            hearing.arrived()
            until(lambda: len(looks) == 3)
        assert [[one.repository for one in look] for look in looks] == [["acme/one"], ["acme/one"], ["acme/two"]]

    def test_what_is_old_goes_and_what_nobody_looked_at_stays(self, moving: Served) -> None:
        deliveries = SqlDeliveries(moving.store.database)
        for number in (1, 2):
            deliveries.take(f"{number}", Hint(f"acme/e{number}"), float(number))
        deliveries.handled([1])
        assert deliveries.forget(before=10.0) == 1
        assert [one.hint.repository for one in deliveries.pending(9)] == ["acme/e2"]

    def test_branches_are_looked_at_and_pull_requests_are_none(self) -> None:
        pushed = list[Collection[str] | None]()
        going = Lookout[str]("branches", pushed.append, poll=0)
        with going.running():
            until(lambda: len(pushed) == 1)
            looking(going)([Hint("acme/one"), Hint("acme/two", 7, 3)])
            until(lambda: len(pushed) == 2)
        assert pushed == [None, {"acme/one"}]


def test_a_secret_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODMD_WEBHOOK_SECRET", "short")
    with pytest.raises(SettingsInvalid, match="has 5 characters, and 16 are the least"):
        webhook_secret()
