"""What CloudFormation tells of a stack while something is done to it, and what of that was the cause of a failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from odmd.control.running.saying import WAITS
from odmd.errors import CloudRefused, CloudUnreachable
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_cloudformation.type_defs import OperationEventTypeDef, StackEventTypeDef

STACK: Final = "AWS::CloudFormation::Stack"
_COLLATERAL: Final = ("cancelled", "canceled")
_INTERFACES: Final = "NetworkInterfaces"
_EMBEDDED: Final = re.compile(r"Embedded stack (arn:\S+)")
_DEEPEST: Final = 20
_MOST_DETAILS: Final = 5


class StackEvents:
    """The events of one operation of a stack, oldest first, each once."""

    def __init__(self, sessions: Sessions, stack: str, target: Target) -> None:
        """`stack`: its ARN, since events of one that is gone are found by that alone."""
        self._sessions, self._stack, self._target = sessions, stack, target
        self._seen: set[str] = set()
        self._since: datetime | None = None
        self._cause: StackEventTypeDef | None = None

    def skip_present(self) -> None:
        """What happened until now is not of this operation."""
        with reaching(self._target):
            if newest := next(self._newest_first(self._stack), None):
                self._seen.add(newest["EventId"])

    def skip_before(self, since: datetime) -> None:
        """What happened before is not of this operation."""
        self._since = since

    def fresh(self) -> list[StackEventTypeDef]:
        """What happened since the last look.

        Raises:
            CloudUnreachable, CloudRefused
        """
        found: list[StackEventTypeDef] = []
        with reaching(self._target):
            for event in self._newest_first(self._stack):
                if event["EventId"] in self._seen or (self._since and event["Timestamp"] < self._since):
                    break
                found.append(event)
        self._seen.update(event["EventId"] for event in found)
        for event in found[::-1]:
            self._since = self._since or event["Timestamp"]
            if self._cause is None and is_a_cause(event) and not is_of_stack(event):
                self._cause = event
        return found[::-1]

    def why(self, otherwise: str = "") -> str:
        """The resource that failed first, at whatever depth, and its reason; `otherwise` where none did."""
        found = self._cause
        path: list[str] = []
        while found is not None and len(path) < _DEEPEST:
            path.append(str(found.get("LogicalResourceId")))
            if (inner := self._cause_within(found)) is None:
                break
            found = inner
        said = f"{'/'.join(path)} ({found.get('ResourceType')}): {_reason(found)}" if found else otherwise
        details = self._details()
        return "; ".join(one for one in (said, *details) if one) if details else said

    def _cause_within(self, failed: StackEventTypeDef) -> StackEventTypeDef | None:
        """What failed first in a stack inside, which is told by its own events alone."""
        if failed.get("ResourceType") != STACK or not (inner := _inner(failed)):
            return None
        found: StackEventTypeDef | None = None
        with suppress(CloudUnreachable, CloudRefused), reaching(self._target):
            for event in self._newest_first(inner):
                if self._since and event["Timestamp"] < self._since:
                    break
                found = event if is_a_cause(event) and not is_of_stack(event) else found
        return found

    def _details(self) -> list[str]:
        return failed_checks(self._sessions, self._target, stack=self._stack, since=self._since)

    def _newest_first(self, stack: str) -> Iterator[StackEventTypeDef]:
        pages = self._sessions.cloudformation(self._target).get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=stack):
            yield from page.get("StackEvents", ())


def failed_checks(
    sessions: Sessions, target: Target, *, stack: str = "", change_set: str = "", since: datetime | None = None
) -> list[str]:
    """What validations and hooks found, which CloudFormation tells by DescribeEvents alone.

    Nothing where the credentials may not ask, or the API is not there: the failure itself is told anyway."""
    found: dict[str, None] = {}
    with suppress(CloudUnreachable, CloudRefused), reaching(target):
        pages = sessions.cloudformation(target).get_paginator("describe_events")
        where = {"ChangeSetName": change_set} if change_set else {"StackName": stack}
        for page in pages.paginate(**where, Filters={"FailedEvents": True}):  # pyright: ignore[reportArgumentType]  # one of both
            for event in page.get("OperationEvents", ()):
                if not (since and event.get("Timestamp", since) < since):
                    found.update(dict.fromkeys(_findings(event)))
    return list(found)[:_MOST_DETAILS]


def _findings(event: OperationEventTypeDef) -> Iterator[str]:
    what = f"{event.get('LogicalResourceId')} ({event.get('ResourceType')})"
    if said := event.get("ValidationStatusReason"):
        at = f", at {path}" if (path := event.get("ValidationPath")) else ""
        yield f"{what}: {said}{at}"
    if said := event.get("HookStatusReason"):
        yield f"{what}: {event.get('HookType')}: {said}"


def _inner(failed: StackEventTypeDef) -> str:
    """The ARN of the stack inside, which the reason names where the event does not."""
    if (id := failed.get("PhysicalResourceId", "")).startswith("arn:"):
        return id
    named = _EMBEDDED.search(failed.get("ResourceStatusReason", ""))
    return named[1] if named else ""


def is_of_stack(event: StackEventTypeDef) -> bool:
    """Whether it is about the stack itself, and not about a resource (which may be a stack inside)."""
    return event.get("ResourceType") == STACK and event.get("PhysicalResourceId") == event["StackId"]


def is_a_cause(event: StackEventTypeDef) -> bool:
    """Whether a resource failed by itself, and not because another one did."""
    said = event.get("ResourceStatusReason", "")
    return event.get("ResourceStatus", "").endswith("_FAILED") and not any(word in said for word in _COLLATERAL)


def line(event: StackEventTypeDef) -> str:
    """One event for people who follow."""
    name = event.get("LogicalResourceId")
    if _INTERFACES in event.get("ResourceStatusReason", ""):
        return f"{WAITS}AWS lets go of the network interfaces of {name} in 20 to 40 minutes"
    why = f": {_reason(event)}" if is_a_cause(event) else ""
    return f"{name} {event.get('ResourceType')} {event.get('ResourceStatus')}{why}"


def _reason(event: StackEventTypeDef) -> str:
    return event.get("ResourceStatusReason", "") or str(event.get("ResourceStatus"))
