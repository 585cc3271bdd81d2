"""A lookout looks at all when it is time, however much is said meanwhile, and looks again at what failed."""

from __future__ import annotations

from collections.abc import Collection

from odmd.errors import OdmdError
from odmd.server.lookout import Lookout
from support.until import until


def test_what_is_said_again_and_again_keeps_no_look_at_all_away() -> None:
    seen = list[Collection[str] | None]()
    lookout = Lookout[str]("branches", seen.append, poll=0.05)
    with lookout.running():

        def looked_at_all_twice() -> bool:
            lookout.said("acme/shop")
            return seen.count(None) > 2

        until(looked_at_all_twice)


def test_what_could_not_be_looked_at_is_looked_at_again_although_nobody_says_so() -> None:
    seen = list[Collection[str] | None]()

    def look(where: Collection[str] | None) -> None:
        seen.append(where)
        if seen.count({"acme/shop"}) == 1:
            raise OdmdError("the host is away", next_step="wait")

    lookout = Lookout[str]("branches", look, poll=0.0)
    with lookout.running():
        until(lambda: seen)
        lookout.said("acme/shop")
        until(lambda: seen.count({"acme/shop"}) == 2)
    assert seen[0] is None


def test_without_a_poll_all_is_looked_at_once_and_again_if_that_failed() -> None:
    seen = list[Collection[str] | None]()

    def look(where: Collection[str] | None) -> None:
        seen.append(where)
        if len(seen) == 1:
            raise OdmdError("the host is away", next_step="wait")

    with Lookout[str]("branches", look, poll=0.0).running():
        until(lambda: len(seen) == 2)
    assert seen == [None, None]
