"""What runs and is no longer in the contracts, and what stops being used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from odmd.graph import Graph
from odmd.plan.recorded import Recorded
from odmd.plan.stages import Plan, Removal, Retirement, User


def removals(graph: Graph, recorded: Recorded) -> tuple[Removal, ...]:
    """The envers that left the contracts, consumers before producers, with who is in the way."""
    gone = sorted(recorded.envers.keys() - graph.envers.keys())
    if not gone:
        return ()
    users = _users(recorded, set(gone))
    return tuple(
        [Removal(one, tuple(user for user in users[one] if user.enver not in users)) for one in _last_first(users)]
    )


def with_retirements(plan: Plan, recorded: Recorded) -> Plan:
    """The plan with the values that live on until their last users moved."""
    producers = {step.enver: step for step in plan.steps() if step.certain}
    using: dict[tuple[str, int], list[str]] = {}
    for address, enver in recorded.envers.items():
        for product, version in enver.runs_with:
            using.setdefault((product, version), []).append(address)
    superseded = [Retirement(*ref, 0, tuple(using.get(ref, ()))) for ref in recorded.superseded]
    replaced = [
        Retirement(product, version, producers[producer].number, tuple(users))
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
