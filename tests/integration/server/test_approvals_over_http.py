"""Several have to say yes, at a server: raced, each counts once; delegated, for a while; told what is lacking."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.client import Client
from odmd.control.leading.wishes import (
    Answering,
    AskingAgain,
    Delegating,
    EndingDelegation,
    Pausing,
    Resuming,
)
from odmd.control.scheduler import events as e
from odmd.control.scheduler.actor import Scope
from odmd.errors import NotAllowed, NothingAsked, NotTheApprover, StageUnknown, TeamUnknown
from odmd.graph.approvals import ApprovalNode
from odmd.graph.governed import Governed
from support.served import Served
from support.worlds import address, graph_of, node, wire


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """e1 asks whether e0's first value may in: two of the baristas have to say so."""
    monkeypatch.chdir(tmp_path)
    gated = wire(0, 1, mode="gated")._replace(gate="baristas")
    said = ApprovalNode(f"{address(1)}:in0", "baristas", count=2)
    graph = replace(graph_of([node(0), node(1, [gated])]), governed=Governed(teams=("baristas",), approvals=(said,)))
    made = Served(graph, tmp_path)
    with made.serving(tokens=True):
        made.push("c1", 0, 1)
        made.finish(0)
        yield made


def client(served: Served, name: str, *teams: str) -> Client:
    return Client(served.url, served.token(Scope.WRITE, *teams, name=name).text)


def say_yes(served: Served, name: str, *teams: str) -> list[str]:
    with client(served, name, *teams) as there:
        asked = there.enver("e1@main").asks
        if not asked:
            return []
        said = there.tell(Answering("e1@main", "in0", True, "fine", asked[0].identity))
        return [type(one.event).__name__ for one in said]


def test_it_is_shown_who_has_to_say_so_and_who_did(asking: Served) -> None:
    assert say_yes(asking, "ann", "baristas") == ["Consented"]
    with client(asking, "bob") as there:
        (one,) = there.enver("e1@main").asks
        assert (one.needs, one.lacks, one.given, one.gate) == ("2 of baristas", 1, ("ann",), "baristas")
        with pytest.raises(NotTheApprover):
            there.tell(Answering("e1@main", "in0", True, "", one.identity))


def test_raced_by_ten_two_count_and_it_is_let_in_once(asking: Served) -> None:
    with client(asking, "ann", "baristas") as there:
        (one,) = there.enver("e1@main").asks
    people = [client(asking, f"p{n}", "baristas") for n in range(10)]

    def answer(who: Client) -> list[str]:
        try:
            return [type(said.event).__name__ for said in who.tell(Answering("e1@main", "in0", True, "", one.identity))]
        except NothingAsked:
            return ["late"]

    with ThreadPoolExecutor(10) as threads:
        said = [kind for found in threads.map(answer, people) for kind in found]
    for who in people:
        who.close()
    assert (said.count("Consented"), said.count("Approved"), said.count("RunStarted")) == (1, 1, 1)


def test_somebody_answers_for_others_while_he_is_let(asking: Served) -> None:
    with client(asking, "ann", "baristas") as ann, client(asking, "eve", "bakers") as eve:
        with pytest.raises(TeamUnknown):
            ann.tell(Delegating("eve", "barristas", time.time() + 60))
        with pytest.raises(NotAllowed):
            eve.tell(Delegating("eve", "baristas", time.time() + 60))
        ann.tell(Delegating("eve", "baristas", time.time() + 60, "holidays"))
        assert [(one.to, one.team, one.by, one.why) for one in eve.delegations()] == [
            ("eve", "baristas", "ann", "holidays")
        ]
        assert say_yes(asking, "eve", "bakers") == ["Consented"]
        ann.tell(EndingDelegation("eve", "baristas"))
        assert not ann.delegations()


def test_what_was_turned_down_is_asked_about_again_when_somebody_says_so(asking: Served) -> None:
    with client(asking, "ann", "baristas") as ann:
        with pytest.raises(NothingAsked):
            ann.tell(AskingAgain("e1@main"))
        (one,) = ann.enver("e1@main").asks
        ann.tell(Answering("e1@main", "in0", False, "not now", one.identity))
        assert not ann.enver("e1@main").asks
        said = [one.event for one in ann.tell(AskingAgain("e1@main", None, "now"))]
        assert [type(one) for one in said] == [e.AskedAgain, e.Offered]


def test_a_stage_is_paused_and_goes_on(asking: Served) -> None:
    with client(asking, "ann", "baristas") as ann:
        with pytest.raises(StageUnknown):
            ann.tell(Pausing("stage:prodd"))
        ann.tell(Pausing("stage:dev", "inventory"))
        assert [one.scope for one in ann.pauses()] == ["stage:dev"]
        ann.tell(Resuming("stage:dev", "it is over"))
        assert not ann.pauses()
