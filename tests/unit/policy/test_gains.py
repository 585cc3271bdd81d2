"""What a change of policies gives and takes is said: nobody may anything after it that he could not, unsaid."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from test_judge import WISHES, policies

from odmd.graph.approvals import ApprovalNode, FreezeNode
from odmd.graph.difference import Difference
from odmd.graph.governed import Governed
from odmd.policy.actions import ABOUT, ActedOn, Action
from odmd.policy.gains import Gain, _judge, gains, in_words, told, with_policies
from odmd.policy.people import SCOPES
from odmd.policy.principals import AnswerContext, Who
from support.governed import governed
from support.worlds import address, graph_of, node

ASKED = AnswerContext()


def covers(gain: Gain, who: Who, action: Action, enver: str, asked: AnswerContext, team: str) -> bool:
    """Whether it says so of somebody who is at least what it speaks of."""
    at, is_whole = gain.standpoint, ABOUT[action].resource is ActedOn.ORGANISATION
    if (gain.action, gain.kind, gain.scope) != (action, who.kind, who.scope):
        return False
    if not (at.teams <= who.teams and (not at.own or team in who.teams) and at.name in ("somebody", who.name)):
        return False
    return is_whole or enver in gain.envers


@settings(max_examples=4, deadline=None)
@given(st.lists(policies(), max_size=4), st.lists(policies(), max_size=4), st.lists(WISHES, min_size=1, max_size=25))
def test_nothing_is_gained_or_lost_unsaid(
    before: list[str], after: list[str], wishes: list[tuple[Who, Action, int, AnswerContext]]
) -> None:
    was, now = governed("\n".join(before)), governed("\n".join(after))
    found = gains(was, now)
    old, new = _judge(now, was.governed), _judge(now, now.governed)
    for who, action, n, asked in wishes:
        if SCOPES.index(who.scope) < SCOPES.index(ABOUT[action].scope):
            continue
        could, can = (one.decide(who, action, address(n), asked).allowed for one in (old, new))
        if could != can:
            team = now.envers[address(n)].team
            said = [one for one in found if one.gained == can]
            assert any(covers(one, who, action, address(n), asked, team) for one in said), (who, action, n, asked)


def test_it_is_said_in_words() -> None:
    was, now = (
        governed("// nothing"),
        governed('permit (principal in Team::"roasters", action == Action::"pause", resource);'),
    )
    assert list(in_words(gains(was, now), now)) == [
        "tokens with scope write of team roasters gain: pause, on e0@main, e1@main, e3@main, e4@main",
        "people, roles, jobs with scope write of team roasters gain: pause, on e0@main, e1@main, e4@main",
        "tokens with scope write of the enver's own team gain: pause, on e3@main",
    ]


def test_the_first_policies_take_what_scopes_gave() -> None:
    lines = in_words(gains(replace(governed()), governed("// the defaults")), governed())
    assert any("lose" in line for line in lines)
    assert not any("gain" in line for line in lines)


def test_the_same_policies_change_nothing() -> None:
    assert not gains(governed("// a"), governed("// a"))


def test_what_is_deployed_by_itself_is_said_too() -> None:
    before = graph_of([node(0, stage="dev"), node(1, stage="prod")])
    after = replace(before, governed=Governed(continuous=("dev",)))
    assert list(told(before, after)) == ["what branches get is deployed by itself in dev"]
    assert list(told(after, before)) == ["what branches get is deployed by itself no more in dev"]
    (change,) = with_policies(Difference("acme", "", "", ()), before, after).changes
    assert (change.aspect, change.before, change.after) == ("deployed by itself", "", "dev")
    assert not with_policies(Difference("acme", "", "", ()), after, after).changes


def test_how_things_are_approved_is_said_too() -> None:
    one, two = ApprovalNode("stage prod", "payments"), ApprovalNode("stage prod", "payments", count=2)
    freeze = FreezeNode("stage:prod", 0.0, 86_400.0, "holidays")
    plain = graph_of([node(0, stage="prod")])
    some = replace(plain, governed=Governed(approvals=(one,)))
    more = replace(plain, governed=Governed(approvals=(two,), freezes=(freeze,)))
    assert list(told(plain, some)) == ["what is asked in stage prod is approved by payments"]
    assert list(told(some, more)) == [
        "what is asked in stage prod is approved by 2 of payments, was payments",
        "nothing begins in stage:prod from 1970-01-01 00:00:00 UTC to 1970-01-02 00:00:00 UTC: holidays",
    ]
    assert [change.aspect for change in with_policies(Difference("acme", "", "", ()), some, more).changes] == [
        "approvals",
        "freezes",
    ]
    assert next(iter(told(more, plain))) == "what is asked in stage prod needs no 2 of payments any more"
