"""Clones at a server: who may have which, whom else they change, and what of them is told to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from odmd.control.leading.clone_plans import ending
from odmd.control.scheduler.actor import ODMD, Scope
from odmd.control.scheduler.border import refused
from odmd.control.scheduler.messages import ClaimRun, FinishRun, Head, StartChange
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.start import start_change
from odmd.errors import CloneRefused, EnverUnknown, NotAllVisible
from odmd.graph import Compiled, compile_contracts
from odmd.graph.governed import Governed, PolicyFile
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Offer,
    Offers,
    Organisation,
    Produces,
    Repo,
    Requests,
    Stage,
    Team,
    offered,
    produced,
    requested,
)
from odmd.model.kinds import HttpApi, Secret
from odmd.plan.build import Limited
from odmd.plan.clones import CloneWish, EndWish, TogetherWish
from support.actors import somebody
from support.served import Served

DATA, PEOPLE = Team("data"), Team("baristas")
DEV = Stage("dev", Account("dev", "111122223333"), "us-west-1")
MINE = """
@id("baristas clone, and act on what is theirs")
permit (principal in Team::"baristas", action, resource in Team::"baristas");
"""
HIDDEN = """
@id("the database is for data to see")
forbid (principal, action in Action::"look", resource in Build::"db")
unless { principal in Team::"data" };
"""


@dataclass(frozen=True)
class Schema(Offer):
    name: str
    user: Produces[Secret] = field(init=False)


class Database(CdkEnver, build=Build("db", Repo("acme/db", DATA))):
    schemas: Offers[Schema] = offered("a schema")


class Shop(CdkEnver, build=Build("shop", Repo("acme/shop", PEOPLE))):
    db: Requests[Schema] = requested(Schema(name="shop"))
    api: Produces[HttpApi] = produced("orders")


class Web(CdkEnver, build=Build("web", Repo("acme/web", PEOPLE))):
    shop: Consumes[HttpApi]


def contracts(*policies: str) -> Compiled:
    main = Branch("main")
    database = Database(on=main, at=DEV)
    shop = Shop(on=main, at=DEV, db=database.schemas)
    web = Web(on=main, at=DEV, shop=shop.api)
    made = compile_contracts(Organisation("acme", central=DEV.account, envers=[database, shop, web]))
    files = tuple([PolicyFile(f"p{n}.cedar", text) for n, text in enumerate(policies)])
    governed = Governed(teams=("baristas", "data"), policies=files)
    return replace(made, graph=replace(made.graph, governed=governed))


def served(folder: Path, *policies: str) -> Served:
    compiled = contracts(*policies)
    made = Served(compiled.graph, folder)
    made.service.control.desk.compiled = compiled
    made.repositories.commit("acme/shop", "fix", {"app.py": "cheaper"})
    return made


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.chdir(tmp_path)
    with served(tmp_path).serving() as made:
        deploy(made)
        yield made


def deploy(acme: Served) -> None:
    """All run what their branches have."""
    whole = acme.graph.envers.values()
    heads = [Head(one.address, acme.repositories.head(one.repo, one.revision), one.slice()) for one in whole]
    acme.leader.ask(StartChange("first", somebody("ada"), "sha256:1", tuple(heads)))
    for one in whole:
        run = acme.leader.look(lambda state, one=one: state.envers[one.address].run)
        if run is None:
            continue
        acme.leader.ask(ClaimRun(run, "worker"))
        acme.leader.ask(FinishRun(run, AttemptNumber(1), "sha256:r", ()))


WISH = Limited(clones=CloneWish("shop@main", "fix"))


def test_who_is_asked_changes_by_that_alone(acme: Served) -> None:
    plan = acme.service.plan(WISH, refresh=True)
    assert {step.enver for step in plan.steps() if step.certain} == {"db/b..main", "shop/b..main-_b..fix"}
    assert plan.clones
    assert plan.clones.asked == ("db/b..main",)
    change = start_change(plan, somebody("bea", "baristas", scope=Scope.WRITE), "try it")
    assert change.for_clones == (plan.clones.only_asked and ("db/b..main",))


def test_what_others_have_pending_is_theirs_to_carry_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database runs under other contracts than today's: to carry that out needs its team."""
    monkeypatch.chdir(tmp_path)
    with served(tmp_path, MINE).serving() as acme:
        plan = acme.service.plan(WISH, refresh=True)
        assert plan.clones
        assert plan.clones.only_asked == ()
        bea = somebody("bea", "baristas", scope=Scope.WRITE)
        change = start_change(plan, bea, "try it")
        assert "db/b..main" not in change.for_clones
        denied = acme.leader.look(lambda state: refused(state, acme.graph, change, 0.0))
        assert denied
        assert denied.enver == "db/b..main"


