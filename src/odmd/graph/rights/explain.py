"""Why a role may do something, or what would let it: by the lines of the contracts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from odmd.errors import RoleUnknown
from odmd.graph.nodes import Graph
from odmd.graph.rights.letting import Admission, let_in
from odmd.graph.rights.roles import AccountRoles
from odmd.graph.rights.statements import EVERYTHING, Statement, is_like
from odmd.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Explained:
    """What is decided, and by which statements."""

    role: str
    allowed: bool
    by: tuple[Statement, ...]
    """Those that deny it; else those that allow it, if their conditions are met."""
    would: str = ""
    """What would allow it."""
    ends: tuple[Admission, ...] = ()
    """What the other ends of wires say of it, where the thing there decides, too."""


def explained(bootstraps: Iterable[AccountRoles], name: str, action: str, resource: str) -> Explained:
    """What a role or a boundary says of an action on a resource, or on any.

    Raises:
        RoleUnknown
    """
    all_ = dict(by_name(bootstraps))
    name = name.rpartition("/")[2]
    if name not in all_:
        near = difflib.get_close_matches(name, all_, 1)
        hint = f"did you mean {near[0]}?" if near else "`odmd bootstrap --all --print` shows those there are"
        raise RoleUnknown(f"the contracts need no role {name}", next_step=hint)
    said, guard = all_[name]
    denies = [one for one in (*said, *guard) if one.denies and _denied(one, action, resource)]
    allows = [one for one in said if not one.denies and one.matches(action, resource)]
    if denies or allows:
        return Explained(name, not denies, tuple(_about(one, action) for one in denies or allows))
    return Explained(name, False, (), _would(action))


def with_ends(found: Explained, graph: Graph, kinds: Mapping[str, type[Kind]]) -> Explained:
    """With what producers' ends of the wires that allow it have to say."""
    products = dict.fromkeys(one.product for one in found.by if one.product)
    lets = let_in(graph, kinds, products) if products else ()
    whys = {(one.product, one.why): one.actions for one in found.by}
    return replace(found, ends=tuple(one for one in lets if _is_end(one, whys)))


def _is_end(let: Admission, whys: Mapping[tuple[str, str], Sequence[str]]) -> bool:
    actions = whys.get((let.product, let.statement.why), ())
    return any(is_like(one, let.statement.actions, folded=True) for one in actions)


def _denied(one: Statement, action: str, resource: str) -> bool:
    """Of some resource, no more is known than that it is not all of them."""
    return one.matches(action, resource) and (bool(resource) or one.resources == EVERYTHING)


def _about(one: Statement, action: str) -> Statement:
    """What it says of an action, without others."""
    return replace(one, actions=tuple(said for said in one.actions if is_like(action, (said,), folded=True)))


def by_name(
    bootstraps: Iterable[AccountRoles],
) -> Iterable[tuple[str, tuple[Sequence[Statement], Sequence[Statement]]]]:
    """Each with the guard that stands above it; a boundary stands for itself."""
    for bootstrap in bootstraps:
        yield bootstrap.guard.name, (bootstrap.guard.statements, ())
        yield from ((role.name, (role.statements, bootstrap.guard.statements)) for role in bootstrap.roles().values())
        yield from ((one.name, (one.statements, ())) for build in bootstrap.builds for one in build.boundaries)


def _would(action: str) -> str:
    service = action.partition(":")[0]
    return (
        f"a product of {service}, a wire with access to one, or may=(Permission({action!r}),) at the build would let "
        "it; clones have less"
    )


def as_data(found: Explained) -> Mapping[str, object]:
    """For machines."""
    by = [
        {
            "actions": one.actions,
            "resources": one.resources,
            "if": [str(condition) for condition in one.conditions],
            "why": one.why,
            "file": one.place.file if one.place else "",
            "line": one.place.line if one.place else 0,
        }
        for one in found.by
    ]
    ends = [
        {
            "product": one.product,
            "actions": one.statement.actions,
            "principal": one.principal,
            "roles": one.roles,
            "why": one.statement.why,
        }
        for one in found.ends
    ]
    return {"role": found.role, "allowed": found.allowed, "by": by, "ends": ends, "would": found.would}
