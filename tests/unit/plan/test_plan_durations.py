"""How long a plan takes is told from history, and not told without."""

from __future__ import annotations

from odmd.plan.durations import Took, with_durations
from odmd.plan.run_steps import RunMode
from odmd.plan.stages import Plan
from odmd.plan.wiring import Wiring
from support.planned import NOTHING, deployed, planned
from support.worlds import address, graph

FORK = graph(4, [(0, 1), (0, 2), (0, 3)])


def timed(plan: Plan, *past: Took, at_once: int = 2) -> Plan:
    return with_durations(plan, past, FORK, Wiring(FORK).upstream, at_once)


def took(n: int, seconds: float, *, values_only: bool = False) -> Took:
    return Took(address(n), RunMode.VALUES if values_only else RunMode.FULL, seconds)


def test_without_history_nothing_is_said() -> None:
    made = timed(planned(FORK))
    assert (made.seconds, made.seconds_at_most) == (None, None)


def test_the_median_of_the_enver_else_of_its_build_type() -> None:
    made = timed(planned(FORK), took(0, 10), took(0, 20), took(0, 90), took(1, 30))
    assert [step.seconds for step in made.steps()] == [20, 30, 25, 25]


def test_steps_share_what_may_run_at_once() -> None:
    past = [took(n, 10) for n in range(4)]
    assert timed(planned(FORK), *past, at_once=1).seconds == 40
    assert timed(planned(FORK), *past, at_once=2).seconds == 30
    assert timed(planned(FORK), *past, at_once=9).seconds == 20


def test_steps_that_may_not_happen_count_for_the_most_only() -> None:
    made = timed(planned(FORK, deployed(FORK), e0="c2"), took(0, 10), took(1, 1, values_only=True), at_once=9)
    assert (made.seconds, made.seconds_at_most) == (10, 11)


def test_a_way_that_was_never_gone_is_unknown() -> None:
    made = timed(planned(FORK, NOTHING), took(0, 10, values_only=True))
    assert made.seconds is None
