"""Stacks as CloudFormation has them, brought into a state that takes a change set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from odmd.control.deployment import Target
from odmd.control.state import Resource
from odmd.errors import StackFailed
from odmd.providers.aws.reach import reaching, reason
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.templates import Template
from odmd.providers.aws.waiting import looks

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_ABSENT: Final = frozenset({"", "DELETE_COMPLETE"})
TO_CREATE: Final = _ABSENT | {"REVIEW_IN_PROGRESS"}
TO_DELETE: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})
_TO_ROLL_BACK: Final = frozenset({"UPDATE_ROLLBACK_FAILED"})


@dataclass(frozen=True, slots=True)
class StackStatus:
    """The status of a stack; `name` is empty when there is none."""

    name: str
    reason: str = ""

    @property
    def is_moving(self) -> bool:
        return self.name.endswith("_IN_PROGRESS") and self.name != "REVIEW_IN_PROGRESS"


class Stacks:
    """The stacks of any account and region."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def settle(self, stack: str, target: Target) -> bool:
        """Waits for what is under way, deletes a creation that failed, finishes a rollback that failed.

        Returns whether the stack is there to be updated.

        Raises:
            StackFailed, CloudUnreachable
        """
        status = self.wait(stack, target)
        if status.name in _TO_ROLL_BACK:
            status = self._finish_rollback(stack, target)
        if status.name in TO_DELETE:
            self.delete(stack, target)
            return False
        return status.name not in TO_CREATE

    def status(self, stack: str, target: Target) -> StackStatus:
        """By name or id.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return StackStatus(found["StackStatus"], found.get("StackStatusReason", "")) if found else StackStatus("")

    def wait(self, stack: str, target: Target) -> StackStatus:
        """The status once nothing moves.

        Raises:
            CloudUnreachable
        """
        status = self.status(stack, target)
        for _ in looks():
            if not status.is_moving:
                break
            status = self.status(stack, target)
        return status

    def delete(self, stack: str, target: Target) -> None:
        """Deletes a stack and waits; one that is not there is fine.

        Raises:
            StackFailed, CloudUnreachable
        """
        found = self._describe(stack, target)
        if found is None or found["StackStatus"] in _ABSENT or "StackId" not in found:
            return
        with reaching(target):
            self._sessions.cloudformation(target).delete_stack(StackName=found["StackId"])
        status = self._wait_until_left(found["StackId"], found["StackStatus"], target)
        if status.name not in _ABSENT:
            raise StackFailed(f"{stack} cannot be deleted: {status.name} {status.reason}".strip(), clean=False)

    def unprotect(self, stack: str, target: Target) -> None:
        """Turns termination protection off, if it is on.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        if found and found.get("EnableTerminationProtection"):
            with reaching(target):
                self._sessions.cloudformation(target).update_termination_protection(
                    StackName=stack, EnableTerminationProtection=False
                )

    def is_protected(self, stack: str, target: Target) -> bool:
        """Whether it is protected against termination.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return bool(found and found.get("EnableTerminationProtection"))

    def change_sets(self, stack: str, target: Target) -> list[str]:
        """The names of its change sets.

        Raises:
            CloudUnreachable
        """
        with reaching(target):
            pages = self._sessions.cloudformation(target).get_paginator("list_change_sets").paginate(StackName=stack)
            return [one.get("ChangeSetName", "") for page in pages for one in page.get("Summaries", ())]

    def tags(self, stack: str, target: Target) -> Mapping[str, str]:
        """A stack's tags, none if it is not there.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return {tag.get("Key", ""): tag.get("Value", "") for tag in found.get("Tags", ())} if found else {}

    def id(self, stack: str, target: Target) -> str:
        """A stack's ARN, '' if it is not there.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return found.get("StackId", "") if found else ""

    def outputs(self, stack: str, target: Target) -> Mapping[str, str]:
        """Output name → text.

        Raises:
            StackFailed: there is no such stack.
            CloudUnreachable
        """
        found = self._describe(stack, target)
        if found is None or found["StackStatus"] in TO_CREATE:
            raise StackFailed(f"there is no stack {stack} in {target.account}, {target.region}")
        return {one.get("OutputKey", ""): one.get("OutputValue", "") for one in found.get("Outputs", ())}

    def parameters(self, stack: str, target: Target) -> Mapping[str, str]:
        """Parameter name → text that the stack runs with.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        given = found.get("Parameters", ()) if found else ()
        return {one.get("ParameterKey", ""): one.get("ParameterValue", "") for one in given}

    def resources(self, stack: str, target: Target) -> Mapping[str, Resource]:
        """Logical id → resource, those that live and those that were.

        Raises:
            CloudUnreachable
        """
        with reaching(target):
            pages = self._sessions.cloudformation(target).get_paginator("list_stack_resources")
            return {
                one["LogicalResourceId"]: Resource(
                    one["ResourceType"], one.get("PhysicalResourceId", ""), target.account, target.region
                )
                for page in pages.paginate(StackName=stack)
                for one in page.get("StackResourceSummaries", ())
            }

    def living(self, stack: str, target: Target) -> Mapping[str, Resource]:
        """Logical id → resource, but for those that were deleted, or never came to be.

        Raises:
            CloudUnreachable
        """
        with reaching(target):
            pages = self._sessions.cloudformation(target).get_paginator("list_stack_resources")
            return {
                one["LogicalResourceId"]: Resource(
                    one["ResourceType"], one.get("PhysicalResourceId", ""), target.account, target.region
                )
                for page in pages.paginate(StackName=stack)
                for one in page.get("StackResourceSummaries", ())
                if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE"
            }

    def template(self, stack: str, target: Target) -> Template:
        """The template that the stack runs; empty if it is not JSON.

        Raises:
            CloudUnreachable
        """
        with reaching(target):
            body: object = self._sessions.cloudformation(target).get_template(StackName=stack)["TemplateBody"]
        try:
            loaded: object = json.loads(body) if isinstance(body, str) else body
        except ValueError:  # YAML, of a stack that somebody else made
            return {}
        return cast("Template", loaded) if isinstance(loaded, dict) else {}

    def owner(self, resource: Resource) -> str:
        """The stack that a resource is part of, '' if it is part of none.

        Raises:
            CloudUnreachable
        """
        from botocore.exceptions import ClientError

        target = Target(resource.account, resource.region)
        with reaching(target):
            try:
                found = self._sessions.cloudformation(target).describe_stack_resources(
                    PhysicalResourceId=resource.physical_id
                )["StackResources"]
            except ClientError as wrong:
                if "does not exist" not in reason(wrong):
                    raise
                return "" if resource.physical_id in reason(wrong) else self._owner_by_search(resource, target)
        same = (one for one in found if one.get("PhysicalResourceId") == resource.physical_id)
        return next((one.get("StackName", "") for one in same if one["ResourceType"] == resource.type), "")

    def _owner_by_search(self, resource: Resource, target: Target) -> str:
        """For an emulator that does not know resources by their physical id, and says that stack '' does not exist."""
        with reaching(target):
            pages = self._sessions.cloudformation(target).get_paginator("describe_stacks").paginate()
            names = [stack["StackName"] for page in pages for stack in page["Stacks"]]
        return next((name for name in names if resource in self.resources(name, target).values()), "")

    def _finish_rollback(self, stack: str, target: Target) -> StackStatus:
        with reaching(target):
            self._sessions.cloudformation(target).continue_update_rollback(StackName=stack)
        status = self._wait_until_left(stack, "UPDATE_ROLLBACK_FAILED", target)
        if status.name in _TO_ROLL_BACK:
            raise StackFailed(
                f"{stack} cannot be rolled back: {status.reason}",
                next_step=f"aws cloudformation continue-update-rollback --stack-name {stack} --resources-to-skip …",
                clean=False,
            )
        return status

    def _wait_until_left(self, stack: str, left: str, target: Target) -> StackStatus:
        """Waits, allowing for a moment in which the status is still the one before the request."""
        for _, _ in zip(looks(), range(20), strict=False):
            if self.status(stack, target).name != left:
                break
        return self.wait(stack, target)

    def _describe(self, stack: str, target: Target) -> StackTypeDef | None:
        from botocore.exceptions import ClientError

        with reaching(target):
            try:
                return self._sessions.cloudformation(target).describe_stacks(StackName=stack)["Stacks"][0]
            except ClientError as wrong:
                if "does not exist" in reason(wrong):
                    return None
                raise
