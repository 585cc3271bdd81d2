"""What is behind a value that nobody uses goes, or is let go of after a day in which nobody could remove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from odmd.control.leading.perform import Performer
from odmd.control.ports.reads import History
from odmd.control.ports.world import Mirror
from odmd.control.scheduler.effects import RemoveRetired
from odmd.control.scheduler.messages import FinishRetirement, Message
from odmd.control.scheduler.values import Resource, Value, ValueStatus
from odmd.errors import IndexUnreachable, OdmdError
from odmd.model.targets import Target
from support.worlds import graph

DAY = 24 * 3600.0
BEGAN = 1000.0
PRODUCT = "e0/b..main/p"
VERSION = "shop@1.0.0-main.1"


@dataclass
class Registry:
    """Where a value is; without an answer while `away`."""

    away: OdmdError | None = None
    now: float = BEGAN
    told: list[Message] = field(default_factory=list[Message])

    def values(self, product: str) -> Sequence[Value]:
        resource = Resource("version", VERSION, "https://npm.invalid", "", "npm")
        gone = Value(product, 1, VERSION, "sha256:1", "NpmPackage", 1, 0.0, resource, ValueStatus.RETIRING)
        return [gone, replace(gone, version=2, status=ValueStatus.CURRENT, resource=None)]

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:
        del resource, bridge, product
        if self.away:
            raise self.away
        return ""

    def bridge(self, old: Resource, new: Resource, name: str, enver: str, at: Target | None = None) -> str:
        raise NotImplementedError

    def retired(self, began: float = BEGAN) -> str:
        """Tries it once; returns why it stays."""
        Performer(
            graph(1, []),
            cast("History", self),
            cast("Mirror", None),
            {"npm": self},
            cast("None", None),  # type: ignore[arg-type]
            cast("None", None),  # type: ignore[arg-type]
            lambda message, _id: self.told.append(message),
            lambda: self.now,
        ).perform(RemoveRetired(PRODUCT, 1, began))
        (done,) = self.told
        assert isinstance(done, FinishRetirement)
        return done.leftover


@pytest.mark.parametrize(("began", "now"), [(BEGAN, BEGAN), (BEGAN, BEGAN + DAY - 1), (0.0, BEGAN + DAY)])
def test_for_a_day_it_is_tried_again_and_for_ever_where_an_older_release_began(began: float, now: float) -> None:
    registry = Registry(IndexUnreachable("npm.invalid does not answer"), now)
    with pytest.raises(IndexUnreachable):
        registry.retired(began)
    assert registry.told == []


def test_a_registry_that_is_gone_for_good_is_let_go_of_and_the_value_says_what_may_be_left() -> None:
    registry = Registry(IndexUnreachable("npm.invalid does not answer"), BEGAN + DAY)
    assert registry.retired() == (
        f"{VERSION} may be there still, let go of after a day: ODMD263 npm.invalid does not answer"
    )


def test_one_that_answers_again_takes_it_away_however_late() -> None:
    assert Registry(now=BEGAN + 10 * DAY).retired() == ""