def test_what_ended_gives_back_what_it_was_given_whatever_is_in_force(acme: Served) -> None:
    plan = acme.service.plan(WISH, refresh=True)
    acme.service.change(plan.digest(), somebody("ada"), "try it", None, allow_dirty=True)
    (made,) = acme.service.compiled.graph.clones
    with acme.service._planner() as planner:  # pyright: ignore[reportPrivateUsage]
        while_there = ending(planner, made)
    acme.service.control.use(acme.service.compiled, ODMD)
    without = replace(planner, compiled=replace(planner.compiled, graph=planner.graph.text))
    for one in (while_there, ending(without, made)):
        assert one.clones
        assert one.clones.asked == ("db/b..main",)
        assert made.address not in one.graph.envers


def test_some_sets_are_made_and_end_by_one_plan(acme: Served) -> None:
    """Each as it would be by itself; together they are within the limits, or none is made."""
    wishes = tuple([CloneWish("shop@main", "fix", name) for name in ("one", "two", "")])
    plan = acme.service.plan(Limited(clones=TogetherWish(wishes)), refresh=True)
    clones = {f"shop/b..main-_b..{name}" for name in ("one", "two", "fix")}
    assert {step.enver for step in plan.steps() if step.certain} == {"db/b..main", *clones}
    acme.service.change(plan.digest(), somebody("ada"), "try it", None, allow_dirty=True)
    assert {one.clone for one in acme.service.records.clones()} == {
        f"shop@main+{name}" for name in ("one", "two", "fix")
    }
    too_many = tuple([CloneWish("shop@main", "fix", f"n{n}") for n in range(18)])
    with pytest.raises(CloneRefused, match=r"shop@main\+n17 is one clone too many"):
        acme.service.plan(Limited(clones=TogetherWish(too_many)), refresh=True)
    ends = TogetherWish(ended=(EndWish("shop@main+one"), EndWish("shop@main+two")))
    ended = acme.service.plan(Limited(clones=ends), refresh=True)
    assert ended.clones
    assert ended.clones.ended == ("shop/b..main-_b..one", "shop/b..main-_b..two")
    acme.service.change(ended.digest(), somebody("ada"), "enough", None, allow_dirty=True)
    assert [one.clone for one in acme.service.records.clones() if not one.ended] == ["shop@main+fix"]
    with pytest.raises(CloneRefused, match="no clone is named"):
        acme.service.plan(Limited(clones=TogetherWish()), refresh=True)


class TestWhoDoesNotSeeAll:
    """The database is hidden from most."""

    @pytest.fixture
    def hidden(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
        monkeypatch.chdir(tmp_path)
        with served(tmp_path, MINE, HIDDEN).serving() as made:
            yield made

    def test_a_plan_that_touches_it_is_not_told(self, hidden: Served) -> None:
        seen = hidden.service.seen(lambda enver: not enver.startswith("db/"))
        with pytest.raises(NotAllVisible):
            seen.plan(WISH, refresh=True)

    @pytest.mark.parametrize("name", ["db@main", "nothing@main"])
    def test_it_is_as_unknown_as_what_there_is_not(self, hidden: Served, name: str) -> None:
        seen = hidden.service.seen(lambda enver: not enver.startswith("db/"))
        for wish in (
            CloneWish(name, "fix"),
            CloneWish("shop@main", "fix", also=(name,)),
            EndWish(name),
            TogetherWish((CloneWish(name, "fix"),)),
        ):
            with pytest.raises(EnverUnknown) as refusal:
                seen.plan(Limited(clones=wish), refresh=True)
            assert refusal.value.fact == f"{name} is not in the contracts"

    def test_why_it_cannot_be_is_not_told_where_it_may_name_what_is_hidden(self, hidden: Served) -> None:
        seen = hidden.service.seen(lambda enver: not enver.startswith("db/"))
        wish = Limited(clones=CloneWish("shop@main", "main"))
        with pytest.raises(NotAllVisible):
            seen.plan(wish, refresh=True)
        with pytest.raises(CloneRefused):
            hidden.service.plan(wish, refresh=True)
