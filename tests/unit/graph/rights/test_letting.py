"""Whom products let in themselves: those that wires lead to, with what the wires say, and nobody else."""

from __future__ import annotations

import json
from typing import Any, cast

from hypothesis import given, reject, settings
from hypothesis import strategies as st
from shops import NAMES, REFS, compiled

from odmd.agent.document import run_document
from odmd.control.scheduler.runs import Run, RunMode
from odmd.errors import ContractsUnsound
from odmd.graph import Compiled, EnverNode
from odmd.graph.clones import with_clones
from odmd.graph.nodes import CloneNode, CloneSetNode
from odmd.graph.rights.letting import PRINCIPAL, Admission, let_in, told
from odmd.graph.rights.statements import is_like
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
    Produces,
    Promoted,
    Repo,
    Stage,
    Team,
    consumed,
    naming,
    produced,
)
from odmd.model.access import Access
from odmd.model.kinds import EventBus, HostName, Kind, Queue, Topic
from odmd.plan import Fingerprint
from support.soak import examples

STAGES = [Stage(f"stage{n}", Account(f"account{n}", f"11112222333{n}"), "eu-west-1") for n in range(2)]
TEAM = Team("platform")
ACTIONS = {  # kind → what its own policy lets readers, writers, and the stacks of readers do, first of all
    EventBus: ("", "events:PutEvents", "events:PutRule"),
    Queue: ("sqs:ReceiveMessage", "sqs:SendMessage", ""),
    Topic: ("sns:GetTopicAttributes", "sns:Publish", "sns:Subscribe"),
    HostName: ("", "", ""),
}


def maker(kind: type[Kind], *, tells: bool = True) -> Any:
    class Maker(CdkEnver, build=Build("maker", Repo("acme/maker", TEAM))):
        thing: Produces[kind] = produced("what there is", external=True, tells_consumers=tells)  # type: ignore[valid-type]

    return Maker


def client(name: str, kind: type[Kind], access: Access) -> Any:
    class Client(CdkEnver, build=Build(name, Repo(f"acme/{name}", TEAM))):
        theirs: Consumes[kind] = consumed("what there is", access=access)  # type: ignore[valid-type]

    return Client


@st.composite
def organisations(draw: st.DrawFn) -> tuple[Compiled, type[Kind]]:
    """A thing of some kind, and clients of similar names in two accounts; some are promoted, cloned, or do not ask."""
    kind: Any = draw(st.sampled_from([*ACTIONS]))
    made = maker(kind)(on=Branch("main"), at=STAGES[0])
    envers: list[Enver] = [made]
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique_by=str.lower)):
        access = draw(st.sampled_from((READ, WRITE, READ_WRITE) if kind is not HostName else (READ,)))
        cls, place = client(name, kind, access), draw(st.sampled_from(STAGES))
        branches = draw(st.lists(st.sampled_from(REFS), min_size=1, max_size=2, unique=True))
        envers += [cls(on=Branch(branch), at=place, theirs=made.thing) for branch in branches]
        if draw(st.booleans()):
            envers.append(cls(on=Promoted(cast("Any", envers[-1])), at=STAGES[1], theirs=made.thing))
        if draw(st.booleans()):
            envers.append(cast("Any", envers[1]).clone(Branch("fix-1")))
    try:
        return compiled(*{one.address: one for one in envers}.values()), kind
    except ContractsUnsound:  # two stacks of one name
        return reject()


def lets(found: list[Admission], role: str, action: str) -> bool:
    """Whether some of it lets a role do something, wherever the role is."""
    return any(is_like(action, one.statement.actions) and is_like(role, one.roles) for one in found)


def role(enver: EnverNode) -> str:
    """As CloudFormation calls the role of a function of an enver."""
    return f"arn:aws:iam::{enver.account}:role/{enver.stack_name}-HandlerServiceRole-ABC"


def stacks_role(enver: EnverNode) -> str:
    name = naming.role_name("exec", enver.build, _class(enver), enver.region)
    return f"arn:aws:iam::{enver.account}:role/{name}"


