"""Whatever an enver was, and wherever: what it left is removed by who knows its kind, listed, or let go of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.agent.removal import clear, remove
from odmd.agent.several import OfEachKind, who_knows
from odmd.control.running.clearing import clear_each, together
from odmd.control.running.procedures import NOTHING_THERE, Remains, Remover
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.control.scheduler.units import DeployedUnit, Leftover, Units
from odmd.errors import ClusterRefused, ClusterUnreachable, NotYetCarriedOut
from odmd.model.build_types import COMMAND, KUBERNETES, NPM, BuildType
from odmd.model.targets import Target
from odmd.plan.inventory import Belonging, Inventory
from support.worlds import address

ACCOUNTS = ("111122223333", "444455556666")
TYPES = (KUBERNETES, COMMAND, NPM)


@dataclass
class Yard:
    """What is there of all kinds, and of which each is known to hold data; some accounts are closed."""

    there: set[DeployedUnit] = field(default_factory=set[DeployedUnit])
    data: set[DeployedUnit] = field(default_factory=set[DeployedUnit])
    closed: set[str] = field(default_factory=set[str])
    busy: set[DeployedUnit] = field(default_factory=set[DeployedUnit])
    stuck: set[DeployedUnit] = field(default_factory=set[DeployedUnit])


@dataclass
class OfOneKind:
    """Knows one kind of unit, and would be wrong about any other."""

    what: str
    yard: Yard

    def look(self, effect: RemoveEnver) -> Remains:
        return together([self._look(unit) for unit in effect.units])

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return [str(unit) for unit in effect.units]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        return clear_each(effect, self._look, lambda _enver, unit: unit not in self.yard.busy)

    def _look(self, unit: DeployedUnit) -> Remains:
        assert unit.what == self.what, "it is told of no other kind"
        if unit.target.account in self.yard.closed:
            raise ClusterRefused(f"account {unit.target.account} is closed")
        if unit not in self.yard.there:
            return NOTHING_THERE
        goes = (Belonging(unit.what, unit.name, "holds data" if unit in self.yard.data else ""),)
        return Remains(Inventory(goes), lambda: self._take(unit))

    def _take(self, unit: DeployedUnit) -> str:
        if unit in self.yard.stuck:
            return "it is in use\nby somebody"
        self.yard.there.discard(unit)
        return ""


def remover_of(yard: Yard, kind: BuildType = KUBERNETES) -> Remover:
    by_type = {one.name: OfOneKind(one.unit, yard) for one in TYPES}
    return OfEachKind(kind.unit, by_type[kind.name], who_knows(by_type))


NAMES = st.sampled_from(["a/one", "a/two", "b/one"])
PLACES = st.tuples(st.sampled_from(TYPES), st.sampled_from(ACCOUNTS), st.sets(NAMES, max_size=3))


def units_of(kind: BuildType, account: str, names: set[str]) -> list[DeployedUnit]:
    return [DeployedUnit(name, Target(account, "us-west-1"), kind.unit) for name in sorted(names)]


@given(st.lists(PLACES, min_size=1, max_size=6), st.sets(st.sampled_from(ACCOUNTS)), st.data())
def test_nothing_that_a_run_made_is_forgotten(
    runs: list[tuple[BuildType, str, set[str]]], closed: set[str], data: st.DataObject
) -> None:
    yard, units, let_go = Yard(closed=closed), Units(), set[DeployedUnit]()
    for kind, account, names in runs:
        new = units_of(kind, account, names)
        yard.there.update(new)
        yard.data.update(one for one in new if data.draw(st.booleans(), label=f"{one} holds data"))
        units = units.deployed(new)
        effect = ClearUnits(address(0), units.to_clear(), "", 1.0)
        for allowed in (False, data.draw(st.booleans(), label="people allow it")):
            if not effect.units:
                break
            done = clear(remover_of(yard, kind), effect)
            asked = done.loss or done.lost
            let_go.update(one for one in done.removed if str(one) in done.left)
            units = units.cleared(done.removed, done.kept)
            left = units.again().to_clear()
            effect = replace(effect, units=left, allowed=asked.digest if asked and allowed else "")
        current = set(units.current())
        assert current == set(new)
        assert yard.there <= set(units.there) | let_go, "all that is there is recorded, or was let go of"
        assert {one.unit for one in units.left} <= {one for one in units.there if one not in current}
        assert all(one.why for one in units.left), "and says why it is there still"
        assert not yard.data & (set(units.there) - yard.there - let_go), "no data went unasked"


def left(yard: Yard, *units: DeployedUnit) -> ClearUnits:
    yard.there.update(units)
    return ClearUnits(address(0), units, "", 1.0)


HERE = DeployedUnit("a/one", Target(ACCOUNTS[0], "us-west-1"), KUBERNETES.unit)
ELSEWHERE = replace(HERE, name="b/one")
COMMANDS = replace(HERE, name="commands", what=COMMAND.unit)


def test_each_goes_by_itself_and_data_only_when_exactly_that_was_allowed() -> None:
    yard = Yard(data={HERE}, stuck={ELSEWHERE})
    effect = left(yard, HERE, ELSEWHERE, COMMANDS)
    done = clear(remover_of(yard), effect)
    assert done.removed == (COMMANDS,)
    assert done.kept[0] == Leftover(HERE, "release a/one would go, which holds data", asks=True)
    assert done.kept[1] == Leftover(ELSEWHERE, "it is in use; by somebody")
    assert done.loss is not None
    assert clear(remover_of(yard), replace(effect, units=(HERE,), allowed="another")).removed == ()
    assert clear(remover_of(yard), replace(effect, units=(HERE,), allowed=done.loss.digest)).removed == (HERE,)


def test_what_a_run_is_about_to_bring_back_stays() -> None:
    yard = Yard(busy={HERE})
    done = clear(remover_of(yard), left(yard, HERE))
    assert (done.removed, done.kept, yard.there) == ((), (Leftover(HERE),), {HERE})


def test_one_cluster_that_is_away_keeps_nothing_in_another_waiting() -> None:
    yard = Yard()

    class Away(OfOneKind):
        def _look(self, unit: DeployedUnit) -> Remains:
            if unit.name.startswith("a/"):
                raise ClusterUnreachable("cluster a does not answer")
            return super()._look(unit)

    kinds: dict[str, Remover] = {KUBERNETES.name: Away(KUBERNETES.unit, yard)}
    remover = OfEachKind(KUBERNETES.unit, kinds[KUBERNETES.name], who_knows(kinds))
    done = clear(remover, left(yard, HERE, ELSEWHERE), clock=lambda: 10_000.0)
    assert done.removed == (ELSEWHERE,)
    assert done.lost is not None


def test_what_this_release_does_not_know_is_listed_and_can_be_let_go_of() -> None:
    yard, strange = Yard(), replace(HERE, what="sculpture")
    done = clear(remover_of(yard), left(yard, strange, HERE))
    assert done.removed == (HERE,)
    assert "does not know how a sculpture is removed: a/one" in done.kept[0].why
    assert done.lost is not None
    assert clear(remover_of(yard), ClearUnits(address(0), (strange,), done.lost.digest, 1.0)).left == (str(strange),)
    effect = RemoveEnver(address(0), HERE.target, None, "", 1.0, (strange,))
    with pytest.raises(NotYetCarriedOut):
        remover_of(yard).look(effect)
    assert list(remover_of(yard).may_be_there(effect)) == [str(strange)]


def test_an_enver_goes_with_what_it_had_when_it_was_something_else() -> None:
    yard = Yard(there={HERE, COMMANDS})
    effect = RemoveEnver(address(0), HERE.target, "sha256:kept", "", 1.0, (COMMANDS, HERE))
    assert remover_of(yard).look(effect).inventory.keys == ("release a/one", "command commands")
    assert remove(remover_of(yard), effect).error == ""
    assert yard.there == set()
