"""A wait outlasts AWS's bad moments.

After aws/aws-sam-cli#2671 and Kotaimen/awscfncli#68 (a wait failed because looking was throttled),
LambdaSharp/LambdaSharpTool#102 (a network glitch ended it) and miasma-rb/miasma#23 (credentials expired meanwhile).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from odmd.errors import CloudRefused, CloudUnreachable, CredentialsRefused, OdmdError, RunCancelled
from odmd.providers.aws.waiting import LONGEST_AWAY, RENEWAL_SECONDS, Patience


class Clock:
    """Sleeps at once."""

    def __init__(self) -> None:
        self.now = 0.0
        self.longest = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.longest = max(self.longest, seconds)


def reading(*answers: OdmdError | str) -> Callable[[], str]:
    left: Iterator[OdmdError | str] = iter(answers)

    def read() -> str:
        answer = next(left)
        if isinstance(answer, OdmdError):
            raise answer
        return answer

    return read


def test_throttling_for_hours_is_outlasted_and_told() -> None:
    clock, said = Clock(), list[str]()
    away = [CloudUnreachable("AWS is busy: Rate exceeded")] * 500

    assert Patience(said.append, clock.sleep, lambda: clock.now).look(reading(*away, "CREATE_COMPLETE"))

    assert clock.now > 3600
    assert clock.longest == LONGEST_AWAY
    assert said[0] == "waits: AWS is busy: Rate exceeded"


def test_credentials_that_are_renewed_in_time_go_on_with_it() -> None:
    clock = Clock()
    expired = [CredentialsRefused("ExpiredToken")] * 5

    assert Patience(sleep=clock.sleep, clock=lambda: clock.now).look(reading(*expired, "done")) == "done"


def test_credentials_that_nobody_renews_end_it_after_some_time() -> None:
    clock = Clock()

    with pytest.raises(CredentialsRefused):
        Patience(sleep=clock.sleep, clock=lambda: clock.now).look(reading(*[CredentialsRefused("Expired")] * 500))

    assert RENEWAL_SECONDS <= clock.now <= RENEWAL_SECONDS + LONGEST_AWAY


def test_a_refusal_is_told_once() -> None:
    with pytest.raises(CloudRefused):
        Patience(sleep=pytest.fail).look(reading(CloudRefused("AccessDenied")))


def test_who_was_replaced_stops_waiting() -> None:
    def replaced(_line: str) -> None:
        raise RunCancelled("another worker took it over")

    with pytest.raises(RunCancelled):
        Patience(replaced, pytest.fail).look(reading(CloudUnreachable("away")))
