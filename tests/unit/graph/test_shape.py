"""What whoever installs contracts relies on, and what breaks it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from odmd.graph import compile_contracts, load_organisation
from odmd.graph.difference import edition
from odmd.graph.shape import Shape, breaks, shape

CONTRACTS = '''
from dataclasses import dataclass
from odmd.model import *
from odmd.model.kinds import EventBus, Text, TextKind, Queue, Website

team, account = Team("platform"), Account("dev", "111122223333")
dev, test = Stage("dev", account, "us-west-1"), Stage("test", account, "us-west-1")

class Name(Text):
    """A name."""

class Nickname(Name):
    """A short one."""

@dataclass(frozen=True)
class Order:
    id: str
    item: str

class Shop(CdkEnver, build=Build("shop", Repo("acme/shop", team))):
    bus: Produces[EventBus[Order]] = produced("orders")
    title: Produces[Name] = produced("what it is called", external=True)

class Kitchen(CdkEnver, build=Build("kitchen", Repo("acme/kitchen", team))):
    orders: Consumes[EventBus[Order]] = consumed("what to make")

class Till(CdkEnver, build=Build("till", Repo("acme/till", team))):
    orders: Consumes[EventBus[Order]] = consumed("where to order", access=WRITE)

main = Branch("main")
shop = Shop(on=main, at=dev)
kitchen = Kitchen(on=main, at=dev, orders=shop.bus)
till = Till(on=main, at=dev, orders=shop.bus)
acme = Organisation("acme", central=account, envers=[shop, kitchen, till])
'''
ORDERS = '    orders: Consumes[EventBus[Order]] = consumed("what to make")\n'
TILL = "till = Till(on=main, at=dev, orders=shop.bus)\n"
WITHOUT_TILL = CONTRACTS.replace(TILL, "").replace(", till]", "]")


def shape_of(folder: Path, contracts: str, name: str) -> Shape:
    (folder / name).mkdir()
    (folder / name / "contracts.py").write_text(contracts)
    loaded = load_organisation(f"{folder / name / 'contracts.py'}:acme", folder)
    return shape(edition(compile_contracts(loaded.organisation, loaded.declared)))


def broken(folder: Path, before: str, after: str) -> Sequence[str]:
    return breaks(shape_of(folder, before, "before"), shape_of(folder, after, "after"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", []),
        ("    item: str\n", "    item: str\n    note: str = ''\n", []),
        ('Branch("main")', 'Branch("next")', []),
        ("at=dev", "at=test", []),
        ("Produces[Name]", "Produces[Nickname]", []),
        ("Produces[Name]", "Produces[Website]", ["Shop.title is Website, and was Name"]),
        ('    title: Produces[Name] = produced("what it is called", external=True)\n', "", ["Shop.title is gone"]),
        ("Kitchen", "Bakery", ["Kitchen is gone"]),
        (ORDERS, "    orders_in: Consumes[EventBus[Order]]\n", ["Kitchen.orders is no input any more"]),
        ("access=WRITE", "access=READ", ["Till.orders may read, and might write"]),
        ("access=WRITE", "access=READ_WRITE", []),
    ],
)  # fmt: skip
def test_what_is_less_breaks_and_what_is_more_or_elsewhere_does_not(
    tmp_path: Path, old: str, new: str, said: list[str]
) -> None:
    after = CONTRACTS.replace(old, new)
    if "orders_in" in after:
        after = after.replace("at=dev, orders=shop.bus)\ntill", "at=dev, orders_in=shop.bus)\ntill")
    assert broken(tmp_path, CONTRACTS, after) == said


def test_a_field_that_is_gone_breaks_readers(tmp_path: Path) -> None:
    found = broken(tmp_path, WITHOUT_TILL, WITHOUT_TILL.replace("    item: str\n", ""))
    assert [one.partition(":")[0] for one in found] == ["Shop.bus, for its readers"]


def test_a_field_that_is_needed_from_now_on_breaks_writers_where_there_are_any(tmp_path: Path) -> None:
    needed = ("    item: str\n", "    item: str\n    table: int\n")
    found = broken(tmp_path, CONTRACTS, CONTRACTS.replace(*needed))
    assert [one.partition(":")[0] for one in found] == ["Shop.bus, for its writers"]
    (tmp_path / "alone").mkdir()
    assert broken(tmp_path / "alone", WITHOUT_TILL, WITHOUT_TILL.replace(*needed)) == []


def test_a_second_enver_of_a_class_is_no_part_of_it(tmp_path: Path) -> None:
    more = CONTRACTS.replace(TILL, f'{TILL}fix = shop.clone(Branch("fix-1"))\n').replace(", till]", ", till, fix]")
    assert broken(tmp_path, more, CONTRACTS) == []
    (tmp_path / "again").mkdir()
    assert broken(tmp_path / "again", CONTRACTS, more) == []
