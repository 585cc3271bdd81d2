"""What does not fit where it is given says so at its line, without a type checker and without a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from odmd.errors import ContractsNotLoaded
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Installed,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Team,
)
from odmd.model.kinds import API_DOC, HostName, Table
from support.worlds import ACCOUNT, DEV, build

anything: Callable[[object], Any] = lambda given: given  # noqa: E731  # what a type checker would refuse


class Shop(CdkEnver, build=build("shop")):
    table: Produces[Table[str]]
    replicas: int = 1


class Web(CdkEnver, build=build("web")):
    table: Consumes[Table[str]]


class Homeless(CdkEnver):
    host: Produces[HostName]


MAIN = Branch("main")
MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    "a text as revision": (
        lambda: Shop(on=anything("main"), at=DEV),
        "Shop takes Branch or Tag or Promoted or AsInstalled as on",
    ),
    "a text as stage": (lambda: Shop(on=MAIN, at=anything("dev")), "Shop takes Stage as at, not 'dev'"),
    "no stage": (lambda: anything(Shop)(on=MAIN), "Shop needs at"),
    "a field of one's own": (lambda: Shop(on=MAIN, at=DEV, replicas=anything("two")), "takes int as replicas"),
    "a text as product": (lambda: Web(on=MAIN, at=DEV, table=anything("orders")), "takes the product of an enver"),
    "an enver as product": (lambda: Web(on=MAIN, at=DEV, table=anything(Shop(on=MAIN, at=DEV))), "<Shop shop@main>"),
    "no build": (lambda: Homeless(on=MAIN, at=DEV), "Homeless belongs to no build"),
    "a text as build": (lambda: type("Odd", (CdkEnver,), {}, build="odd")(on=MAIN, at=DEV), "Odd belongs to no build"),
    "nothing that it is made of": (lambda: Build("shop"), "build shop has neither a repo nor a source"),
    "a repo and a package": (
        lambda: Build("shop", Repo("acme/shop", Team("one")), source=Installed("acme_shop", Team("one"))),
        "build shop has both a repo and a source",
    ),
    "a text as repo": (lambda: Build("shop", anything("acme/shop")), "Build takes Repo or None as repo"),
    "a text as team": (lambda: Repo("acme/shop", anything("baristas")), "Repo takes Team as team"),
    "a number as account": (lambda: Account("dev", anything(111122223333)), "Account takes str as id"),
    "a text as account": (lambda: Stage("dev", anything("1"), "us-west-1"), "Stage takes Account as account"),
    "a number as branch": (lambda: Branch(anything(1)), "Branch takes str as name"),
    "a text as origin": (lambda: Promoted(anything("shop")), "Promoted takes Enver as after"),
    "a text as approver": (
        lambda: Promoted(Shop(on=MAIN, at=DEV), anything("ops")),
        "Approval or None as by",
    ),
    "a class as enver": (lambda: Organisation("x", central=ACCOUNT, envers=[anything(Shop)]), "takes Enver as envers"),
    "a number as envers": (lambda: Organisation("x", central=ACCOUNT, envers=anything(1)), "takes Iterable as envers"),
    "a child of another": (lambda: anything(Shop(on=MAIN, at=DEV).table).child(API_DOC), "comes with a HttpApi"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_misfit_is_refused_at_its_line(mistake: str) -> None:
    make, says = MISTAKES[mistake]
    with pytest.raises(ContractsNotLoaded) as refused:
        make()
    assert says in refused.value.fact
    assert refused.value.place is not None
    assert refused.value.place.file == __file__
    assert refused.value.next_step


def test_what_fits_is_taken() -> None:
    shop = Shop(on=MAIN, at=DEV, replicas=2)
    assert Web(on=Promoted(shop, by=Team("ops")), at=DEV, table=shop.table).table.producer is shop.table
