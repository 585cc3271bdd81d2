"""What a role is, as somebody finds it: to be compared with what it should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from odmd.graph.rights.roles import AccountRoles, BuildRoles, IamRole
from odmd.graph.rights.statements import Atom, Condition, Statement, merged


@dataclass(frozen=True, slots=True)
class RoleStanding:
    """A role, or a boundary, by what IAM knows of it. A boundary has neither who takes it nor another boundary."""

    trusts: frozenset[str]
    may: frozenset[Atom]
    boundary: str = ""
    """The name of it, if it has one."""

    def __str__(self) -> str:
        """In one line: services alone, as a role says a lot."""
        services = sorted({one.action.partition(":")[0] for one in self.may if not one.denies})
        may = f"may use {', '.join(services)}" if services != ["*"] else "allows all that it does not deny"
        return f"taken by {', '.join(sorted(self.trusts))}; {may}" if self.trusts else may


def of_role(role: IamRole, guard: str) -> RoleStanding:
    """As a role should be."""
    trusts = [trust.document() for trust in role.trusts]
    return RoleStanding(frozenset(trusted(trusts)), frozenset(_atoms(role.statements)), guard)


def expected(bootstrap: AccountRoles) -> Mapping[str, RoleStanding]:
    """All that an account should have, by name."""
    guard = bootstrap.guard
    found = {guard.name: RoleStanding(frozenset(), frozenset(_atoms(guard.statements)))}
    if bootstrap.mirror:
        found[bootstrap.mirror.name] = of_role(bootstrap.mirror, guard.name)
    for build in bootstrap.builds:
        found |= expected_of(build, guard.name)
    return found


def expected_of(build: BuildRoles, guard: str) -> Mapping[str, RoleStanding]:
    """What the account should have for one build, by name."""
    roles = {role.name: of_role(role, guard) for role in build.roles}
    return {
        **roles,
        **{one.name: RoleStanding(frozenset(), frozenset(_atoms(one.statements))) for one in build.boundaries},
    }


def _atoms(statements: Iterable[Statement]) -> Iterator[Atom]:
    for one in statements:
        yield from one.atoms()


def allowed(documents: Iterable[object]) -> Iterator[Atom]:
    """What policies say, read from their documents."""
    for said in _statements(documents):
        conditions = tuple(sorted(_conditions(said.get("Condition"))))
        denies = said.get("Effect") == "Deny"
        for action in _either(said, "Action"):
            for resource in _either(said, "Resource"):
                yield Atom(action, resource, conditions, denies)


def trusted(statements: Iterable[object]) -> Iterator[str]:
    """Who may take a role, in words, read from the statements of its trust."""
    for one in statements:
        said = cast("Mapping[str, object]", one)
        principals = said.get("Principal")
        names = cast("Mapping[str, object]", principals if isinstance(principals, dict) else {"": principals})
        conditions = " and ".join(str(condition) for condition in sorted(_conditions(said.get("Condition"))))
        where = f" where {conditions}" if conditions else ""
        denied = "nobody of " if said.get("Effect") == "Deny" else ""
        for texts in names.values():
            yield from (f"{denied}{name}{where}" for name in _texts(texts))


def differences(before: Mapping[str, RoleStanding], after: Mapping[str, RoleStanding]) -> Iterator[str]:
    """Who gains and who loses what, in words."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if new is None:
            yield f"{name}: goes"
        elif old is None:
            yield f"{name}: new; {new}"
        else:
            yield from (f"{name}: {one}" for one in _changes(old, new))


def _changes(old: RoleStanding, new: RoleStanding) -> Iterator[str]:
    yield from (f"can be taken by {one}" for one in sorted(new.trusts - old.trusts))
    yield from (f"can be taken no more by {one}" for one in sorted(old.trusts - new.trusts))
    if old.boundary != new.boundary:
        yield f"is bounded by {new.boundary or 'nothing'}, and no more by {old.boundary or 'nothing'}"
    yield from (f"gains {one}" for one in _said(new.may - old.may))
    yield from (f"loses {one}" for one in _said(old.may - new.may))


def _said(atoms: Iterable[Atom]) -> Sequence[str]:
    """Atoms in words, as few as say the same."""
    ordered = sorted(atoms)
    whole = [Statement((one.action,), (one.resource,), "", None, one.conditions, one.denies) for one in ordered]
    return [
        str(Atom(", ".join(one.actions), ", ".join(one.resources), one.conditions, one.denies)) for one in merged(whole)
    ]


def _statements(documents: Iterable[object]) -> Iterator[Mapping[str, object]]:
    for document in documents:
        said = cast("Mapping[str, object]", document).get("Statement", [])
        yield from cast("list[Mapping[str, object]]", said if isinstance(said, list) else [said])


def _conditions(said: object) -> Iterator[Condition]:
    for operator, keys in cast("Mapping[str, Mapping[str, object]]", said or {}).items():
        for key, values in keys.items():
            yield Condition(operator, key, tuple(_texts(values)))


def _either(said: Mapping[str, object], key: str) -> Sequence[str]:
    """What a statement is about; or all but that."""
    return _texts(said[key]) if key in said else [f"all but {', '.join(_texts(said.get(f'Not{key}', [])))}"]


def _texts(said: object) -> Sequence[str]:
    if isinstance(said, str):
        return (said,)
    return [str(one) for one in cast("list[object]", said)] if isinstance(said, list) else [str(said)]
