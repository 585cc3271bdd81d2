"""What runs and is no longer in the contracts, and what stops being used."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from odmd.graph import EnverNode, Graph
from odmd.plan.inventory import Inventory
from odmd.plan.recorded import Recorded, RecordedUnit
from odmd.plan.stages import Leaving, Plan, Removal, Retirement, User

_AS_SOON_AS: Final = "it goes once nobody runs with what it may have published"


def removals(graph: Graph, recorded: Recorded, targets: Collection[str] = ()) -> tuple[Removal, ...]:
    """The envers that left the contracts, consumers before producers, with who is in the way.

    Args:
        targets: only these; none means all.
    """
    gone = sorted(recorded.envers.keys() - graph.envers.keys())
    if not gone:
        return ()
    users = _users(recorded, set(gone))
    wanted = [one for one in _last_first(users) if not targets or one in targets]
    return tuple([Removal(one, tuple(user for user in users[one] if user.enver not in users)) for one in wanted])


def with_inventories(plan: Plan, found: Mapping[str, Inventory]) -> Plan:
    """The plan with what was found of the envers that it removes."""
    return replace(plan, removals=tuple([one._replace(inventory=found.get(one.enver)) for one in plan.removals]))


def leaving(graph: Graph, recorded: Recorded, moving: Collection[str], *, whole: bool = True) -> Iterator[Leaving]:
    """The units that left an app, and those that will as the contracts say.

    Args:
        moving: the envers that the plan brings to something new.
        whole: the plan is not limited, and so tries again what failed.
    """
    for address, enver in recorded.envers.items():
        if (declared := graph.envers.get(address)) is None:
            continue
        for unit in enver.units:
            which = (address, unit.name, unit.target)
            if unit.left:
                again = whole and bool(unit.why) and not unit.asks
                yield Leaving(*which, unit.why or _AS_SOON_AS, again, unit.what)
            elif address in moving and (why := _why_it_leaves(declared, unit)):
                yield Leaving(*which, why, what=unit.what)


def _why_it_leaves(declared: EnverNode, unit: RecordedUnit) -> str:
    if unit.target != declared.target:
        return f"its enver moves to {declared.target}"
    if unit.what != declared.type.unit:
        return f"its enver is a build of type {declared.build_type} now"
    built = declared.built
    if built and built.units and unit.name not in built.units:
        return f"its enver's {declared.type.unit}s are {', '.join(built.units)} now"
    if built and not unit.name.startswith(built.within):
        return f"its enver moves to {built.within.rstrip('/')}"
    return ""


def with_retirements(plan: Plan, recorded: Recorded) -> Plan:
    """The plan with the values that live on until their last users moved."""
    producers = {step.enver: step for step in plan.steps() if step.certain}
    using: dict[tuple[str, int], list[str]] = {}
    for address, enver in recorded.envers.items():
        for product, version in enver.runs_with:
            using.setdefault((product, version), []).append(address)
    back: dict[tuple[str, int], list[str]] = {}
    for address, enver in recorded.envers.items():
        for ref in enver.may_run_with:
            back.setdefault(ref, []).append(address)

    def retirement(ref: tuple[str, int], step: int, users: Sequence[str]) -> Retirement:
        return Retirement(*ref, step, tuple(users), recorded.behind.get(ref, ""), tuple(back.get(ref, ())))

    superseded = [retirement(ref, 0, using.get(ref, ())) for ref in recorded.superseded]
    replaced = [
        retirement((product, version), producers[producer].number, users)
        for (product, version), users in using.items()
        if (producer := _producer(product)) in producers and _is_current(recorded, product, version)
    ]
    return replace(plan, retirements=(*superseded, *sorted(replaced, key=lambda one: (one.step, one.product))))


def _is_current(recorded: Recorded, product: str, version: int) -> bool:
    value = recorded.values.get(product)
    return value is not None and value.version == version


def _users(recorded: Recorded, gone: set[str]) -> Mapping[str, list[User]]:
    """Who runs with what an enver that is gone publishes."""
    users: dict[str, list[User]] = {one: [] for one in sorted(gone)}
    for address, enver in recorded.envers.items():
        for product, version in enver.runs_with:
            if (producer := _producer(product)) in gone and producer != address:
                users[producer].append(User(address, product, version))
    return users


def _last_first(users: Mapping[str, list[User]]) -> Sequence[str]:
    """Each after those among them that consume of it; where they are a cycle, by address."""
    ordered: dict[str, None] = {}
    left = dict.fromkeys(users)
    while left:
        free = [one for one in left if not any(user.enver in left for user in users[one])]
        for one in free or list(left)[:1]:
            ordered[one] = None
            del left[one]
    return list(ordered)


def _producer(product: str) -> str:
    """The address of the enver that makes a product: `orders/b..main/bus` is of `orders/b..main`."""
    build, slot, _ = product.split("/", 2)
    return f"{build}/{slot}"
