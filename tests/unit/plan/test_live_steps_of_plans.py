"""What a service reads live is a step of its own in a plan, and older digests are what they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.scheduler.runs import RunMode
from odmd.plan import Fingerprint, Limited, StepAction
from odmd.plan.run_steps import in_words
from odmd.plan.settings import PlannedSettings
from support.confirmed import Confirmed
from support.planned import CHAIN
from support.worlds import World, address

NAMED = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2).map(lambda one: tuple(one.items()))
SETTINGS = st.builds(PlannedSettings, NAMED, NAMED, NAMED, NAMED)
FINGERPRINT = st.builds(
    Fingerprint, st.sampled_from(["c1", "c2"]), st.sampled_from(["s1", "s2"]), NAMED, settings=SETTINGS
)


def up() -> Confirmed:
    """A chain of three that runs, each with some config."""
    confirmed = Confirmed(World(CHAIN), edits={address(n): (1, 1, 1) for n in range(3)})
    confirmed.apply(CHAIN, confirmed.plan(CHAIN, Limited()))
    return confirmed


def test_it_is_a_step_without_a_deployment_for_which_nobody_waits() -> None:
    confirmed = up()
    before = confirmed.plan(CHAIN, Limited())
    confirmed.edits[address(0)] = (1, 1, 2)
    plan = confirmed.plan(CHAIN, Limited())
    first = next(plan.steps())
    assert (first.enver, first.action, in_words(first.run_steps)) == (address(0), StepAction.LIVE, "write config size")
    assert first.reasons == ("config size changed",)
    assert plan.digest() != before.digest()
    confirmed.edits[address(0)] = (1, 1, 1)
    assert confirmed.plan(CHAIN, Limited()).digest() == before.digest()

    confirmed.edits[address(0)] = (1, 1, 2)
    assert confirmed.apply(CHAIN, plan) == [address(0)]
    run = confirmed.world.state.dirty.runs[confirmed.world.state.envers[address(0)].deployed_by]
    assert run.mode is RunMode.LIVE
    assert not list(confirmed.plan(CHAIN, Limited()).steps())


@pytest.mark.parametrize("edited", [(2, 1, 2), (1, 2, 2)])
def test_with_what_a_deployment_brings_it_goes_along(edited: tuple[int, int, int]) -> None:
    confirmed = up()
    confirmed.edits[address(0)] = edited
    step = next(confirmed.plan(CHAIN, Limited()).steps())
    assert step.action is (StepAction.VALUES if edited[0] == 1 else StepAction.UPDATE)
    assert "write config size" in in_words(step.run_steps)


def test_what_needs_no_source_includes_it() -> None:
    confirmed = up()
    confirmed.edits[address(0)] = (1, 1, 2)
    confirmed.commits[address(1)] = 1
    steps = list(confirmed.plan(CHAIN, Limited(only_values=True)).steps())
    assert [step.enver for step in steps if step.certain] == [address(0)]


@given(FINGERPRINT, FINGERPRINT)
def test_two_fingerprints_differ_in_that_alone_or_need_a_deployment(one: Fingerprint, other: Fingerprint) -> None:
    without = [
        Fingerprint(each.commit, each.slice, each.values, settings=PlannedSettings(*each.settings.deployed))
        for each in (one, other)
    ]
    assert one.differs_only_live(other) == (one != other and without[0] == without[1])
    assert not one.differs_only_live(other) or one.differs_only_in_values(other)


@given(SETTINGS)
def test_digests_say_nothing_of_it_where_there_is_none(settings: PlannedSettings) -> None:
    said = settings.said()
    assert len(said) == (4 if settings.live else 3 if settings else 0)
    assert said[:3] == settings.deployed[: len(said)]
