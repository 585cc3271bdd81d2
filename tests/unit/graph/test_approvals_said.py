"""What contracts say of approvals and freezes is kept as data, and makes sense, or is refused at its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from odmd.errors import ContractsUnsound
from odmd.graph import Compiled, Graph, compile_contracts
from odmd.graph.approvals import ApprovalNode
from odmd.model import (
    Account,
    Approval,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Freeze,
    Hours,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Team,
    produced,
)
from odmd.model.kinds import EventBus

OWNERS, PAYMENTS, LEADS = Team("owners"), Team("payments"), Team("leads")
ACCOUNT = Account("dev", "111122223333")


class Base(CdkEnver, build=Build("base", Repo("acme/base", OWNERS))):
    bus: Produces[EventBus[str]] = produced("what happens")


class Shop(CdkEnver, build=Build("shop", Repo("acme/shop", OWNERS))):
    bus: Consumes[EventBus[str]]


def compiled(
    approval: Approval | None = None, *, of_stage: Approval | None = None, freezes: tuple[Freeze, ...] = ()
) -> Compiled:
    stage = Stage("prod", ACCOUNT, "us-west-1", approval=of_stage)
    base = Base(on=Branch("main"), at=stage)
    shop = Shop(on=Branch("main"), at=stage, bus=base.bus.gated(by=approval) if approval else base.bus)
    later = Shop(on=Promoted(shop, approval), at=replace(stage, name="last"), bus=base.bus)
    envers = [base, shop, later] if approval else [base, shop]
    return compile_contracts(
        Organisation("acme", central=ACCOUNT, envers=envers, teams=(PAYMENTS, LEADS), freezes=freezes)
    )


def graph(approval: Approval | None = None, **more: Approval) -> Graph:
    return compiled(approval, **more).graph


class TestApprovals:
    SAID = Approval(
        PAYMENTS,
        count=2,
        author=False,
        hours=Hours("Mon-Wed,Fri", "08:30", "24:00", "Europe/Berlin"),
        expires=timedelta(days=3),
        remind=timedelta(hours=4),
        escalate_to=LEADS,
    )

    def test_they_are_found_by_what_is_asked(self) -> None:
        made = graph(self.SAID, of_stage=Approval(OWNERS, changes=True))
        assert made.governed.approval("shop/s..last:") is not None
        assert [one.subject for one in made.governed.approvals][2:] == ["stage last", "stage prod"]
        wire = made.governed.approval("shop/b..main:bus")
        assert wire is not None
        assert str(wire) == "2 of payments, not the author, Mon,Tue,Wed,Fri 08:30-24:00 Europe/Berlin"
        assert (wire.expires, wire.remind, wire.escalate_to, wire.escalate_after) == (259_200, 14_400, "leads", 14_400)
        of_stage = made.governed.approval("stage prod")
        assert of_stage is not None
        assert of_stage.changes
        assert {one.gate for one in made.wires() if one.consumer == "shop/b..main"} == {"payments"}

    def test_how_something_is_approved_deploys_nothing_and_is_another_edition(self) -> None:
        two, three = graph(self.SAID), graph(replace(self.SAID, count=3))
        assert {one: two.slice(one) for one in two.envers} == {one: three.slice(one) for one in three.envers}
        assert two.digest() != three.digest()

    @pytest.mark.parametrize(
        ("wrong", "fact"),
        [
            (Approval(PAYMENTS, count=0), "asks 0 people"),
            (Approval(PAYMENTS, expires=timedelta()), "has expires=0:00:00, which is over before it begins"),
            (Approval(PAYMENTS, escalate_to=Team("nobody")), "asks team nobody, which is not known"),
            (Approval(PAYMENTS, hours=Hours("Mon-Fry")), "has days 'Mon-Fry', and there are no such days"),
            (Approval(PAYMENTS, hours=Hours(begin="9 o'clock")), "which no clock shows"),
            (Approval(PAYMENTS, hours=Hours(begin="17:00", end="09:00")), "has hours from 17:00 to 09:00, which are"),
            (Approval(PAYMENTS, hours=Hours(zone="Mars/Olympus")), "has zone 'Mars/Olympus', and there is no such"),
        ],
    )
    def test_one_that_nobody_could_give_is_refused(self, wrong: Approval, fact: str) -> None:
        for said in (wrong, None):
            with pytest.raises(ContractsUnsound) as told:
                graph(said) if said else graph(of_stage=wrong)
            found = [one for one in told.value.diagnostics() if one.code == "ODMD133"]
            assert found
            assert all(fact in one.fact and one.next_step and one.place for one in found)

    def test_days_may_go_around_the_end_of_a_week(self) -> None:
        made = graph(Approval(PAYMENTS, hours=Hours("Sat-Mon", "00:00", "24:00")))
        wire = made.governed.approval("shop/b..main:bus")
        assert wire is not None
        assert wire.hours is not None
        assert wire.hours.days == (5, 6, 0)


class TestFreezes:
    def test_one_is_from_the_first_day_to_the_end_of_the_last(self) -> None:
        said = Freeze("prod", date(2026, 12, 20), date(2027, 1, 2), "holidays", "Europe/Berlin")
        (one,) = compiled(freezes=(said,)).graph.governed.freezes
        assert one.scope == "stage:prod"
        ends = [datetime.fromtimestamp(at, UTC).isoformat() for at in (one.begins, one.ends)]
        assert ends == ["2026-12-19T23:00:00+00:00", "2027-01-02T23:00:00+00:00"]

    @pytest.mark.parametrize(
        ("wrong", "fact"),
        [
            (Freeze("nowhere", date(2026, 1, 1), date(2026, 1, 2), "x"), "is of stage 'nowhere', which there is not"),
            (Freeze("prod", date(2026, 1, 2), date(2026, 1, 1), "x"), "which is over before it begins"),
            (Freeze("prod", date(2026, 1, 1), date(2026, 1, 2), "x", "Mars"), "has zone 'Mars'"),
        ],
    )
    def test_one_of_nothing_is_refused(self, wrong: Freeze, fact: str) -> None:
        with pytest.raises(ContractsUnsound) as told:
            compiled(freezes=(wrong,))
        (found,) = told.value.diagnostics()
        assert (found.code, fact in found.fact) == ("ODMD134", True)


def test_an_approval_that_says_nothing_of_costs_has_the_digest_of_older_releases() -> None:
    of_stage = ApprovalNode("stage prod", "payments", count=2, changes=True)
    assert list(of_stage.in_digest()) == ["stage prod", "payments", 2, True, None, 0.0, 0.0, "", 0.0, True]
    assert list(replace(of_stage, dearer_by=0.0).in_digest())[-1] == 0.0
