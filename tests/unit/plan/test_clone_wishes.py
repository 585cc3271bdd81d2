"""What somebody means who wants clones: which envers, what they share, and what is refused before anything is made."""

from __future__ import annotations

import pytest

from odmd.errors import CloneRefused, EnverUnknown
from odmd.graph import Compiled, compile_contracts
from odmd.graph.clones import with_clones
from odmd.graph.nodes import CloneNode, CloneSetNode
from odmd.model import (
    WRITE,
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Enver,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Tag,
    Team,
    consumed,
    naming,
    produced,
)
from odmd.model.kinds import EventBus, Table
from odmd.plan.clones import (
    ClonesChange,
    CloneWish,
    changed_by,
    ended_set,
    meant,
    refuse_shared_data,
    shared_inputs,
    wished_set,
)

TEAM, ACCOUNT = Team("baristas"), Account("dev", "111122223333")
DEV, PROD = Stage("dev", ACCOUNT, "us-west-1"), Stage("prod", ACCOUNT, "eu-west-1")


def build(name: str) -> Build:
    return Build(name, Repo(f"acme/{name}", TEAM))


class Base(CdkEnver, build=build("base")):
    bus: Produces[EventBus[str]] = produced("what happens")
    stock: Produces[Table[str]] = produced("what there is")


class Shop(CdkEnver, build=build("shop")):
    bus: Consumes[EventBus[str]] = consumed("where to say it", access=WRITE)
    stock: Consumes[Table[str]] = consumed("what there is", access=WRITE)
    orders: Produces[EventBus[str]] = produced("orders")


class Kitchen(CdkEnver, build=build("kitchen")):
    orders: Consumes[EventBus[str]]
    meals: Produces[EventBus[str]] = produced("meals")


class Till(CdkEnver, build=build("till")):
    meals: Consumes[EventBus[str]]
    stock: Consumes[Table[str]]


def envers(kitchen_on: Branch | Tag) -> list[Enver]:
    main = Branch("main")
    base = Base(on=main, at=DEV)
    shop = Shop(on=main, at=DEV, bus=base.bus, stock=base.stock)
    kitchen = Kitchen(on=kitchen_on, at=DEV, orders=shop.orders)
    till = Till(on=main, at=DEV, meals=kitchen.meals, stock=base.stock)
    prod = Base(on=Promoted(base), at=PROD)
    shop_prod = Shop(on=Promoted(shop), at=PROD, bus=prod.bus, stock=prod.stock)
    kitchen_prod = Kitchen(on=Promoted(kitchen), at=PROD, orders=shop_prod.orders)
    return [base, shop, kitchen, till, prod, shop_prod, kitchen_prod, shop.clone(Branch("old"))]


@pytest.fixture
def acme() -> Compiled:
    made = envers(Branch("main"))
    made += [Till(on=Branch("more"), at=DEV, meals=made[2].meals, stock=made[0].stock)]  # type: ignore[attr-defined]  # pyright: ignore
    return compile_contracts(Organisation("acme", central=ACCOUNT, envers=made, stages=[DEV, PROD]))


def everywhere(_repo: str, _branch: str) -> bool:
    return True


def in_shop(repo: str, _branch: str) -> bool:
    return repo == "acme/shop"


def labels(made: CloneSetNode) -> list[str]:
    return [f"{naming.enver_label(at)} on {one.branch}" for at, one in zip(made.addresses, made.clones, strict=True)]


def test_a_clone_is_of_one_enver(acme: Compiled) -> None:
    made, stays = wished_set(acme.graph, CloneWish("shop@main", "fix/1"), everywhere)
    assert labels(made) == [f"shop@main+{naming.slug('fix/1')} on fix/1"]
    assert not stays


def test_with_consumers_come_those_who_use_it_near_and_far_in_its_stage(acme: Compiled) -> None:
    made, stays = wished_set(acme.graph, CloneWish("shop@main", "fix", consumers=True), in_shop)
    assert labels(made) == [
        "shop@main+fix on fix",
        "kitchen@main+fix on main",
        "till@main+fix on main",
        "till@more+fix on more",
    ]
    assert not stays


def test_who_comes_along_in_a_later_stage_follows_what_its_origin_goes_back_to(acme: Compiled) -> None:
    made, _ = wished_set(acme.graph, CloneWish("shop@s..prod", "fix", consumers=True), in_shop)
    assert labels(made) == ["shop@s..prod+fix on fix", "kitchen@s..prod+fix on main"]


