"""What the policy of a product itself says at its producer's end: whom the wires let in, and to do what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from odmd.errors import Place
from odmd.graph.nodes import Consumer, EnverNode, Graph, ProductNode
from odmd.graph.rights.accesses import DOES, Grant, grant_of
from odmd.graph.rights.derive import role_in
from odmd.graph.rights.roles import EXEC
from odmd.graph.rights.scopes import Namer
from odmd.graph.rights.services import arn, iam_arn
from odmd.graph.rights.statements import Condition, Statement, is_like
from odmd.model import naming
from odmd.model.access import WRITE, Access
from odmd.model.kinds import Kind
from odmd.model.targets import Target

PRINCIPAL: Final = "aws:PrincipalArn"
_RULES: Final = "events"
"""The service in which what a stack does to hear of a thing is called after both."""


@dataclass(frozen=True, slots=True)
class Admission:
    """That a product lets in one consumer, or CloudFormation on its behalf."""

    product: str
    consumer: Consumer
    statement: Statement
    """In its resources, `{arn}` stands for the thing's ARN and `{name}` for its name."""

    @property
    def principal(self) -> str:
        """The account that the roles are of: those that are not there yet could not be named."""
        return iam_arn("root", Target(self.consumer.account, self.consumer.region))

    @property
    def roles(self) -> tuple[str, ...]:
        """Patterns of the ARNs of the roles that are let in."""
        return next(one.values for one in self.statement.conditions if one.key == PRINCIPAL)


def let_in(graph: Graph, kinds: Mapping[str, type[Kind]], products: Iterable[str] = ()) -> Iterator[Admission]:
    """Whom products let in by the contracts, wherever consumers live and whether or not apps are told of them: of all
    products, or of some. Each remembers its wire."""
    namer = Namer(graph)
    for address in products or graph.products:
        maker = graph.envers.get(naming.enver_of(address))
        if maker is None or not maker.type.has_stacks:
            continue
        for wire in graph.consumers(address):
            client = graph.envers[wire.consumer]
            roles = namer.of(client).resources
            consumer = Consumer(client.address, client.account, client.region, wire.access, roles)
            yield from _let_in(address, kinds.get(wire.kind, Kind), consumer, maker.target, wire.place)


def told(enver: EnverNode, product: ProductNode, kinds: Mapping[str, type[Kind]]) -> Sequence[Admission]:
    """The same of one product, as far as its enver is told."""
    if not product.lets_in:
        return ()
    kind = kinds.get(product.kind, Kind)
    return [let for one in product.told or () for let in _let_in(product.address, kind, one, enver.target, None)]


def _let_in(product: str, kind: type[Kind], consumer: Consumer, at: Target, place: Place | None) -> Iterator[Admission]:
    grant, access = grant_of(kind), Access(consumer.access)
    if grant is None or not grant.is_asked:
        return
    label, does = naming.enver_label(consumer.enver), DOES[access]
    why = f"{label} {does} {naming.product_label(product)}"
    home = Target(consumer.account, consumer.region)
    roles = tuple(iam_arn(f"role/{one}", home) for one in consumer.roles)
    build, _, slot = consumer.enver.partition("/")
    stacks = (iam_arn(f"role/{role_in(EXEC, build, slot, home.region)}", home),)
    hears = grant.wires_up if access is not WRITE else ()
    sides = ((grant.actions(access), roles, grant.called), (hears, stacks, _heard(grant, consumer, at)))
    for actions, who, called in sides:
        known = tuple(one for one in actions if is_like(one, grant.lets_in))
        if known and who:
            condition = Condition("ArnLike", PRINCIPAL, who)
            yield Admission(product, consumer, Statement(known, called, why, place, (condition,)))


def _heard(grant: Grant, consumer: Consumer, at: Target) -> tuple[str, ...]:
    """What its stacks touch: their own rules on a bus; else the thing."""
    if grant.service != _RULES:
        return grant.called
    return tuple(arn(_RULES, f"rule/{{name}}/{one}", at.region, at.account) for one in consumer.roles)


def documents(lets: Iterable[Admission]) -> Sequence[Mapping[str, object]]:
    """Statements as the thing's policy has them, as few as say the same, each with an id of its own."""
    joined = dict[tuple[str, Sequence[str], Sequence[str]], Admission]()
    for one in lets:
        key = one.principal, one.statement.actions, one.statement.resources
        joined[key] = _both(joined[key], one) if key in joined else one
    return [_document(one) for one in joined.values()]


def _both(one: Admission, other: Admission) -> Admission:
    who = tuple(dict.fromkeys((*one.roles, *other.roles)))
    return replace(one, statement=replace(one.statement, conditions=(Condition("ArnLike", PRINCIPAL, who),)))


def _document(let: Admission) -> Mapping[str, object]:
    said = dict(let.statement.document())
    if not let.statement.resources:
        del said["Resource"]
    what = f"{let.principal} {let.statement.actions} {let.statement.resources}"
    sid = f"Odmd{hashlib.sha256(what.encode()).hexdigest()[:16]}"
    return {"Sid": sid, "Principal": {"AWS": let.principal}, **said}
