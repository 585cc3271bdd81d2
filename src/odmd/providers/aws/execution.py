"""Executes change sets and tells what happens, resource by resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from odmd.control.deployment import ChangeSet, Target
from odmd.control.ports import Progress
from odmd.errors import StackFailed
from odmd.providers.aws.change_sets import token
from odmd.providers.aws.reach import code, is_about_the_request, reaching, reason
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.waiting import looks

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, StackEventTypeDef

_STACK: Final = "AWS::CloudFormation::Stack"
_EXECUTABLE: Final = frozenset({"AVAILABLE", "EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED"})
_GOOD: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_CLEAN: Final = frozenset({"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
_COLLATERAL: Final = ("cancelled", "canceled")


class Execution:
    """Executes change sets."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def execute(self, change_set: ChangeSet, target: Target, progress: Progress) -> None:
        """Executes a change set, or joins its execution if somebody started it, and waits for its end.

        Raises:
            StackFailed, CloudUnreachable
        """
        if change_set.empty:
            return
        with reaching(target):
            described = self._sessions.cloudformation(target).describe_change_set(ChangeSetName=change_set.id)
            _refuse_outdated(change_set, described)
            stack = described.get("StackId", change_set.stack)
            events = _Events(self._sessions, stack, target)
            if described["ExecutionStatus"] == "AVAILABLE":
                events.skip_present()
                self._start(described, target)
            else:
                events.skip_before(described["CreationTime"])
            self._follow(change_set.stack, events, progress)

    def _start(self, described: DescribeChangeSetOutputTypeDef, target: Target) -> None:
        from botocore.exceptions import ClientError

        stack = described.get("StackName", "")
        try:
            self._sessions.cloudformation(target).execute_change_set(
                ChangeSetName=described.get("ChangeSetId", ""),
                ClientRequestToken=token(described.get("ChangeSetName", ""), stack),
                # What this very operation makes goes with its rollback, whatever the template keeps later on.
                RetainExceptOnCreate=True,
            )
        except ClientError as wrong:
            if code(wrong) in {"InvalidChangeSetStatus", "InvalidChangeSetStatusException"}:
                return
            if not is_about_the_request(wrong):
                raise
            raise StackFailed(f"{stack}: {reason(wrong)}") from wrong

    def _follow(self, stack: str, events: _Events, progress: Progress) -> None:
        failed: StackEventTypeDef | None = None
        for event in events.until_ended():
            if _is_of_stack(event):
                if not _is_moving(event):
                    _end(stack, event, failed)
                continue
            progress(f"{event.get('LogicalResourceId')} {event.get('ResourceType')} {event.get('ResourceStatus')}")
            failed = failed or (event if _is_a_cause(event) else None)


class _Events:
    """The events of one operation of a stack, oldest first, each once."""

    def __init__(self, sessions: Sessions, stack: str, target: Target) -> None:
        self._sessions, self._stack, self._target = sessions, stack, target
        self._seen: set[str] = set()
        self._since: datetime | None = None

    def skip_present(self) -> None:
        """What happened until now is not of this operation."""
        if newest := next(self._newest_first(), None):
            self._seen.add(newest["EventId"])

    def skip_before(self, since: datetime) -> None:
        """What happened before is not of this operation."""
        self._since = since

    def until_ended(self) -> Iterator[StackEventTypeDef]:
        """Every event as it happens; the last one says how the stack ended."""
        for _ in looks():
            for event in self._fresh():
                yield event
                if _is_of_stack(event) and not _is_moving(event):
                    return

    def _fresh(self) -> list[StackEventTypeDef]:
        """What happened since the last look."""
        found: list[StackEventTypeDef] = []
        for event in self._newest_first():
            if event["EventId"] in self._seen or (self._since and event["Timestamp"] < self._since):
                break
            found.append(event)
        self._seen.update(event["EventId"] for event in found)
        return found[::-1]

    def _newest_first(self) -> Iterator[StackEventTypeDef]:
        pages = self._sessions.cloudformation(self._target).get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=self._stack):
            yield from page.get("StackEvents", ())


def _refuse_outdated(change_set: ChangeSet, described: DescribeChangeSetOutputTypeDef) -> None:
    status = described["ExecutionStatus"]
    if status not in _EXECUTABLE:
        raise StackFailed(
            f"the change set of {change_set.stack} cannot be executed any more: {status}",
            next_step="somebody changed the stack meanwhile: run again, with a new change set",
        )


def _is_of_stack(event: StackEventTypeDef) -> bool:
    """Whether it is about the stack itself, and not about a resource (which may be a stack inside)."""
    return event.get("ResourceType") == _STACK and event.get("PhysicalResourceId") == event["StackId"]


def _is_moving(event: StackEventTypeDef) -> bool:
    return event.get("ResourceStatus", "").endswith("_IN_PROGRESS")


def _is_a_cause(event: StackEventTypeDef) -> bool:
    """Whether a resource failed by itself, and not because another one did."""
    said = event.get("ResourceStatusReason", "")
    return event.get("ResourceStatus", "").endswith("_FAILED") and not any(word in said for word in _COLLATERAL)


def _end(stack: str, last: StackEventTypeDef, failed: StackEventTypeDef | None) -> None:
    status = last.get("ResourceStatus", "")
    if status in _GOOD:
        return
    what = f"{failed.get('LogicalResourceId')} ({failed.get('ResourceType')})" if failed else status
    why = (failed or last).get("ResourceStatusReason", "") or status
    how = "rolled back" if status in _CLEAN else f"left in {status}"
    raise StackFailed(f"{stack} was {how}: {what}: {why}", clean=status in _CLEAN)
