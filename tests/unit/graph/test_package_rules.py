"""What the contracts may say of packages, and what an enver publishes of its own source."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from odmd.errors import ContractsUnsound
from odmd.graph import EnverNode, compile_contracts
from odmd.graph.built import PackageNode
from odmd.model import (
    Account,
    Branch,
    Build,
    CommandEnver,
    Consumes,
    ContractsEnver,
    Enver,
    NpmEnver,
    Organisation,
    Produces,
    Promoted,
    PythonPackageEnver,
    Repo,
    Revision,
    Stage,
    Tag,
    Team,
    produced,
)
from odmd.model.kinds import NpmPackage, PythonPackage

TEAM, ACCOUNT = Team("baristas"), Account("dev", "111111111111")
DEV, PROD = Stage("dev", ACCOUNT, "eu-west-1"), Stage("prod", ACCOUNT, "eu-west-1")
MAIN = Branch("main")
NPM, PYPI = "https://npm.acme.dev/", "https://pypi.acme.dev/"
GITHUB = "https://npm.pkg.github.com"


class Orders(NpmEnver, build=Build("orders", Repo("Acme/orders", TEAM))):
    package: Produces[NpmPackage] = produced("what can be ordered", external=True)


class Menu(PythonPackageEnver, build=Build("menu", Repo("acme/menu", TEAM))):
    package: Produces[PythonPackage] = produced("what there is", external=True)


class WrongMenu(PythonPackageEnver, build=Build("menu", Repo("acme/menu", TEAM))):
    package: Produces[NpmPackage] = produced("what there is", external=True)


class WrongOrders(NpmEnver, build=Build("orders", Repo("acme/orders", TEAM))):
    package: Produces[PythonPackage] = produced("what can be ordered", external=True)


class OrdersAgain(NpmEnver, build=Build("orders-again", Repo("acme/orders", TEAM))):
    package: Produces[NpmPackage] = produced("what can be ordered", external=True)


class Till(CommandEnver, build=Build("till", Repo("acme/till", TEAM))):
    orders: Consumes[NpmPackage]
    menu: Consumes[PythonPackage]


def orders(
    on: Revision = MAIN, at: Stage = DEV, name: str = "@acme/orders", registry: str = NPM, **more: bool
) -> Orders:
    return Orders(on=on, at=at, package_name=name, registry=registry, **more)


def menu(on: Revision = MAIN, distribution: str = "acme-menu", index: str = PYPI, upload: str = PYPI) -> Menu:
    return Menu(on=on, at=DEV, distribution=distribution, index=index, upload=upload)


def compiled(*envers: Enver) -> dict[str, EnverNode]:
    return dict(compile_contracts(Organisation("acme", central=ACCOUNT, envers=envers)).graph.envers)


def codes(*envers: Enver) -> set[str]:
    try:
        compiled(*envers)
    except ContractsUnsound as unsound:
        return {one.code for one in unsound.diagnostics()}
    return set()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: [orders(name="")], "ODMD055"),
        (lambda: [orders(name="Orders")], "ODMD055"),
        (lambda: [orders(name="@acme/")], "ODMD055"),
        (lambda: [orders(name="../orders")], "ODMD055"),
        (lambda: [orders(name=f"@acme/{'x' * 250}")], "ODMD055"),
        (lambda: [orders(registry="")], "ODMD055"),
        (lambda: [orders(registry="http://npm.acme.dev/")], "ODMD055"),
        (lambda: [orders(registry="https://me:secret@npm.acme.dev/")], "ODMD055"),
        (lambda: [menu(distribution="acme menu")], "ODMD055"),
        (lambda: [menu(upload="")], "ODMD055"),
        (lambda: [WrongMenu(on=MAIN, at=DEV, distribution="acme-menu", index=PYPI, upload=PYPI)], "ODMD056"),
        (lambda: [WrongOrders(on=MAIN, at=DEV, package_name="@acme/orders", registry=NPM)], "ODMD056"),
        (
            lambda: [orders(), OrdersAgain(on=MAIN, at=DEV, package_name="@acme/orders", registry=NPM)],
            "ODMD057",
        ),
        (lambda: [orders(registry=GITHUB, name="orders")], "ODMD065"),
        (lambda: [orders(registry=GITHUB, name="@other/orders")], "ODMD065"),
    ],
)
def test_a_package_that_cannot_be_published_so_is_found(make: Callable[[], list[Enver]], code: str) -> None:
    assert codes(*make()) == {code}


def test_what_can_be_published_is_fine() -> None:
    again = OrdersAgain(on=MAIN, at=DEV, package_name="@acme/or-ders", registry=NPM)
    assert codes(orders(name="@acme/or.ders"), again, menu()) == set(), "npm tells these names apart"
    assert codes(orders(registry=GITHUB)) == set(), "its owner is acme, however it is written"
    assert codes(Orders(on=MAIN, at=DEV)) == set(), "published otherwise"


def released(enver: Enver, *others: Enver) -> bool:
    return compiled(*others, enver)[enver.address].built_as(PackageNode).releases


def test_tags_promoted_envers_and_main_release_and_other_branches_do_not_unless_they_say_so() -> None:
    main = orders()
    assert released(main)
    assert released(orders(on=Tag("v1.0.0")))
    assert released(orders(on=Promoted(main), at=PROD), main)
    assert not released(orders(on=Branch("develop")))
    assert released(orders(on=Branch("develop"), releases=True))
    assert not released(orders(releases=False))
    assert not released(menu(on=Branch("fix-1")))


def test_a_clone_never_releases_as_its_origin_may() -> None:
    origin = orders(releases=True)
    assert not released(origin.clone(Branch("fix-1")), origin)


def test_who_consumes_a_package_knows_where_it_is() -> None:
    one, other = orders(), menu()
    till = Till(on=MAIN, at=DEV, orders=one.package, menu=other.package, commands=("./build",))
    assert {wire.name: wire.registry for wire in compiled(one, other, till)["till/b..main"].wires} == {
        "orders": NPM,
        "menu": PYPI,
    }


def test_what_came_later_is_no_part_of_a_slice_that_says_nothing_of_it() -> None:
    """Digests are kept over releases: an enver whose slice is another one runs again."""

    class Contracts(ContractsEnver, build=Build("contracts", Repo("acme/contracts", TEAM))):
        package: Produces[PythonPackage] = produced("what services install", external=True)

    made = Contracts(on=MAIN, at=DEV, distribution="acme-contracts", entry_point="acme:acme", index=PYPI, upload=PYPI)
    package = compiled(made)["contracts/b..main"].built_as(PackageNode)
    assert list(package.in_slice()) == [("acme-contracts", "acme:acme", PYPI, PYPI)]
    assert compiled(orders())["orders/b..main"].slice() != compiled(orders(releases=False))["orders/b..main"].slice()
    assert (
        compiled(orders())["orders/b..main"].slice() != compiled(orders(install_scripts=True))["orders/b..main"].slice()
    )
