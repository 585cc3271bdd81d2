"""A run is listed before it is carried out: what becomes known makes the list more exact, and no other one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.model.build_types import CDK, COMMAND, CONTRACTS, IMAGE, KUBERNETES, NPM, UNKNOWN, BuildType, Does
from odmd.plan import Plan, PlanStage, Step, StepAction
from odmd.plan.run_steps import RunMode, RunStep, begins_with, in_words, run_steps
from support.planned import planned
from support.refining import refines
from support.worlds import graph_of, node

TYPES = (CDK, COMMAND, CONTRACTS, IMAGE, KUBERNETES, NPM, UNKNOWN)
TYPE = st.sampled_from(TYPES)
MODE = st.sampled_from(RunMode)
UNITS = st.lists(st.text(min_size=1), unique=True, max_size=4).map(tuple)


@given(TYPE, MODE, UNITS)
def test_the_units_replace_what_stood_for_them_and_nothing_else_moves(
    of: BuildType, mode: RunMode, units: tuple[str, ...]
) -> None:
    known = run_steps(of, mode, units)
    assert refines(known, run_steps(of, mode))
    assert refines(known, begins_with(of, mode, units))
    assert not refines(known, run_steps(of, mode, (*units, "another")))
    if len(known) > 1:
        assert not refines(known[::-1], run_steps(of, mode))


@given(TYPE, UNITS)
def test_new_values_alone_need_no_recipe_and_a_unit_is_done_with_before_the_next(
    of: BuildType, units: tuple[str, ...]
) -> None:
    only_values, full = run_steps(of, RunMode.VALUES, units), run_steps(of, RunMode.FULL, units)
    assert full == (*map(RunStep, of.at_first), *only_values)
    assert [(one.unit, one.does) for one in only_values] == [(unit, does) for unit in units for does in of.for_each]


@given(TYPE, MODE, UNITS)
def test_before_a_run_only_units_that_last_are_known_by_name_and_only_of_a_recipe_that_is_kept(
    of: BuildType, mode: RunMode, units: tuple[str, ...]
) -> None:
    named = any(step.does is not Does.BRING_ABOUT and step.unit for step in begins_with(of, mode, units))
    assert named == (of is CDK and mode is RunMode.VALUES and bool(units))


@pytest.mark.parametrize(
    ("of", "full"),
    [
        (CDK, "prepare, deliver, bring about its stacks"),
        (COMMAND, "prepare, bring about its commands"),
        (CONTRACTS, "prepare, bring about its packages"),
    ],
)
def test_a_build_type_says_which_steps_it_has(of: BuildType, full: str) -> None:
    assert in_words(run_steps(of, RunMode.FULL)) == full
    assert in_words(run_steps(of, RunMode.VALUES)) == f"bring about its {of.unit}s"


def test_a_step_of_a_plan_has_the_list_and_what_is_approved_does_not_change_with_it() -> None:
    plan = planned(graph_of([node(0)]))
    (step,) = plan.steps()
    assert step.run_steps == run_steps(CDK, RunMode.FULL)
    other = with_step(plan, step._replace(run_steps=()))
    assert other.digest() == plan.digest()
    assert with_step(plan, step._replace(action=StepAction.UPDATE)).digest() != plan.digest()


def with_step(plan: Plan, step: Step) -> Plan:
    return replace(plan, stages=(PlanStage(1, (step,)),))
