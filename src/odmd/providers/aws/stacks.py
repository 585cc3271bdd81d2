"""Stacks as CloudFormation has them, brought into a state that takes a change set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from odmd.control.running.saying import Progress
from odmd.control.scheduler.values import Resource
from odmd.errors import StackFailed
from odmd.model import naming
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import ENVER_TAG
from odmd.providers.aws.codes import reason
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stack_events import STACK, StackEvents, is_of_stack, line
from odmd.providers.aws.statuses import (
    ABSENT,
    MOVING,
    TO_CREATE,
    TO_DELETE,
    TO_ROLL_BACK,
    refuse_stuck,
    refuse_unknown,
)
from odmd.providers.aws.templates import Template, parsed
from odmd.providers.aws.waiting import Patience, looks, quiet

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_HESITATION: Final = 20
"""How many looks CloudFormation may still show the status from before a request."""


@dataclass(frozen=True, slots=True)
class StackStatus:
    """The status of a stack; `name` is empty when there is none."""

    name: str
    reason: str = ""

    @property
    def is_moving(self) -> bool:
        return self.name in MOVING


@dataclass(frozen=True, slots=True)
class DescribedStack:
    """A stack as CloudFormation describes it."""

    status: StackStatus
    tags: Mapping[str, str]
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


class Stacks:
    """The stacks of any account and region."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def settle(self, stack: str, target: Target, progress: Progress = quiet) -> bool:
        """Waits for what is under way, deletes a creation that failed, finishes a rollback that failed.

        Returns whether the stack is there to be updated.

        Raises:
            StackFailed, CloudUnreachable
        """
        status = self.wait(stack, target, progress)
        refuse_stuck(stack, status.name)
        if status.name in TO_ROLL_BACK:
            status = self._finish_rollback(stack, target, progress)
        if status.name in TO_DELETE:
            self.delete(stack, target, progress)
            return False
        return status.name not in TO_CREATE

    def status(self, stack: str, target: Target) -> StackStatus:
        """By name or id.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return _described(found).status if found else StackStatus("")

    def running(self, stack: str, target: Target) -> DescribedStack | None:
        """All that one request tells of a stack; None if it is not there.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return None if found is None or found["StackStatus"] in TO_CREATE else _described(found)

    def wait(self, stack: str, target: Target, progress: Progress = quiet) -> StackStatus:
        """The status once nothing moves, however long AWS is out of reach meanwhile.

        Raises:
            StackFailed: nobody knows what its status means.
            CredentialsRefused, CloudRefused
        """
        return self._wait(stack, target, progress)

    def delete(self, stack: str, target: Target, progress: Progress = quiet) -> None:
        """Deletes a stack and waits; one that is not there is fine.

        Raises:
            StackFailed: with what could not be deleted, and why.
            CloudUnreachable, CloudRefused
        """
        found = self._describe(stack, target)
        if found is None or found["StackStatus"] in ABSENT or "StackId" not in found:
            return
        id, before = found["StackId"], found["StackStatus"]
        events = StackEvents(self._sessions, id, target)
        events.skip_present()
        with reaching(target):
            self._sessions.cloudformation(target).delete_stack(StackName=id)
        status = self._wait(id, target, progress, events, left=before)
        if status.name not in ABSENT:
            why = events.why(status.reason)
            raise StackFailed(f"{stack} cannot be deleted: {status.name} {why}".strip(), clean=False)

    def protect(self, stack: str, target: Target, *, protected: bool) -> None:
        """Turns termination protection on or off, unless it is so already.

        Raises:
            CloudUnreachable, CloudRefused
        """
        found = self._describe(stack, target)
        if found and bool(found.get("EnableTerminationProtection")) is not protected:
            with reaching(target):
                self._sessions.cloudformation(target).update_termination_protection(
                    StackName=stack, EnableTerminationProtection=protected
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

    def names(self, target: Target) -> frozenset[str]:
        """All that were ever made and are there.

        Raises:
            CloudUnreachable, CloudRefused
        """
        return frozenset(one["StackName"] for one in self._all(target) if one["StackStatus"] not in TO_CREATE)

    def tagged(self, key: str, value: str, target: Target) -> list[str]:
        """The names of all that carry a tag. Stacks inside have the tags of the one around them, and go with it.

        Raises:
            CloudUnreachable, CloudRefused
        """
        wanted = {"Key": key, "Value": value}
        found = [one for one in self._all(target) if wanted in one.get("Tags", ())]
        there = {one["StackName"]: one for one in found if one["StackStatus"] not in ABSENT and not one.get("ParentId")}
        made = (made for name in there for made in self.resources(name, target).values())  # an emulator tells no parent
        inside = {one.physical_id for one in made if one.type == STACK}
        return sorted(name for name, one in there.items() if one.get("StackId", "") not in inside)

    def of(self, enver: str, target: Target) -> Sequence[str]:
        """The names of all that carry an enver's tag. Who acts with its role may look at those alone that are called
        after it, and can have made no others.

        Raises:
            CloudUnreachable, CloudRefused
        """
        if not self.acts(target):
            return self.tagged(ENVER_TAG, enver, target)
        build, _, slot = enver.partition("/")
        with reaching(target):
            pages = self._sessions.cloudformation(target).get_paginator("list_stacks").paginate()
            listed = [one for page in pages for one in page.get("StackSummaries", ())]
        names = {one["StackName"] for one in listed if one["StackStatus"] not in ABSENT}
        own = (name for name in sorted(names) if naming.is_stack_of(name, build, slot))
        return [name for name in own if self.tags(name, target).get(ENVER_TAG) == enver]

    def acts(self, target: Target) -> bool:
        """Whether one acts there with a role of the enver's, which may not look at all.

        Raises:
            CloudUnreachable, CloudRefused, CredentialsRefused
        """
        return self._sessions.acting(target) is not None

    def _all(self, target: Target) -> list[StackTypeDef]:
        with reaching(target):
            pages = self._sessions.cloudformation(target).get_paginator("describe_stacks").paginate()
            return [stack for page in pages for stack in page["Stacks"]]

    def tags(self, stack: str, target: Target) -> Mapping[str, str]:
        """A stack's tags, none if it is not there.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return _described(found).tags if found else {}

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
        if (running := self.running(stack, target)) is None:
            raise StackFailed(f"there is no stack {stack} in {target.account}, {target.region}")
        return running.outputs

    def parameters(self, stack: str, target: Target) -> Mapping[str, str]:
        """Parameter name → text that the stack runs with.

        Raises:
            CloudUnreachable
        """
        found = self._describe(stack, target)
        return _described(found).parameters if found else {}

    def resources(self, stack: str, target: Target, *, living: bool = False) -> Mapping[str, Resource]:
        """Logical id → resource, also those that were; of the living, those that came to be and were not deleted.

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
                if not living or (one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE")
            }

    def template(self, stack: str, target: Target, *, as_sent: bool = False) -> Template:
        """The template that the stack runs, with what macros made of it, or as it was sent; empty if it is not JSON.

        Raises:
            CloudUnreachable
        """
        return parsed(self._body(stack, target, "Original" if as_sent else "Processed"))

    def sent(self, stack: str, target: Target) -> object:
        """The template that the stack runs, as it was sent: a text, or what CloudFormation's answer made of JSON.

        Raises:
            CloudUnreachable
        """
        return self._body(stack, target, "Original")

    def _body(self, stack: str, target: Target, stage: Literal["Original", "Processed"]) -> object:
        with reaching(target):
            cloudformation = self._sessions.cloudformation(target)
            return cloudformation.get_template(StackName=stack, TemplateStage=stage)["TemplateBody"]

    def _finish_rollback(self, stack: str, target: Target, progress: Progress) -> StackStatus:
        events = StackEvents(self._sessions, self.id(stack, target), target)
        events.skip_present()
        with reaching(target):
            self._sessions.cloudformation(target).continue_update_rollback(StackName=stack)
        status = self._wait(stack, target, progress, events, left="UPDATE_ROLLBACK_FAILED")
        if status.name in TO_ROLL_BACK:
            raise StackFailed(
                f"{stack} cannot be rolled back: {events.why(status.reason)}",
                next_step=f"aws cloudformation continue-update-rollback --stack-name {stack} --resources-to-skip …",
                clean=False,
            )
        return status

    def _wait(
        self, stack: str, target: Target, progress: Progress, events: StackEvents | None = None, left: str | None = None
    ) -> StackStatus:
        """Waits, allowing for a moment in which the status is still `left`, the one before the request: until an event
        tells of the stack."""
        patience = Patience(progress)
        for look, _ in enumerate(looks()):
            status = patience.look(lambda: self.status(stack, target))
            for event in patience.look(events.fresh) if events else ():
                if is_of_stack(event):
                    left = None
                else:
                    progress(line(event))
            refuse_unknown(stack, status.name)
            if not status.is_moving and (status.name != left or look >= _HESITATION):
                return status
        raise AssertionError  # `looks` has no end

    def _describe(self, stack: str, target: Target) -> StackTypeDef | None:
        from botocore.exceptions import ClientError

        with reaching(target):
            try:
                return self._sessions.cloudformation(target).describe_stacks(StackName=stack)["Stacks"][0]
            except ClientError as wrong:
                if "does not exist" in reason(wrong):
                    return None
                raise


def _described(found: StackTypeDef) -> DescribedStack:
    return DescribedStack(
        StackStatus(found["StackStatus"], found.get("StackStatusReason", "")),
        {one.get("Key", ""): one.get("Value", "") for one in found.get("Tags", ())},
        {one.get("ParameterKey", ""): one.get("ParameterValue", "") for one in found.get("Parameters", ())},
        {one.get("OutputKey", ""): one.get("OutputValue", "") for one in found.get("Outputs", ())},
    )
