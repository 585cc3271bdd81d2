"""All that a change set would do, stacks inside included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from odmd.control.running.proposal import ResourceChange
from odmd.model.targets import Target
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.changes import resource_changes
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.data_types import is_kept
from odmd.providers.aws.nested import Nested, Side, moved_around
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stack_events import STACK
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.templates import Template, parsed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, ResourceChangeTypeDef

_OF_ONE_INSIDE: Final = re.compile(r"Nested change set (arn:\S+) was not successfully created")


@dataclass(frozen=True, slots=True)
class Listing:
    """The change sets of one account and region."""

    sessions: Sessions
    stacks: Stacks
    assets: Assets
    target: Target

    def changes(
        self,
        stack: StackTemplate,
        values: Mapping[str, str | None],
        described: DescribeChangeSetOutputTypeDef,
        *,
        update: bool,
    ) -> tuple[ResourceChange, ...]:
        """In the order of the change set; what is inside of a stack after it. A parameter whose value is None keeps
        the one that it has.

        Raises:
            CloudUnreachable, CloudRefused
        """
        told = self._told(described)
        before, after = Side({}, {}), Side(parsed(stack.template), {})
        if update and any(one.get("Action") == "Remove" or one.get("ResourceType") == STACK for one in told):
            running = self.stacks.parameters(stack.name, self.target)
            before = Side(self.stacks.template(stack.name, self.target), running)
            kept = {name: running[name] for name, text in values.items() if text is None and name in running}
            after = Side(after.template, {**values, **kept})
        return tuple(self._walked(told, before, after, ""))

    def why_failed(self, described: DescribeChangeSetOutputTypeDef) -> str:
        """Why it could not be made: of one inside, where that is why."""
        said = described.get("StatusReason", "the change set failed")
        if (inner := _OF_ONE_INSIDE.search(said)) is None:
            return said
        within = self._described(inner[1])
        return f"{within.get('StackName', '')}: {self.why_failed(within)}"

    def _walked(
        self, told: Sequence[ResourceChangeTypeDef], before: Side, after: Side, path: str
    ) -> Iterator[ResourceChange]:
        lines = resource_changes(told, before.template, after.template, path)
        moved = moved_around(before.texts(), after.texts(), lines)
        for one, line in zip(told, lines, strict=True):
            yield line
            if line.type == STACK and line.action != "Add":
                name, stack = one.get("LogicalResourceId", ""), one.get("PhysicalResourceId", "")
                yield from self._inside(line, name, stack, one.get("ChangeSetId", ""), (before, after), moved)

    def _inside(
        self, line: ResourceChange, name: str, stack: str, change_set: str, sides: tuple[Side, Side], moved: set[str]
    ) -> Iterator[ResourceChange]:
        """What happens in one stack inside: CloudFormation says it, or else the templates do."""
        nested, (before, after) = Nested(self.stacks, self.assets, self.target), sides
        if line.action == "Remove":
            if not is_kept(before.resource(name)):
                yield from nested.gone(line.logical_id, stack)
        elif change_set:
            inner = (Side(self.stacks.template(stack, self.target), {}), Side(self._new(stack, change_set), {}))
            yield from self._walked(self._told(self._described(change_set)), *inner, f"{line.logical_id}/")
        else:
            yield from nested.changed(line.logical_id, stack, before, after, moved)

    def _told(self, described: DescribeChangeSetOutputTypeDef) -> Sequence[ResourceChangeTypeDef]:
        """What it says of resources, on all of its pages."""
        found = list(described.get("Changes", ()))
        while token := described.get("NextToken"):
            described = self._described(described.get("ChangeSetId", ""), token)
            found += described.get("Changes", ())
        return [one["ResourceChange"] for one in found if "ResourceChange" in one]

    def _described(self, change_set: str, token: str = "") -> DescribeChangeSetOutputTypeDef:
        cloudformation, page = self.sessions.cloudformation(self.target), {"NextToken": token} if token else {}
        with reaching(self.target):
            return cloudformation.describe_change_set(ChangeSetName=change_set, **page)  # pyright: ignore[reportArgumentType]  # one key

    def _new(self, stack: str, change_set: str) -> Template:
        with reaching(self.target):
            cloudformation = self.sessions.cloudformation(self.target)
            return parsed(cloudformation.get_template(StackName=stack, ChangeSetName=change_set)["TemplateBody"])
