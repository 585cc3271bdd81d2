"""Durations, as recorded and as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.simulate import DurationSource, Ran, durations, parse_duration, parse_seconds, span
from odmd.simulate.durations import Measured, chance
from support.worlds import address, graph


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("3m", 180), ("3min", 180), ("1h30m", 5400), ("1.5h", 5400), ("2d", 172800), ("250ms", 0.25)],
)
def test_seconds_are_said_with_units(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "3", "m", "3 parsecs", "8m..3m", "0s..3m", "3m..", "~3m", "-3m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|rise"):
        parse_duration(text)


def test_a_median_and_what_nine_of_ten_stay_below() -> None:
    duration = parse_duration("3m..8m")
    assert duration.at(0.5) == pytest.approx(180)
    assert duration.at(0.9) == pytest.approx(480)


def test_a_mean_and_a_deviation_are_never_negative() -> None:
    duration = parse_duration("90s~20s")
    assert duration.at(0.5) == pytest.approx(90)
    assert duration.at(0.8413) == pytest.approx(110, abs=0.1)
    assert parse_duration("90s~900s").at(0.01) == 4.5


@given(st.sampled_from(["3m", "3m..8m", "90s~20s"]), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_durations_grow_with_the_quantile(text: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 < parse_duration(text).at(low) <= parse_duration(text).at(high)


@given(st.lists(st.floats(0.1, 1e5), min_size=1), st.floats(0, 1))
def test_observed_durations_stay_within_what_was_observed(seconds: list[float], quantile: float) -> None:
    drawn = Measured(tuple(sorted(seconds))).at(quantile)
    assert min(seconds) * (1 - 1e-9) <= drawn <= max(seconds) * (1 + 1e-9)


def test_what_is_said_beats_what_is_recorded_and_that_beats_others_and_guesses() -> None:
    envers = graph(3, []).envers
    past = [Ran(address(0), "full", seconds) for seconds in (10.0, 30.0)]
    known = durations(envers, past, {"e2@main:values": parse_duration("7s")})
    found = [
        known.of(envers[address(n)], mode)
        for n, mode in ((0, "full"), (1, "full"), (2, "values only"), (1, "values only"))
    ]
    assert [source for _, source in found] == [
        DurationSource.RECORDED,
        DurationSource.OTHERS,
        DurationSource.GIVEN,
        DurationSource.ASSUMED,
    ]
    assert [duration.at(0.5) for duration, _ in found] == [20, 20, 7, 40]


@given(st.integers(), st.text(max_size=5))
def test_a_chance_depends_on_its_arguments_alone(seed: int, what: str) -> None:
    assert chance(seed, what) == chance(seed, what)
    assert 0 < chance(seed, what) < 1


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (3.21, "3.2 s"),
        (59.7, "1 min"),
        (90, "1 min 30 s"),
        (3599.8, "1 h"),
        (7500, "2 h 5 min"),
        (200000, "55 h 33 min"),
    ],
)
def test_spans_are_said_as_people_do(seconds: float, said: str) -> None:
    assert span(seconds) == said
