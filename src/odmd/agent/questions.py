"""What people are asked before a run touches what is there, and whether they allowed it already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from odmd.control.leading.desk import Claim
from odmd.control.running.procedures import Unit
from odmd.control.running.proposal import Look, Proposal, ResourceChange
from odmd.errors import ChangesToApprove, DataWouldBeLost, UnitNotOurs, UnitOfAnotherState
from odmd.graph import digest
from odmd.model import naming
from odmd.texts import first_of

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Questions:
    """Those of one run. Whoever allows something allows exactly what was asked."""

    claim: Claim
    costs: str = ""
    """How much dearer it would be than its stage takes without a word, in words; empty: it is not."""

    def before_touching(self, unit: Unit, look: Look) -> str:
        """People allow first that what is not this enver's, as this state knows it, becomes so, and that what
        a failed creation left goes with it. Returns the digest of what they allowed, if they had to.

        Raises:
            UnitNotOurs, UnitOfAnotherState, DataWouldBeLost
        """
        strange, lost = self._is_strange(look), look.lost_by_settling
        if self._is_anothers(look) or not (strange or lost):
            return ""
        asked = (unit.name, look.id, look.status, look.holding)
        how = "adopted" if look.is_foreign else f"taken from {look.state}" if strange else "settled"
        bound_to = digest((*asked, unit.content, dict(unit.values), how))
        if self.claim.run.allowed.partition("+")[0] == bound_to:
            return bound_to
        if strange:
            raise self._about_a_stranger(unit.name, look, bound_to)
        raise DataWouldBeLost(
            f"{self._what} {unit.name} failed to be created{_status(look)} and is deleted first, "
            f"with {', '.join(lost)}, which holds data",
            digest=bound_to,
            next_step=f"`odmd approve {self._label} data` lets it happen; "
            f"else save what it holds and delete the {self._what}",
        )

    def before_executing(self, change_set: Proposal, unit: Unit, adopted: str) -> str:
        """People say whether data may be lost, and whether what serves may stop for a while; `adopted` is what they
        allowed before the proposal was made. Returns what of it they allowed, in words.

        Raises:
            DataWouldBeLost
        """
        lost = [change for change in change_set.changes if change.is_loss or change.stops]
        if not lost:
            return self._whether_at_all(change_set, unit, adopted)
        bound_to = _with_adopted(adopted, digest((unit.name, unit.content, dict(unit.values), lines(change_set))))
        what = ", ".join(f"{change.logical_id} ({change.type}{_in_its_place(change)})" for change in lost)
        if self.claim.run.allowed == bound_to:
            return what
        how = "remove" if all(change.action == "Remove" for change in lost) else "replace or remove"
        raise DataWouldBeLost(
            f"{change_set.unit} would {how} {what}, which {_why_asked(lost)}",
            digest=bound_to,
            next_step=f"`odmd approve {self._label} data` lets it happen; else keep its name and key as they are",
        )

    def before_writing(self) -> None:
        """Where its stage has all changes approved, config alone is one, too; what it says is shown to nobody.

        Raises:
            ChangesToApprove
        """
        if not self.claim.asks_changes:
            return
        wanted, gone = self.claim.run.fingerprint.settings.live, self.claim.live.clear
        bound_to = digest(("changes", "config", wanted, gone))
        if self.claim.run.allowed != bound_to:
            said = [*(f"write config {name}" for name, _ in wanted), *(f"remove config {name}" for name in gone)]
            raise self._to_approve(f"{self._label}: {first_of(said, _SHOWN)}", bound_to)

    def _whether_at_all(self, change_set: Proposal, unit: Unit, adopted: str) -> str:
        """Where its stage has all changes approved, or what makes it so much dearer: these, as they are."""
        if not (self.claim.asks_changes or self.costs) or change_set.empty:
            return ""
        about = ("changes", unit.name, unit.content, dict(unit.values), lines(change_set))
        bound_to = _with_adopted(adopted, digest((*about, self.costs) if self.costs else about))
        costs = f"; {self._label} would cost {self.costs}" if self.costs else ""
        what = f"{change_set.unit}: {_counted(change_set.changes)}{costs}"
        if self.claim.run.allowed == bound_to:
            return what
        raise self._to_approve(what, bound_to)

    def _to_approve(self, what: str, bound_to: str) -> ChangesToApprove:
        step = f"`odmd approve {self._label} changes` lets exactly these happen"
        return ChangesToApprove(what, digest=bound_to, next_step=step)

    def is_untagged(self, look: Look) -> bool:
        """Whether what is this enver's goes on without the tag of its state: it would touch every resource."""
        return look.is_there and look.state is None and not self._is_strange(look) and not look.settled_by_deletion

    def _then(self, look: Look) -> str:
        """What an approval does to a stack that no enver made."""
        if look.lost_by_settling:
            return "deletes it with all that it holds, and makes it anew"
        if look.settled_by_deletion:
            return "deletes what is left of it, and makes it anew"
        return f"adopts it, and what it holds is {self._label}'s from then on"

    @property
    def _what(self) -> str:
        return self.claim.enver.type.unit

    @property
    def _label(self) -> str:
        return naming.enver_label(self.claim.enver.address)

    def _is_strange(self, look: Look) -> bool:
        """Whether no enver made it, or this enver did, and this state does not know of it."""
        if not look.is_there or self._is_anothers(look):
            return False
        known = look.state == self.claim.state or (look.state is None and self.claim.known)
        return look.owner is None or not known

    def _is_anothers(self, look: Look) -> bool:
        """One of another enver is refused, and not asked about."""
        return look.owner not in (None, self.claim.enver.address)

    def _about_a_stranger(self, unit: str, look: Look, bound_to: str) -> UnitNotOurs:
        lost, held = ", ".join(look.lost_by_settling), ", ".join(look.holding)
        goes = f"; it cannot be continued, and {lost}, which holds data, would go with it" if lost else ""
        holds = f"; it holds {held}" if held and not lost else ""
        where = self.claim.enver.target
        there = f"{self._what} {unit} is in {where} already{_status(look)}, and "
        if look.is_foreign:
            return UnitNotOurs(
                f"{there}no enver made it{goes or holds}",
                digest=bound_to,
                next_step=f"`odmd approve {self._label} data` {self._then(look)}; "
                f"else give the {self._what}, or the build, another name",
            )
        whose = f"is managed by another state ({look.state})" if look.state else "this state never deployed it"
        return UnitOfAnotherState(
            f"{there}{whose}{goes or holds}",
            digest=bound_to,
            next_step="is this the state that you mean (--state, ODMD_STATE, ODMD_DATABASE_URL)? "
            f"If so, `odmd approve {self._label} data` takes it over; the other state is asked then",
        )


def lines(change_set: Proposal) -> list[list[str]]:
    """The changes as they are journalled and approved."""
    return [[c.action, c.logical_id, c.type, c.replacement, c.cause] for c in change_set.changes]


def _with_adopted(adopted: str, bound_to: str) -> str:
    """Two approvals, of which the second one is to what was proposed after the first."""
    return f"{adopted}+{bound_to}" if adopted else bound_to


def _counted(changes: Sequence[ResourceChange]) -> str:
    """`Modify Table (AWS::DynamoDB::Table), Add Queue (AWS::SQS::Queue) and 3 more`."""
    return first_of([f"{one.action} {one.logical_id} ({one.type})" for one in changes], _SHOWN) or "other values"


def _why_asked(lost: Sequence[ResourceChange]) -> str:
    return "holds data" if any(one.is_loss for one in lost) else "serves nobody until what comes in its place does"


def _in_its_place(change: ResourceChange) -> str:
    if not change.heir:
        return ""
    stays = "it stays, without a stack, and " if change.kept else ""
    return f"; {stays}{change.heir} begins empty in its place"


def _status(look: Look) -> str:
    return f" ({look.status})" if look.status else ""
