"""How much is asked in which time: never more than GitHub takes, and no longer a wait than that needs."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import HostBusy
from odmd.providers.github.budget import CONTENT, READ, WRITE, Budget, Cost, Priority
from odmd.providers.github.pacer import Pacer
from support.until import TOO_LONG

COSTS = st.sampled_from([READ, WRITE, CONTENT])


class TestTheBudget:
    @given(st.lists(st.tuples(COSTS, st.floats(0, 20), st.sampled_from(Priority)), max_size=300))
    def test_no_window_holds_more_than_github_takes(self, asked: list[tuple[Cost, float, Priority]]) -> None:
        budget, now, spent = Budget(), 0.0, list[tuple[float, Cost]]()
        for cost, pause, priority in asked:
            now += pause / 10
            now += budget.delay(now, cost, priority)
            assert budget.delay(now, cost, priority) == 0
            budget.spend(now, cost)
            spent.append((now, cost))
        for at, _ in spent:
            within = [(when, cost) for when, cost in spent if at - 60 < when <= at]
            assert sum(cost.points for _, cost in within) <= 900
            assert sum(cost.notifies for _, cost in within) <= 80
            assert sum(cost.notifies for when, cost in spent if at - 3600 < when <= at) <= 500

    def test_a_thousand_comments_take_their_two_hours(self) -> None:
        budget, now = Budget(), 0.0
        for _ in range(1001):
            now += budget.delay(now, CONTENT, Priority.ANSWER)
            budget.spend(now, CONTENT)
        assert 7200 <= now < 7300

    def test_reads_go_on_while_content_waits(self) -> None:
        budget = Budget()
        for _ in range(80):
            budget.spend(0.0, CONTENT)
        assert budget.delay(1.0, CONTENT, Priority.ANSWER) == 59.0
        assert budget.delay(1.0, READ, Priority.SWEEP) == 0.0

    def test_the_last_of_an_hour_is_for_those_who_wait(self) -> None:
        budget = Budget()
        budget.told(5000, 1400, reset=100.0)
        assert budget.delay(0.0, READ, Priority.SWEEP) == 100.0
        assert budget.delay(0.0, READ, Priority.MIRROR) == 0.0
        budget.told(5000, 0, reset=100.0)
        assert budget.delay(0.0, READ, Priority.ANSWER) == 100.0
        assert budget.delay(100.0, READ, Priority.SWEEP) == 0.0

    def test_an_answer_that_was_overtaken_gives_nothing_back(self) -> None:
        budget = Budget()
        budget.told(5000, 0, reset=100.0)
        budget.told(5000, 40, reset=100.0)
        assert budget.delay(0.0, READ, Priority.ANSWER) == 100.0
        budget.told(5000, 4999, reset=3700.0)
        assert budget.delay(100.0, READ, Priority.ANSWER) == 0.0

    def test_what_did_not_move_is_given_back(self) -> None:
        budget = Budget()
        budget.told(1000, 301, reset=100.0)
        for _ in range(30):
            budget.spend(0.0, READ)
            budget.give_back()
            budget.told(1000, 301, reset=100.0)
        assert budget.delay(0.0, READ, Priority.SWEEP) == 0.0

    def test_what_was_too_much_waits_as_github_says_or_twice_as_long_each_time(self) -> None:
        budget = Budget()
        assert budget.refused(0.0, 7.0) == 7.0
        assert budget.delay(0.0, READ, Priority.ANSWER) == 7.0
        assert [budget.refused(0.0, None) for _ in range(7)] == [120, 240, 480, 960, 1920, 3600, 3600]
        budget.taken()
        assert budget.refused(0.0, None) == 60


class TestThePacer:
    def test_who_would_wait_long_is_told_for_how_long(self) -> None:
        pacer = Pacer(patience=0.01)
        pacer.refused(30.0)
        with pytest.raises(HostBusy) as busy, pacer.turn(READ, Priority.ANSWER):
            pass
        assert 29 < busy.value.seconds <= 30

    def test_who_matters_more_goes_first(self) -> None:
        pacer, order = Pacer(patience=TOO_LONG), list[Priority]()
        pacer.refused(0.3)

        def ask(priority: Priority) -> None:
            with pacer.turn(READ, priority):
                order.append(priority)

        threads = [threading.Thread(target=ask, args=(one,)) for one in reversed(Priority)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert order == list(Priority)
