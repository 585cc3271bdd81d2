"""Needs are proven side by side, each once; what hangs, breaks or passes is unknown, what is wrong is missing."""

from __future__ import annotations

import threading
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from odmd.control.running.needs import (
    AccountNeeded,
    BootstrapNeeded,
    CertificateNeeded,
    Finding,
    Missing,
    Proven,
    Quota,
    QuotaNeeded,
    RunNeed,
    StackNameNeeded,
    Unknown,
)
from odmd.control.running.proving import proven, together
from odmd.errors import CloudUnreachable, NotThere
from odmd.model.targets import Target
from support.until import TOO_LONG

HERE = Target("111122223333", "us-west-1")
THERE = Target("444455556666", "us-west-1")
_places = st.sampled_from((HERE, THERE))
_needs = st.one_of(
    st.builds(AccountNeeded, _places),
    st.builds(StackNameNeeded, _places, st.sampled_from("ab"), st.just("e/b..main")),
    st.builds(BootstrapNeeded, _places, certain_=st.booleans()),
    st.builds(QuotaNeeded, _places, st.sampled_from(list(Quota)), st.integers(1, 3)),
)
_ANSWERS: dict[str, Finding | Exception] = {
    "proven": Proven("it is there"),
    "unknown": Unknown("who knows"),
    "missing": NotThere("it is not"),
    "passes": CloudUnreachable("not now"),
    "broken": ZeroDivisionError("oh"),
}


def certificates(count: int) -> list[RunNeed]:
    return [CertificateNeeded(HERE, f"arn:{number}") for number in range(count)]


@given(st.lists(_needs, max_size=12), st.data())
def test_each_is_answered_once_in_order_and_nothing_is_asked_of_what_is_not_reached(
    needs: list[RunNeed], data: st.DataObject
) -> None:
    answers = {need: data.draw(st.sampled_from(sorted(_ANSWERS))) for need in dict.fromkeys(needs)}
    asked, lock = Counter[RunNeed](), threading.Lock()

    def prove(need: RunNeed) -> Finding:
        with lock:
            asked[need] += 1
        answer = _ANSWERS[answers[need]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    found = proven(needs, prove)
    assert [one.need for one in found] == list(dict.fromkeys(needs))
    assert set(asked.values()) <= {1}
    for one in found:
        if one.need.after in answers and answers[one.need.after] != "proven":
            assert one.need not in asked
            assert isinstance(one.found, Unknown)
            continue
        said = answers[one.need]
        assert isinstance(one.found, Proven) == (said == "proven")
        assert isinstance(one.found, Missing) == (said == "missing" and one.need.certain)
        if isinstance(one.found, Unknown):
            assert (one.found.error is not None) == (said == "passes"), "asking again may help"


def test_one_that_hangs_is_unknown_and_holds_nobody_up() -> None:
    for_ever = threading.Event()

    def prove(need: RunNeed) -> Finding:
        if isinstance(need, AccountNeeded):
            for_ever.wait()
        return Proven("it is there")

    needs = [AccountNeeded(THERE), *certificates(3), StackNameNeeded(THERE, "a", "e/b..main")]
    hung, *others, rests = proven(needs, prove, seconds=0.5, at_once=2)
    for_ever.set()
    assert hung.found == Unknown("nobody answered within 0.5 s")
    assert all(isinstance(one.found, Proven) for one in others)
    assert rests.found == Unknown("a session for the account is not proven")


def test_so_many_are_asked_for_at_once_and_no_more() -> None:
    at_once, most, lock = 3, [0, 0], threading.Lock()
    met = threading.Barrier(at_once)

    def prove(_: RunNeed) -> Finding:
        with lock:
            most[0] += 1
            most[1] = max(most)
        met.wait(TOO_LONG)
        with lock:
            most[0] -= 1
        return Proven("it is there")

    found = proven(certificates(2 * at_once), prove, at_once=at_once)
    assert all(isinstance(one.found, Proven) for one in found), "they were under way together"
    assert most[1] == at_once


@given(st.lists(_needs, max_size=12))
def test_of_several_runs_all_is_counted_and_nothing_is_lost(needs: list[RunNeed]) -> None:
    counted = together(needs)
    assert len(set(counted)) == len(counted)
    assert {one for one in counted if not isinstance(one, QuotaNeeded)} == {
        one for one in needs if not isinstance(one, QuotaNeeded)
    }
    assert sum(one.more for one in counted if isinstance(one, QuotaNeeded)) == sum(
        one.more for one in needs if isinstance(one, QuotaNeeded)
    )
    places = [(one.target, one.quota) for one in counted if isinstance(one, QuotaNeeded)]
    assert len(set(places)) == len(places)
