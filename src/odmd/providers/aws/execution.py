"""Executes change sets and tells what happens, resource by resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from odmd.control.running.proposal import Proposal
from odmd.control.running.saying import WARNS, Progress
from odmd.errors import StackFailed
from odmd.model.targets import Target
from odmd.providers.aws.change_sets import token
from odmd.providers.aws.codes import code, next_step, reason, refused
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stack_events import StackEvents, is_of_stack, line
from odmd.providers.aws.statuses import MOVING
from odmd.providers.aws.waiting import Patience, looks

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, StackEventTypeDef

_EXECUTABLE: Final = frozenset({"AVAILABLE", "EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED"})
_GOOD: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_CLEAN: Final = frozenset({"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
_GOES_ON: Final = MOVING | {"REVIEW_IN_PROGRESS"}


class Execution:
    """Executes change sets."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def execute(self, change_set: Proposal, target: Target, progress: Progress) -> None:
        """Executes a change set, or joins its execution if somebody started it, and waits for its end, however long
        AWS is out of reach meanwhile.

        Raises:
            StackFailed, CredentialsRefused, CloudRefused
        """
        if change_set.empty:
            return
        patience = Patience(progress)
        described = patience.look(lambda: self._described(change_set, target))
        _refuse_outdated(change_set, described)
        events = StackEvents(self._sessions, described.get("StackId", change_set.unit), target)
        if described["ExecutionStatus"] == "AVAILABLE":
            patience.look(events.skip_present)
            patience.look(lambda: self._start(described, target))
        else:
            events.skip_before(described["CreationTime"])
        left = dict[str, str]()

        def follow(event: StackEventTypeDef) -> None:
            _note_left(left, event)
            progress(line(event))

        _end(change_set.unit, _followed(events, patience, follow), events)
        for said in left.values():
            progress(f"{WARNS}{change_set.unit} let go of what could not be deleted, and nobody has it now: {said}")

    def _described(self, change_set: Proposal, target: Target) -> DescribeChangeSetOutputTypeDef:
        with reaching(target):
            return self._sessions.cloudformation(target).describe_change_set(
                ChangeSetName=change_set.id, StackName=change_set.unit
            )

    def _start(self, described: DescribeChangeSetOutputTypeDef, target: Target) -> None:
        """Safe to do again: a change set is executed once."""
        from botocore.exceptions import ClientError

        stack = described.get("StackName", "")
        with reaching(target):
            try:
                self._sessions.cloudformation(target).execute_change_set(
                    ChangeSetName=described.get("ChangeSetId", ""),
                    StackName=stack,
                    ClientRequestToken=token(described.get("ChangeSetName", ""), stack),
                    # What this very operation makes goes with its rollback, whatever the template keeps later on.
                    RetainExceptOnCreate=True,
                )
            except ClientError as wrong:
                if code(wrong) in {"InvalidChangeSetStatus", "InvalidChangeSetStatusException"}:
                    return
                if not refused(wrong):
                    raise
                raise StackFailed(f"{stack}: {reason(wrong)}", next_step=next_step(wrong)) from wrong


def _note_left(left: dict[str, str], event: StackEventTypeDef) -> None:
    """CloudFormation tries three times to delete what an update does not need any more, and then calls it complete."""
    id, status = event.get("PhysicalResourceId", ""), event.get("ResourceStatus")
    if status == "DELETE_FAILED":
        why = event.get("ResourceStatusReason", "")
        left[id] = f"{event.get('LogicalResourceId')} ({event.get('ResourceType')} {id})" + (f": {why}" if why else "")
    elif status == "DELETE_COMPLETE":
        left.pop(id, None)


def _followed(events: StackEvents, patience: Patience, follow: Callable[[StackEventTypeDef], None]) -> tuple[str, str]:
    """The status in which the stack ended, and CloudFormation's reason."""
    for _ in looks():
        for event in patience.look(events.fresh):
            if not is_of_stack(event):
                follow(event)
            elif (status := event.get("ResourceStatus", "")) not in _GOES_ON:
                return status, event.get("ResourceStatusReason", "")
    raise AssertionError  # `looks` has no end


def _refuse_outdated(change_set: Proposal, described: DescribeChangeSetOutputTypeDef) -> None:
    status = described["ExecutionStatus"]
    if status not in _EXECUTABLE:
        raise StackFailed(
            f"the change set of {change_set.unit} cannot be executed any more: {status}",
            next_step="somebody changed the stack meanwhile: run again, with a new change set",
        )


def _end(stack: str, ended: tuple[str, str], events: StackEvents) -> None:
    status, said = ended
    if status in _GOOD:
        return
    how = "rolled back" if status in _CLEAN else f"left in {status}"
    why = events.why(f"{status}: {said}" if said else status)
    raise StackFailed(f"{stack} was {how}: {why}", clean=status in _CLEAN)
