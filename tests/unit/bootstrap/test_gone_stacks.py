"""Of stacks that somebody took away is noted what is not known, and what was accepted for a time that is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odmd.bootstrap.gone import notes, stacks_of
from odmd.control.scheduler.drift import Acceptance, Finding, gone_unit
from odmd.control.scheduler.envers import Departure, Enver
from odmd.control.scheduler.units import DeployedUnit, Units
from odmd.model.build_types import CDK
from odmd.model.targets import Target
from odmd.plan import Fingerprint
from support.actors import SOMEBODY
from support.worlds import ACCOUNT, DEV, address

GONE = gone_unit("e0--main", CDK.unit)


@pytest.mark.parametrize(
    ("accepted", "is_noted"),
    [
        (None, False),
        (Acceptance(SOMEBODY, "we know", 0.0, None), False),
        (Acceptance(SOMEBODY, "for an hour", 0.0, 3600.0), False),
        (Acceptance(SOMEBODY, "for a minute", 0.0, 60.0), True),
    ],
)
def test_a_stack_that_is_known_to_be_gone_is_noted_once_its_acceptance_is_over(
    accepted: Acceptance | None, *, is_noted: bool
) -> None:
    enver = Enver(address(0), deployed_by=1, drift=(Finding(GONE, 0.0, accepted),))
    found = list(notes({address(0): enver}, [(address(0), GONE.unit)], SOMEBODY, 90.0))
    assert [one.seen for one in found] == ([(GONE,)] if is_noted else [])


def test_a_stack_that_nobody_knows_to_be_gone_is_noted() -> None:
    (found,) = notes({address(0): Enver(address(0), deployed_by=1)}, [(address(0), GONE.unit)], SOMEBODY, 90.0)
    assert (found.seen, found.run, found.sorts) == ((GONE,), 1, ("gone",))


def test_a_stack_of_an_enver_that_is_being_removed_is_nobodys_to_miss() -> None:
    unit = DeployedUnit(GONE.unit, Target(ACCOUNT.id, DEV.region), CDK.unit)
    enver = Enver(address(0), deployed=Fingerprint("c", "s", ()), units=Units((unit,)))
    assert stacks_of([enver]) == {unit.target: {unit.name: address(0)}}
    assert not stacks_of([replace(enver, departure=Departure(SOMEBODY, under_way=True))])
