"""A run that fails before it touches a stack leaves what ran before as it surely is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from odmd.control.running.proposal import Proposal
from odmd.control.running.saying import Progress
from odmd.model.targets import Target
from odmd.providers.aws.fake import FakeAws
from support.office import Office


class BrokenAws(FakeAws):
    """Meets a mistake of our own at one place."""

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self._place = place

    def preflight(self, target: Target) -> None:
        self._break("preflight")
        super().preflight(target)

    def execute(self, change_set: Proposal, target: Target, progress: Progress) -> None:
        self._break("execute")
        super().execute(change_set, target, progress)

    def _break(self, place: str) -> None:
        if place == self._place:
            raise RuntimeError(f"broken at {place}")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.leader.stop()


def cut_off() -> FakeAws:
    aws = FakeAws()
    aws.cut_off()
    return aws


@pytest.mark.parametrize("aws", [cut_off, lambda: BrokenAws("preflight")], ids=["out of reach", "broken"])
class TestPreflightThatFails:
    def test_what_ran_before_surely_still_runs(self, office: Office, aws: Callable[[], FakeAws]) -> None:
        enver = office.carry_out(aws())

        assert enver.failure
        assert enver.deployed is not None
        assert enver.deployed.commit == "one"

    def test_unless_an_earlier_attempt_may_have_moved_something(
        self, office: Office, aws: Callable[[], FakeAws]
    ) -> None:
        office.journal_change_set()

        assert office.carry_out(aws()).deployed is None


def test_what_breaks_at_a_stack_leaves_it_unknown(office: Office) -> None:
    enver = office.carry_out(BrokenAws("execute"))

    assert "broken at execute" in enver.failure
    assert enver.deployed is None
