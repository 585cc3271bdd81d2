"""The role chain: a repository's job, the role that it takes, the enver that this deploys, and its products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from odmd.graph.nodes import EnverNode, ProductNode, WireEdge
from odmd.graph.rights.derive import bootstraps, role_for
from odmd.graph.rights.letting import Admission, let_in
from odmd.graph.rights.roles import DEPLOY, EXEC, IamRole, Trusts
from odmd.graph.rights.scopes import class_of_slot
from odmd.graph.views.facts import Grouping, enver_node, group_order, label_of, wire_strand
from odmd.graph.views.names import kind_label, plural
from odmd.graph.views.scope import ViewScope
from odmd.graph.views.view import Edge, Form, Node, Scalar, Style, View
from odmd.model import naming
from odmd.model.access import READ, WRITE, Access
from odmd.model.kinds import Concern

_ACTS = {READ: ("reads", "read by"), WRITE: ("writes", "written by")}
_BOTH = ("reads and writes", "read and written by")
_REFS = {"branch": "refs/heads", "tag": "refs/tags"}


def iam(scope: ViewScope, grouping: Grouping | None = None) -> View:
    """Every arrow says who may act on what."""
    grouping = grouping or Grouping.ACCOUNT
    envers = list(scope.envers())
    nodes = [*_repos(envers, grouping), *_roles(envers, grouping, _derived(envers, scope))]
    nodes += [_enver(enver, scope, grouping) for enver in envers]
    touched = [(enver, product) for enver in envers for product in _touched(enver, scope)]
    lets = _lets([product for _, product in touched], scope)
    nodes += [_product(enver, product, grouping, lets.get(product.address, ())) for enver, product in touched]
    roles = {role_of(enver) for enver in envers}
    accesses = [_access(wire, scope) for wire in scope.wires()]
    marked = sum(edge.style is Style.MARKED for edge in accesses)
    counted = f"{plural(len(roles), 'role')} for {plural(len(envers), 'enver')}, {plural(len(accesses), 'grant')}"
    return View(
        name="iam",
        organisation=scope.graph.organisation,
        version=scope.graph.version,
        title=f"{scope.about}: {counted}" if scope.about else counted,
        nodes=nodes,
        edges=[*_chain(envers, scope), *accesses],
        notes=[f"{plural(marked, 'wire')} hand{'s' * (marked == 1)} over an identity"] if marked else [],
        form=Form.TREE,
        group=grouping,
        order=group_order(scope, grouping),
    )


def role_of(enver: EnverNode) -> str:
    """The role that deploys an enver: one for each build, account and class of revision."""
    return f"{enver.build}/{enver.account}/{class_of_slot(enver.slot)}"


def _repos(envers: Sequence[EnverNode], grouping: Grouping) -> Iterator[Node]:
    for repo, enver in {enver.repo: enver for enver in reversed(envers)}.items():
        group = enver.team if grouping is Grouping.TEAM else "repositories"
        yield Node(_repo_id(repo), repo, "repo", group, (enver.team,), {"team": enver.team})


def _derived(envers: Sequence[EnverNode], scope: ViewScope) -> Mapping[str, IamRole]:
    """The roles that `odmd bootstrap` makes for them, by name."""
    builds = {enver.build for enver in envers if enver.build in scope.graph.builds}
    made = bootstraps(scope.graph, scope.kinds, Trusts(), builds)
    return {name: role for one in made.values() for name, role in one.roles().items()}


def _rights(deployed: Sequence[EnverNode], derived: Mapping[str, IamRole]) -> dict[str, Scalar]:
    """The names of roles in IAM, and what they may do, each statement with its reason."""
    names = dict.fromkeys(role_for(what, enver) for enver in deployed for what in (DEPLOY, EXEC))
    found = [derived[name] for name in names if name in derived]
    if not found:
        return {}
    said = dict.fromkeys(f"{one.why}: {', '.join(one.actions)}" for role in found for one in role.statements)
    return {"roles": ", ".join(role.name for role in found), "may": "; ".join(said)}


def _roles(envers: Sequence[EnverNode], grouping: Grouping, derived: Mapping[str, IamRole]) -> Iterator[Node]:
    members: dict[str, list[EnverNode]] = {}
    for enver in envers:
        members.setdefault(role_of(enver), []).append(enver)
    for role, deployed in members.items():
        one = deployed[0]
        kind = class_of_slot(one.slot)
        trusts = ", ".join(dict.fromkeys(_subject(enver) for enver in deployed))
        attributes: dict[str, Scalar] = {
            "build": one.build,
            "account": one.account,
            "revision_class": kind,
            "trusts": trusts,
        }
        attributes |= _rights(deployed, derived)
        label = f"{one.build} role for {_CLASSES.get(kind, kind)}"
        notes = (one.account, *_refs(deployed))
        yield Node(_role_id(role), label, "role", grouping.of(one), notes, attributes, parent=_repo_id(one.repo))


_CLASSES = {"branch": "branches", "tag": "tags", "promoted": "promotions", "clone": "clones"}


def _refs(deployed: Sequence[EnverNode]) -> Sequence[str]:
    """From which branches or tags the role can be taken."""
    names = dict.fromkeys(
        one.revision.partition(":")[2] for one in deployed if not one.revision.startswith("promoted:")
    )
    return [f"from {label_of(list(names))}"] if names else []


def _subject(enver: EnverNode) -> str:
    """Whose token GitHub signs for a job of the enver's revision, as far as the revision tells."""
    if naming.is_package(enver.repo):
        return f"no jobs: {enver.repo} is a package"
    kind, _, name = enver.revision.partition(":")
    return f"repo:{enver.repo}:ref:{_REFS[kind]}/{name}" if kind in _REFS else f"repo:{enver.repo}"


