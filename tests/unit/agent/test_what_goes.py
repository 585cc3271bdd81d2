"""What goes with an enver that left the contracts is within what people were shown, or allowed; and who lets go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.agent.removal import Removers, clear, remove
from odmd.control.running.procedures import Remains
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import FinishClearance, Loss
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.errors import CloudRefused, CloudUnreachable, ClusterUnreachable, OdmdError
from odmd.graph import digest
from odmd.model.build_types import CDK
from odmd.model.targets import Target
from odmd.plan.inventory import Belonging, Inventory
from support.worlds import address

HOUR = 3600.0


@dataclass
class World:
    """Things by their names, and whether each holds data; goes as a remover says."""

    things: dict[str, bool]
    away: OdmdError | None = None
    went: list[str] = field(default_factory=list[str])
    gone: frozenset[str] = frozenset()

    def look(self, effect: RemoveEnver) -> Remains:
        del effect
        if self.away is not None:
            raise self.away
        its = [Belonging("thing", name, "holds data" if data else "") for name, data in self.things.items()]
        return Remains(Inventory(tuple(its)), lambda: self._take([one.name for one in its]))

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        del effect
        return list(self.things)

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Units that are things; what is in an account of `gone` cannot be looked at, and `held` asks by itself."""
        if found := [one.target.account for one in effect.units if one.target.account in self.gone]:
            raise self.away or CloudRefused(f"no account {found[0]}")
        asks = [one for one in effect.units if self.things[one.name]]
        loss = Loss(f"data in {asks}", digest([str(one) for one in asks])) if asks else None
        kept = asks if loss and loss.digest != effect.allowed else []
        removed = tuple(one for one in effect.units if one not in kept)
        self._take([one.name for one in removed])
        left = tuple(Leftover(one, "holds data", asks=True) for one in kept)
        return FinishClearance(effect.enver, removed, left, effect.began, loss if kept else None)

    def _take(self, names: Sequence[str]) -> str:
        self.went += names
        for name in names:
            del self.things[name]
        return ""


def effect(shown: Sequence[str] | None = None, allowed: str = "", began: float = 0.0) -> RemoveEnver:
    return RemoveEnver(
        address(0),
        Target("111122223333", "us-west-1"),
        None,
        allowed,
        began,
        (),
        None if shown is None else tuple(shown),
    )


THINGS = st.dictionaries(st.sampled_from("abcdef"), st.booleans(), max_size=6)


@given(before=THINGS, after=THINGS)
def test_what_goes_unasked_was_shown_and_holds_no_data(before: Mapping[str, bool], after: Mapping[str, bool]) -> None:
    shown = World(dict(before)).look(effect()).inventory.keys
    world = World(dict(after))
    done = remove(world, effect(shown))
    if done.loss is None:
        assert {f"thing {name}" for name in world.went} <= set(shown)
        assert not any(after[name] for name in world.went)
        assert not world.things, "and then all of it goes"
    else:
        assert world.went == [], "nothing goes before somebody allowed all of it"
        assert any(data or f"thing {name}" not in shown for name, data in after.items())


@given(shown=THINGS, asked=THINGS, now=THINGS)
def test_an_answer_allows_exactly_what_was_asked(
    shown: Mapping[str, bool], asked: Mapping[str, bool], now: Mapping[str, bool]
) -> None:
    keys = [f"thing {name}" for name in shown]
    question = remove(World(dict(asked)), effect(keys)).loss
    world = World(dict(now))
    remove(world, effect(keys, allowed=question.digest if question else ""))
    named = {name for name, data in asked.items() if data or f"thing {name}" not in keys}
    assert set(world.went) <= named | set(shown)


def test_of_what_was_removed_before_people_were_shown_anything_only_data_is_asked_about() -> None:
    world = World({"a": False})
    assert remove(world, effect(None)).loss is None
    assert world.went == ["a"]


def test_what_nobody_was_shown_is_named() -> None:
    loss = remove(World({"a": False, "b": False, "c": True}), effect(["thing a"])).loss
    assert loss is not None
    said = "its removal would take thing b along, which nobody was shown and take thing c along, which holds data"
    assert loss.what == said