def _class(enver: EnverNode) -> str:
    return "clone" if enver.origin else enver.revision.partition(":")[0]


@settings(max_examples=examples(80))
@given(organisations())
def test_whom_a_product_lets_in_is_who_consumes_it_with_what_the_wires_say(made: tuple[Compiled, type[Kind]]) -> None:
    contracts, kind = made
    found, (reads, writes, hears) = list(let_in(contracts.graph, contracts.kinds)), ACTIONS[cast("Any", kind)]
    envers = [one for one in contracts.graph.envers.values() if one.build != "maker"]
    by_class = {(stacks_role(one), wire.access) for one in envers for wire in one.wires}
    for one in envers:
        accesses = {Access(wire.access) for wire in one.wires}
        for action, has in ((reads, {READ, READ_WRITE}), (writes, {WRITE, READ_WRITE})):
            assert not action or lets(found, role(one), action) is bool(accesses & has)
        hear = any((stacks_role(one), access) in by_class for access in (READ, READ_WRITE))
        assert not hears or lets(found, stacks_role(one), hears) is hear
        assert not writes or lets(found, stacks_role(one), writes) is False
    for let in found:
        assert let.principal in {f"arn:aws:iam::{one.account}:root" for one in envers}
        assert let.statement.place is not None
        assert let.consumer.enver in {wire.consumer for wire in contracts.graph.consumers(let.product)}
    assert kind is not HostName or not found


@settings(max_examples=examples(40))
@given(organisations())
def test_apps_are_told_the_same_in_statements_that_name_nobody_else(made: tuple[Compiled, type[Kind]]) -> None:
    contracts, _ = made
    maker_ = contracts.graph.envers["maker/b..main"]
    (product,) = maker_.products
    by_wires = {
        (one.consumer.enver, one.statement.actions, one.roles) for one in let_in(contracts.graph, contracts.kinds)
    }
    assert by_wires == {
        (one.consumer.enver, one.statement.actions, one.roles) for one in told(maker_, product, contracts.kinds)
    }
    statements = document(contracts)
    assert len({one["Sid"] for one in statements}) == len(statements)
    said = json.dumps([one["Principal"] for one in statements])
    assert '"*"' not in said
    patterns = {text for one in statements for text in _listed(one["Condition"]["ArnLike"][PRINCIPAL])}
    assert patterns == {text for _, _, roles in by_wires for text in roles}


def document(contracts: Compiled) -> list[Any]:
    """What the maker's app is told."""
    run = Run(1, "maker/b..main", Fingerprint("c", "s", ()), (), RunMode.FULL, (), (), 0.0)
    node = contracts.graph.envers["maker/b..main"]
    return list(run_document(run, node, {}, "", kinds=contracts.kinds).products["thing"].lets_in)


def _listed(said: Any) -> list[str]:
    return [said] if isinstance(said, str) else said


def two(*, tells: bool) -> Compiled:
    made = maker(Queue, tells=tells)(on=Branch("main"), at=STAGES[0])
    return compiled(made, client("bar", Queue, WRITE)(on=Branch("main"), at=STAGES[1], theirs=made.thing))


def test_a_clone_is_let_in_as_if_the_text_had_it() -> None:
    cloned = with_clones(two(tells=True), [CloneSetNode("fix", (CloneNode("bar/b..main", "fix"),))])
    (statement,) = document(cloned)
    roles = _listed(statement["Condition"]["ArnLike"][PRINCIPAL])
    clone = cloned.graph.envers["bar/b..main-_b..fix"]
    assert is_like(role(clone), roles)
    assert cloned.graph.slice("maker/b..main") == cloned.graph.envers["maker/b..main"].slice()


def test_who_is_far_and_cannot_be_let_in_is_a_warning() -> None:
    (warning,) = [one for one in two(tells=False).warnings if one.code == "ODMD177"]
    assert warning.fact.startswith("bar@main writes `thing` of maker@main from another account")
    assert "tells_consumers=True" in warning.next_step
    assert not [one for one in two(tells=True).warnings if one.code == "ODMD177"]
    assert document(two(tells=False)) == []
