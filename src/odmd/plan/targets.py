"""Which envers a plan that is limited to some of them has to look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from odmd.plan.wiring import Wiring, promoted_from


def with_what_they_need(wiring: Wiring, targets: Iterable[str]) -> Collection[str]:
    """The targets, everybody upstream whom they wait for, and whose source a promoted one takes over."""
    todo = [target for target in targets if target in wiring.upstream]
    needed = set(todo)
    while todo:
        enver = todo.pop()
        before = {*wiring.upstream[enver], promoted_from(wiring.graph.envers[enver])}
        new = [other for other in before if other in wiring.upstream and other not in needed]
        needed.update(new)
        todo += new
    return needed
