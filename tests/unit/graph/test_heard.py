"""What another process tells of contracts: the same contracts, or nothing that is believed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from odmd.control.leading.editions import encode_edition
from odmd.errors import ContractsNotBelieved
from odmd.graph import compile_contracts
from odmd.graph.away import Said
from odmd.graph.difference import edition
from odmd.graph.heard import believed
from odmd.graph.told import hear, tell
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import EventBus, Handover, TextKind, UrlKind

TEAM = Team("kitchen")
DEV = Stage("dev", Account("dev", "111122223333"), "eu-west-1")
PROD = Stage("prod", Account("prod", "444455556666"), "eu-west-1")


class Name(TextKind):
    pattern = r"[a-z]+"
    handover = Handover.NONE


class Login(UrlKind, Name):
    sensitive = True


class Orders(CdkEnver, build=Build("orders", Repo("acme/orders", TEAM))):
    bus: Produces[EventBus[str]] = produced("what happens", external=True)
    sort: Produces[Login] = produced("its sort")


class Tickets(CdkEnver, build=Build("tickets", Repo("acme/tickets", TEAM))):
    sort: Consumes[Name] = consumed("whose tickets")


ORDERS = Orders(on=Branch("main"), at=DEV)
TICKETS = Tickets(on=Branch("main"), at=DEV)
TICKETS.sort = ORDERS.sort
LATER = Orders(on=Promoted(after=ORDERS), at=PROD)
ACME = Organisation("acme", central=DEV.account, envers=[TICKETS, ORDERS, LATER], stages=[DEV, PROD])
HERE = compile_contracts(ACME)
TOLD = tell(HERE, HERE.warnings, edition(HERE).documents)


def read(kind: str, text: str) -> Said:
    return Said(f"{kind} read {text}", "same", "used")


def test_they_are_the_same_contracts_with_their_order_digest_and_lineage() -> None:
    there = believed(hear(TOLD), read)
    assert there.graph == HERE.graph
    assert list(there.graph.envers) == list(HERE.graph.envers)
    assert encode_edition(edition(there)) == encode_edition(edition(HERE))
    assert list(there.warnings) == list(HERE.warnings)


def test_their_kinds_have_their_facts_and_ask_for_values() -> None:
    kinds = believed(hear(TOLD), read).kinds
    kind = kinds[f"{__name__}:Login"]
    assert issubclass(kind, UrlKind)
    assert (kind.handover, kind.sensitive, kind.__name__) == (Handover.NONE, True, "Login")
    value = kind.parse("x")
    assert (value.text(), value.identity(), value.consumed(), value.shown()) == (
        f"{__name__}:Login read x",
        "same",
        "used",
        "•••",
    )
    assert kinds["odmd.model.kinds:EventBus"] is EventBus


def test_unsound_ones_are_told_of_as_they_are() -> None:
    found = [replace(one) for one in HERE.warnings]
    told = json.loads(tell(HERE, found, {}))
    told["found"] = [{"code": "ODMD014", "fact": "wrong", "place": None, "next_step": "", "severity": "error"}]
    there = believed(hear(json.dumps(told).encode()), read)
    assert there.graph.envers.keys() == HERE.graph.envers.keys()
    assert [one.fact for one in there.warnings] == ["wrong"]


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ("node.update(address='../../etc', slot='../etc', build='..')", "is no address"),
        ("node.update(account='999')", "12 digits"),
        ("node.update(repo='-oProxyCommand=x')", "is not where it says"),
        ("node.update(folder='../..')", "is not where it says"),
        ("node.update(revision='branch:--upload-pack=x')", "follows"),
        ("node.update(revision='promoted:orders/b..main')", "follows"),
        ("node.update(built={'stack': '--', 'stacks': []})", "stack name"),
        ("node.update(built={'commands': ['true'], 'remove': '', 'minutes': 1, 'network': False})", "is not built"),
        ("node['products'][0].update(name='../../x')", "is no product"),
        ("node['products'][0].update(kind='os:system')", "is no product"),
        ("told['used'].append('odmd.model.kinds:parse')", "a kind"),
        ("told['kinds'].append(dict(told['kinds'][0], name='odmd.model.kinds:EventBus'))", "there can be no kind"),
        ("told['kinds'][0].update(bases=['test_heard:Login'])", "a kind"),
        ("told['nodes'].append(node)", "listed twice"),
        ("told['central_account'] = 'x'", "12 digits"),
        ("told.update(organisation='a\\0b')", "zero byte"),
    ],
)
def test_a_graph_that_lies_is_not_believed(lie: str, why: str) -> None:
    told = json.loads(TOLD)
    node = next(one for one in told["nodes"] if one["address"] == "orders/b..main")
    exec(lie, {"told": told, "node": node})
    with pytest.raises(ContractsNotBelieved, match=why):
        believed(hear(json.dumps(told).encode()), read)
