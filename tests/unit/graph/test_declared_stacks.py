"""Names that apps give their stacks are one enver's, and a placeholder is no longer than what takes it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from odmd.errors import ContractsUnsound, Diagnostic
from odmd.graph import compile_contracts
from odmd.model import Account, Branch, CdkEnver, Consumes, Organisation, Produces, Stage, late, produced
from odmd.model.kinds import Text
from odmd.model.kinds.base import LONGEST_VALUE
from support.worlds import ACCOUNT, DEV, build, organisation

MAIN = Branch("main")
ELSEWHERE = Stage("far", ACCOUNT, "eu-west-1")
PROD = Stage("prod", Account("prod", "444455556666"), DEV.region)


class Orders(CdkEnver, build=build("orders")):
    pass


class Legacy(CdkEnver, build=build("legacy")):
    pass


def wrong(made: Organisation) -> Sequence[Diagnostic]:
    try:
        compile_contracts(made)
    except ContractsUnsound as unsound:
        return list(unsound.diagnostics())
    return []


@pytest.mark.parametrize("other", [{"stacks": ("a", "shop")}, {"stack": "shop--main"}, {}])
def test_one_stack_of_two_envers_is_found_in_either_order(other: dict[str, str]) -> None:
    theirs = ("shop",) if "stacks" in other else ("shop-data--main",) if other else ("orders-data--main", "x")
    for turned in (False, True):
        made = [Orders(on=MAIN, at=DEV, **other), Legacy(on=MAIN, at=DEV, stacks=theirs)]  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (found,) = wrong(organisation(*(reversed(made) if turned else made)))
        assert found.code == "ODMD049"
        assert f"both have stack {theirs[0]}" in found.fact
        assert {"orders@main", "legacy@main"} <= set(found.fact.replace(" both", "").split())
        assert found.place
        assert found.place.file == __file__


def test_two_envers_of_one_build_have_no_stack_in_common() -> None:
    first = Legacy(on=MAIN, at=DEV, stacks=("shop", "shop"))
    assert not wrong(organisation(first))
    (found,) = wrong(organisation(first, Legacy(on=Branch("next"), at=DEV, stacks=("shop",))))
    assert found.code == "ODMD049"


@pytest.mark.parametrize("at", [ELSEWHERE, PROD])
def test_elsewhere_a_stack_of_the_same_name_is_another_one(at: Stage) -> None:
    assert not wrong(organisation(Legacy(on=MAIN, at=DEV, stacks=("shop",)), Orders(on=MAIN, at=at, stacks=("shop",))))


def test_who_names_his_own_stacks_gives_away_the_names_that_he_would_have() -> None:
    renamed = Orders(on=MAIN, at=DEV, stacks=("shop",))
    assert not wrong(organisation(renamed, Legacy(on=MAIN, at=DEV, stacks=("orders-data--main",))))


def test_names_that_only_begin_alike_differ() -> None:
    kept = ("ordersette--main", "orders-data--next", "orders-data")
    assert not wrong(organisation(Orders(on=MAIN, at=DEV), Legacy(on=MAIN, at=DEV, stacks=kept)))


class One(CdkEnver, build=build("one")):
    inner: Consumes[Text] = late("the other one")
    outer: Produces[Text] = produced("this one")


class Two(CdkEnver, build=build("two")):
    inner: Consumes[Text]
    outer: Produces[Text] = produced("this one")


@pytest.mark.parametrize(("text", "size"), [("x" * LONGEST_VALUE, 0), ("é" * 2049, 4098)])
def test_a_placeholder_is_no_longer_than_a_value(text: str, size: int) -> None:
    one = One(on=MAIN, at=DEV)
    two = Two(on=MAIN, at=DEV, inner=one.outer)
    one.inner = two.outer.until(Text(text))
    found = wrong(organisation(one, two))
    if not size:
        assert not found
    else:
        assert [each.code for each in found] == ["ODMD021"]
        assert f"of {size} bytes" in found[0].fact
        assert "é" not in found[0].fact
        assert found[0].place
        assert found[0].place.file == __file__