def test_who_runs_a_tag_stays() -> None:
    class Reader(CdkEnver, build=build("reader")):
        bus: Consumes[EventBus[str]]

    base = Base(on=Tag("v1"), at=DEV)
    tagged = Reader(on=Tag("v1"), at=DEV, bus=base.bus)
    graph = compile_contracts(Organisation("acme", central=ACCOUNT, envers=[base, tagged])).graph
    made, stays = wished_set(graph, CloneWish("base@t..v1", "fix", consumers=True), lambda repo, _: repo == "acme/base")
    assert labels(made) == ["base@t..v1+fix on fix"]
    assert list(stays) == [tagged.address]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (CloneWish("shop@main", "main"), "shop@main is on branch main itself"),
        (CloneWish("shop@main", "fix", name="main"), "shop@main is on branch fix itself"),
        (CloneWish("shop@main+old", "fix"), "shop@main+old is a clone itself"),
        (CloneWish("shop@main", "a..b"), "'a..b' is no name of a branch"),
        (CloneWish("shop@main", "fix", name="a/b"), "'a/b' cannot stand in a slot"),
    ],
)
def test_what_cannot_be_cloned_is_refused(acme: Compiled, wish: CloneWish, why: str) -> None:
    with pytest.raises(CloneRefused) as refused:
        wished_set(acme.graph, wish, everywhere)
    assert refused.value.fact == why
    assert refused.value.next_step


def test_a_clone_follows_what_its_origin_does_where_no_branch_is_named(acme: Compiled) -> None:
    made, _ = wished_set(acme.graph, CloneWish("shop@main", "", "cheap"), everywhere)
    assert made == CloneSetNode("cheap", (CloneNode("shop/b..main", "main"),))


@pytest.mark.parametrize("wish", [CloneWish("shops@main", "fix"), CloneWish("shop@main", "fix", also=("x@main",))])
def test_what_is_not_in_the_contracts_is_not_cloned(acme: Compiled, wish: CloneWish) -> None:
    with pytest.raises(EnverUnknown):
        wished_set(acme.graph, wish, everywhere)


def shared(acme: Compiled, *origins: str) -> ClonesChange:
    made = CloneSetNode("fix", tuple(CloneNode(naming.enver_address(one), "fix") for one in origins))
    return ClonesChange((made,), shared=tuple(shared_inputs(with_clones(acme, [made]).graph, made, acme.kinds)))


def test_data_is_not_written_to_together_unasked(acme: Compiled) -> None:
    change = shared(acme, "shop@main")
    assert [(one.name, one.writes_data) for one in change.shared] == [("bus", False), ("stock", True)]
    with pytest.raises(CloneRefused) as refused:
        refuse_shared_data(change)
    assert "shop@main+fix writes to base@main/stock" in refused.value.fact
    assert "--with base@main" in refused.value.next_step
    refuse_shared_data(shared(acme, "shop@main", "base@main"))
    refuse_shared_data(shared(acme, "till@main"))  # which reads


def test_only_those_who_are_asked_or_told_change_besides(acme: Compiled) -> None:
    made = CloneSetNode("fix", (CloneNode("shop/b..main", "fix"),))
    after = with_clones(acme, [made]).graph
    assert changed_by(acme.graph, after, set(made.addresses)) == []
    assert {one for one in after.envers if after.slice(one) != acme.graph.text._slices.get(one)} == {*made.addresses}  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [("shop@main+old", CloneRefused), ("shop@main", CloneRefused), ("shop@main+nothing", EnverUnknown)],
)
def test_only_what_was_made_on_demand_is_deleted(
    acme: Compiled, typed: str, refusal: type[CloneRefused | EnverUnknown]
) -> None:
    made = CloneSetNode("fix", (CloneNode("shop/b..main", "fix"), CloneNode("till/b..main", "fix")))
    kept = {made.address: made}
    assert ended_set(acme.graph, kept, "till@main+fix") == made
    with pytest.raises(refusal):
        ended_set(acme.graph, kept, typed)


def test_one_that_comes_along_may_follow_a_branch_of_its_own(acme: Compiled) -> None:
    wish = CloneWish("shop@main", "fix", follow=(("till@main", "other"),))
    assert labels(wished_set(acme.graph, wish, everywhere)[0]) == ["shop@main+fix on fix", "till@main+fix on other"]
    for branch in ("other", "a..b"):
        with pytest.raises(CloneRefused, match="has no branch"):
            wished_set(acme.graph, CloneWish("shop@main", "fix", follow=(("till@main", branch),)), in_shop)


def test_a_set_is_called_by_any_of_its_clones() -> None:
    known = {"till/b..main-_b..fix": "both", "shop/b..main-_b..fix": "both", "till/b..main-_b..other": "one"}
    assert [meant(one, known) for one in ("till@main+fix", "shop@main+fix", "till@main+other")] == [
        "both",
        "both",
        "one",
    ]
    with pytest.raises(EnverUnknown, match=r"there is no clone shop@main\+other"):
        meant("shop@main+other", known)