def _enver(enver: EnverNode, scope: ViewScope, grouping: Grouping) -> Node:
    whole = enver_node(enver, scope, grouping)
    stacks = enver.stack_name if enver.type.has_stacks else None
    notes = (f"stack {stacks}" if stacks else enver.build_type, enver.stage)
    attributes = {**whole.attributes, "stack": stacks}
    return replace(whole, notes=notes, attributes=attributes, outlets=(), parent=_role_id(role_of(enver)))


def _touched(enver: EnverNode, scope: ViewScope) -> Iterator[ProductNode]:
    """Products that somebody in the picture consumes."""
    for product in enver.products:
        if any(scope.shows(wire.consumer) for wire in scope.graph.consumers(product.address)):
            yield product


def _lets(products: Sequence[ProductNode], scope: ViewScope) -> Mapping[str, Sequence[Admission]]:
    """Whom each product lets in itself."""
    found = dict[str, list[Admission]]()
    for one in let_in(scope.graph, scope.kinds, [product.address for product in products]) if products else ():
        found.setdefault(one.product, []).append(one)
    return found


def _product(enver: EnverNode, product: ProductNode, grouping: Grouping, lets: Sequence[Admission]) -> Node:
    label, kind = f"{enver.label}/{product.name}", kind_label(product.kind)
    said = [f"{one.statement.why}: {', '.join(one.statement.actions)} by {', '.join(one.roles)}" for one in lets]
    attributes: dict[str, Scalar] = {"kind": product.kind, "about": product.about or None}
    attributes |= {"lets_in": "; ".join(said)} if said else {}
    return Node(product.address, label, "product", grouping.of(enver), (kind,), attributes, parent=enver.address)


def _chain(envers: Sequence[EnverNode], scope: ViewScope) -> Iterator[Edge]:
    for role, enver in {role_of(enver): enver for enver in envers}.items():
        yield Edge(_repo_id(enver.repo), _role_id(role), "assumes", "jobs may take (OIDC)", passive="taken by jobs of")
    for enver in envers:
        yield Edge(_role_id(role_of(enver)), enver.address, "deploys", "deploys", passive="deployed by")
        yield from (
            Edge(enver.address, one.address, "makes", "makes", passive="made by") for one in _touched(enver, scope)
        )


def _access(wire: WireEdge, scope: ViewScope) -> Edge:
    acts, passive = _ACTS.get(Access(wire.access), _BOTH)
    is_identity = scope.concern(wire) is Concern.IDENTITY
    strand = wire_strand(wire, scope)
    attributes = {**strand.attributes, "concern": str(scope.concern(wire))}
    what = " (identity)" if is_identity else ""
    style = Style.MARKED if is_identity else Style.PLAIN
    ends = wire.consumer, wire.product
    return Edge(*ends, "access", acts + what, style, attributes, (strand,), passive=passive + what)


def _repo_id(repo: str) -> str:
    return f"repo:{repo}"


def _role_id(role: str) -> str:
    return f"role:{role}"
