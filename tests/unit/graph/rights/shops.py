"""Organisations whose builds have names that could be read as each other's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from odmd.errors import ContractsUnsound
from odmd.graph import Compiled, compile_contracts
from odmd.graph.rights.derive import bootstraps
from odmd.graph.rights.roles import AccountRoles, Trusts
from odmd.model import (
    READ,
    READ_WRITE,
    WRITE,
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Enver,
    Organisation,
    Permission,
    Produces,
    Promoted,
    Repo,
    Stage,
    Tag,
    Team,
    consumed,
    produced,
)
from odmd.model.access import Access
from odmd.model.kinds import Table

NAMES = ("kitchen", "kitchen-data", "kitchen-main", "kitchen_data", "Kitchen", "kit", "bar")
REFS = ("main", "data-main", "feature/x", "t--v1")
ACCOUNT = "111122223333"
DEV, PROD = Stage("dev", Account("dev", ACCOUNT), "eu-west-1"), Stage("prod", Account("dev", ACCOUNT), "eu-west-1")


@dataclass
class Item:
    id: str


def shop(name: str, *may: Permission) -> Any:
    """A service that has a table."""

    class Shop(CdkEnver, build=Build(name, Repo(f"acme/{name}", Team("platform")), may=may)):
        table: Produces[Table[Item]] = produced("what there is", external=True)

    return Shop


def client(name: str, access: Access) -> Any:
    """A service that uses the table of another, and has one itself."""

    class Client(CdkEnver, build=Build(name, Repo(f"acme/{name}", Team("platform")))):
        theirs: Consumes[Table[Item]] = consumed("what there is", access=access)
        table: Produces[Table[Item]] = produced("what it has", external=True)

    return Client


def compiled(*envers: Enver) -> Compiled:
    return compile_contracts(Organisation("acme", central=DEV.account, envers=envers))


def bootstrap(contracts: Compiled, trusts: Trusts | None = None) -> AccountRoles:
    """What the one account is to have."""
    (found,) = bootstraps(contracts.graph, contracts.kinds, trusts or Trusts()).values()
    return found


@st.composite
def organisations(draw: st.DrawFn) -> Compiled:
    """Some builds of similar names, on branches, tags, promoted and cloned; the later ones use tables of the first."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique_by=str.lower))
    envers, first = list[Enver](), dict[str, Any]()
    for name in names:
        uses = draw(st.sampled_from((None, READ, WRITE, READ_WRITE))) if first else None
        cls: Any = shop(name) if uses is None else client(name, uses)
        given: dict[str, Any] = {} if uses is None else {"theirs": first[names[0]].table}
        branches = draw(st.lists(st.sampled_from(REFS), min_size=1, max_size=2, unique=True))
        made = [cls(on=Branch(one), at=DEV, **given) for one in branches]
        first.setdefault(name, made[0])
        if draw(st.booleans()):
            made.append(cls(on=Promoted(made[0]), at=PROD, **given))
        if draw(st.booleans()) and not given:
            made.append(cls(on=Tag("v1.2.0"), at=DEV))
        if draw(st.booleans()):
            made.append(made[0].clone(Branch("fix-1")))
        envers += made
    try:
        return compiled(*envers)
    except ContractsUnsound:  # two stacks of one name
        return reject()
