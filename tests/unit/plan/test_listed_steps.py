"""A run is listed before it is carried out: what becomes known makes the list more exact, and no other one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.model.build_types import CDK, COMMAND, CONTRACTS, IMAGE, KUBERNETES, NPM, UNKNOWN, BuildType, Does
from odmd.plan import Plan, PlanStage, Step, StepAction
from odmd.plan.run_steps import (
    LiveSteps,
    RunMode,
    RunStep,
    begins_with,
    checks_of,
    in_words,
    live_of,
    live_steps,
    run_steps,
)
from odmd.plan.settings import Named
from support.planned import planned
from support.refining import refines, without_live
from support.worlds import graph_of, node

TYPES = (CDK, COMMAND, CONTRACTS, IMAGE, KUBERNETES, NPM, UNKNOWN)
LASTING = (CDK, COMMAND, IMAGE, KUBERNETES)
TYPE = st.sampled_from(TYPES)
MODE = st.sampled_from(RunMode)
NAMES = st.lists(st.text(min_size=1), unique=True, max_size=2).map(tuple)
LIVE = st.builds(LiveSteps, NAMES, NAMES)
NAMED = st.dictionaries(st.sampled_from("abc"), st.sampled_from("12")).map(lambda found: tuple(sorted(found.items())))
NO_UNITS = (RunMode.LIVE, RunMode.VERIFY)
UNITS = st.lists(st.text(min_size=1), unique=True, max_size=4).map(tuple)


@given(TYPE, MODE, UNITS, LIVE)
def test_the_units_replace_what_stood_for_them_and_nothing_else_moves(
    of: BuildType, mode: RunMode, units: tuple[str, ...], live: LiveSteps
) -> None:
    known = run_steps(of, mode, units, live)
    assert refines(known, run_steps(of, mode, live=live))
    assert refines(known, begins_with(of, mode, units, live))
    assert mode in NO_UNITS or not refines(known, run_steps(of, mode, (*units, "another"), live))
    if len(without_live(known)) > 1:
        assert not refines(known[::-1], run_steps(of, mode, live=live))


@given(TYPE, MODE, UNITS, LIVE)
def test_config_is_written_when_it_is_known_what_changes_and_before_anything_does(
    of: BuildType, mode: RunMode, units: tuple[str, ...], live: LiveSteps
) -> None:
    known = run_steps(of, mode, units, live)
    assert live_of(known) == live
    does = [step.does for step in known]
    if live.write:
        first, last = does.index(Does.WRITE), len(does) - 1 - does[::-1].index(Does.WRITE)
        assert Does.CARRY_OUT not in does[:last]
        assert does[first : last + 1] == [Does.WRITE] * len(live.write)
        assert mode in NO_UNITS or not units or does[first - 1] in (Does.PROPOSE, *of.at_first)
    assert does[len(does) - len(live.clear) :] == [Does.CLEAR] * len(live.clear)
    if mode in NO_UNITS:
        assert without_live(known) == []


@given(TYPE, MODE, UNITS, LIVE, NAMES)
def test_checks_come_last_whatever_was_done_before(
    of: BuildType, mode: RunMode, units: tuple[str, ...], live: LiveSteps, checks: tuple[str, ...]
) -> None:
    before, listed = run_steps(of, mode, units, live), run_steps(of, mode, units, live, checks)
    assert listed == (*before, *[RunStep(Does.VERIFY, name) for name in checks])
    assert checks_of(listed) == checks
    assert checks_of(begins_with(of, mode, units, live, checks)) == checks


@given(MODE, NAMED, NAMED, NAMED)
def test_a_run_writes_what_is_another_and_all_of_it_where_it_is_made_of_source(
    mode: RunMode, wanted: Named, deployed: Named, others: Named
) -> None:
    found = live_steps(mode, wanted, deployed, (*deployed, *others))
    others_now = {name for name, identity in wanted if (name, identity) not in deployed}
    assert set(found.write) == ({name for name, _ in wanted} if mode is RunMode.FULL else others_now)
    assert set(found.clear) == {name for name, _ in (*deployed, *others)} - {name for name, _ in wanted}


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
    assert named == (of in LASTING and mode is RunMode.VALUES and bool(units))


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