class TestLettingGo:
    AWAY = ClusterUnreachable("https://10.0.0.1 does not answer")

    def test_who_cannot_look_says_what_may_still_be_there_and_asks(self) -> None:
        done = remove(World({"a": False}, self.AWAY), effect())
        assert done.error == "ODMD272 https://10.0.0.1 does not answer"
        assert done.lost is not None
        assert done.lost.what.endswith("leaves behind what may still be there: a")
        assert done.left == ()

    def test_it_is_let_go_of_when_exactly_that_was_allowed(self) -> None:
        world = World({"a": False}, self.AWAY)
        asked = remove(world, effect()).lost
        assert asked is not None
        done = remove(world, effect(allowed=asked.digest))
        assert (done.error, done.left) == ("", ("a",))
        world.things["b"] = True
        again = remove(world, effect(allowed=asked.digest))
        assert (again.left, again.lost is not None) == ((), True), "more may be there than was shown"

    def test_who_answers_again_after_all_is_cleared_as_always(self) -> None:
        world = World({"a": False, "b": True}, self.AWAY)
        asked = remove(world, effect()).lost
        assert asked is not None
        world.away = None
        done = remove(world, effect(["thing a", "thing b"], asked.digest))
        assert (done.left, done.loss is not None, world.went) == ((), True, []), "letting go allows no loss of data"

    def test_nothing_recorded_is_said_to_be_so(self) -> None:
        world = World({}, self.AWAY)
        asked = remove(world, effect()).lost
        assert asked is not None
        assert remove(world, effect(allowed=asked.digest)).left == ("nothing that was recorded",)

    def test_aws_is_waited_for_an_hour_before_anybody_is_asked(self) -> None:
        world = World({"a": False}, CloudUnreachable("AWS does not answer"))
        with pytest.raises(CloudUnreachable):
            remove(world, effect(began=1000.0), clock=lambda: 1000.0 + HOUR - 1)
        assert remove(world, effect(began=1000.0), clock=lambda: 1000.0 + HOUR).lost is not None


HERE, THERE = "111122223333", "444455556666"


def units(**accounts: str) -> tuple[DeployedUnit, ...]:
    return tuple(DeployedUnit(name, Target(account, "us-west-1")) for name, account in accounts.items())


def clearance(left: Sequence[DeployedUnit], allowed: str = "", began: float = 1.0) -> ClearUnits:
    return ClearUnits(address(0), tuple(left), allowed, began)


class TestUnitsThatLeft:
    def test_an_account_that_is_gone_keeps_no_unit_elsewhere_waiting(self) -> None:
        world, (a, b) = World({"a": False, "b": False}, gone=frozenset({THERE})), units(a=HERE, b=THERE)
        done = clear(world, clearance([b, a]))
        assert (world.went, done.removed) == (["a"], (a,))
        assert [(one.unit, one.why, one.asks) for one in done.kept] == [(b, "ODMD219 no account 444455556666", False)]
        assert done.lost is not None
        assert done.lost.what.endswith(f"what may still be there: stack b in {b.target}")
        again = clear(world, clearance([b], done.lost.digest))
        assert (again.removed, again.kept, again.lost) == ((b,), (), None)
        assert again.left == (f"stack b in {b.target}",)

    def test_letting_go_is_bound_to_the_units_that_were_shown(self) -> None:
        world, (b, c) = World({"b": False, "c": False}, gone=frozenset({THERE})), units(b=THERE, c=THERE)
        asked = clear(world, clearance([b])).lost
        assert asked is not None
        done = clear(world, clearance([b, c], asked.digest))
        assert (done.removed, done.left, done.lost is not None) == ((), (), True)

    def test_who_answers_again_after_all_is_cleared_as_always_and_loses_no_data(self) -> None:
        world, (b,) = World({"b": True}, gone=frozenset({THERE})), units(b=THERE)
        asked = clear(world, clearance([b])).lost
        assert asked is not None
        world.gone = frozenset()
        done = clear(world, clearance([b], asked.digest))
        assert (world.went, done.left, done.loss is not None) == ([], (), True)

    def test_data_here_is_asked_about_beside_what_is_lost_there(self) -> None:
        world, (a, b) = World({"a": True, "b": False}, gone=frozenset({THERE})), units(a=HERE, b=THERE)
        done = clear(world, clearance([a, b]))
        assert (done.loss is not None, done.lost is not None, world.went) == (True, True, [])

    def test_aws_is_waited_for_an_hour_before_anybody_is_asked(self) -> None:
        away = CloudUnreachable("AWS does not answer")
        world, (b,) = World({"b": False}, away, gone=frozenset({THERE})), units(b=THERE)
        for began in (0.0, 1001.0):
            with pytest.raises(CloudUnreachable):
                clear(world, clearance([b], began=began), clock=lambda: 1000.0 + HOUR)
        assert clear(world, clearance([b], began=1000.0), clock=lambda: 1000.0 + HOUR).lost is not None


def test_many_are_looked_at_and_one_that_cannot_be_seen_says_why() -> None:
    seen, unseen = World({"a": False}), World({}, ClusterUnreachable("it is away"))

    class Either(World):
        def look(self, effect: RemoveEnver) -> Remains:
            return (seen if effect.enver == address(0) else unseen).look(effect)

    removers = Removers({CDK.name: Either({})}, lambda _enver: None)
    found = removers.look([Enver(address(0)), Enver(address(1))])
    assert found[address(0)].keys == ("thing a",)
    assert found[address(1)] == Inventory(unseen="ODMD272 it is away")
    assert removers.look([]) == {}
    assert seen.things == {"a": False}, "looking changes nothing"
