"""Deciding by classes is deciding: whatever is left out, kept or shared, Cedar over everything says the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from odmd.policy.actions import ABOUT, Action
from odmd.policy.judge import judge_of
from odmd.policy.principals import AnswerContext, Who
from support.governed import TEAMS, by_plain_cedar, governed
from support.soak import examples
from support.worlds import address

HEADS_WHO = st.sampled_from(
    ["principal", *(f'principal in Team::"{team}"' for team in TEAMS), 'principal == Actor::"ada"']
)
HEADS_ACTION = st.sampled_from(
    [
        "action",
        'action in Action::"look"',
        'action in Action::"act"',
        'action == Action::"pause"',
        'action in [Action::"read", Action::"answer"]',
    ]
)
HEADS_WHAT = st.sampled_from(
    [
        "resource",
        "resource is Enver",
        'resource in Stage::"prod"',
        'resource in Build::"e1"',
        'resource in Repo::"acme/e3"',
        'resource == Enver::"e2@main"',
        'resource in Enver::"e0@main"',
        'resource in Team::"roasters"',
    ]
)
OF_ENVERS = st.sampled_from(
    [
        "",
        "when { resource.production }",
        "when { principal in resource.team }",
        "unless { resource.clone }",
        'when { resource.team == Team::"baristas" }',
        'when { principal.kind == Kind::"token" }',
        'unless { principal.scope == Scope::"admin" }',
        "when { resource in resource.team }",
    ]
)
OF_ANSWERS = st.sampled_from(
    [
        "when { context.own }",
        "when { principal in context.gate }",
        "when { context.gate == resource.team }",
        'when { context.about == Question::"data" }',
        'when { context has wire && context.wire == Wire::"e1@main.in0" }',
    ]
)
LOOKS_AND_ACTS = ('action in Action::"look"', 'action in Action::"act"', 'action == Action::"pause"')


@st.composite
def policies(draw: st.DrawFn) -> str:
    effect, who = draw(st.sampled_from(["permit", "forbid"])), draw(HEADS_WHO)
    if draw(st.integers(0, 3)) == 0:
        return f'{effect} ({who}, action == Action::"answer", resource) {draw(OF_ANSWERS)};'
    action, what = draw(HEADS_ACTION), draw(HEADS_WHAT)
    condition = draw(OF_ENVERS) if action in LOOKS_AND_ACTS else ""
    return f"{effect} ({who}, {action}, {what}) {condition};"


WHO = st.builds(
    Who,
    st.sampled_from(["ada", "eve"]),
    st.sampled_from(["person", "token", "job"]),
    st.sampled_from(["read", "write", "admin"]),
    st.frozensets(st.sampled_from([*TEAMS, "strangers"]), max_size=2),
)
ASKED = st.builds(
    AnswerContext,
    st.booleans(),
    st.sampled_from(["input", "commit", "data"]),
    st.sampled_from(["", *TEAMS]),
    st.sampled_from(["", "e1@main.in0", "e3@main.in0"]),
)
WISHES = st.tuples(WHO, st.sampled_from(sorted(ABOUT)), st.integers(0, 4), ASKED)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(policies(), min_size=1, max_size=6), st.lists(WISHES, min_size=1, max_size=25))
def test_a_decision_by_class_is_the_decision(
    said: list[str], wishes: list[tuple[Who, Action, int, AnswerContext]]
) -> None:
    graph = governed("\n".join(said))
    judge = judge_of(graph)
    for who, action, n, asked in wishes:
        expected = by_plain_cedar(graph, who, action, address(n), asked)
        assert judge.decide(who, action, address(n), asked).allowed == expected, (who, action, n, asked)


@settings(max_examples=15, deadline=None)
@given(st.lists(policies(), min_size=1, max_size=4), WHO)
def test_who_sees_all_sees_each(said: list[str], who: Who) -> None:
    judge = judge_of(governed("\n".join(said)))
    if judge.hides_nothing:
        assert judge.readable(who) == frozenset(judge.graph.envers)


def test_the_policies_that_decided_are_named() -> None:
    judge = judge_of(governed('@id("quiet") forbid (principal, action == Action::"pause", resource in Stage::"prod");'))
    verdict = judge.decide(Who("ada", "person", "admin"), Action.PAUSE, address(1))
    assert not verdict.allowed
    assert [str(one) for one in verdict.by] == ["quiet (p0.cedar:1)"]
