"""Has the emulator's CloudFormation know what others made of resources, so that the next update brings them back.

AWS compares with what is there by itself (`REVERT_DRIFT`); the emulator does not, and calls such an update empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from odmd.control.running.proposal import Proposal
from odmd.control.running.saying import Progress
from odmd.model.targets import Target
from odmd.providers.aws.drift import compared, detect
from odmd.providers.aws.execution import Execution
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.templates import Template, section, to_text
from odmd.providers.aws.waiting import looks

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceDriftTypeDef

_MAKING: Final = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})


@dataclass(frozen=True, slots=True)
class TakingOver:
    """An update to what is there: it changes nothing that runs."""

    sessions: Sessions
    stacks: Stacks
    execution: Execution

    def take_over(self, stack: str, name: str, target: Target, progress: Progress) -> None:
        """Takes what others changed of single resources into the template of a stack; does nothing where it is not
        there, and where nobody did.

        Raises:
            DriftNotDetected, StackFailed, CloudUnreachable, CloudRefused
        """
        if self.stacks.running(stack, target) is None:
            return
        detect(self.sessions, stack, target)
        before = self.stacks.template(stack, target, as_sent=True)
        taken = _with_what_is_there(before, compared(self.sessions, stack, target))
        if taken == before:
            return
        proposal = Proposal(stack, self._announced(stack, f"{name}-seen", taken, target), (), empty=False)
        self.execution.execute(proposal, target, progress)

    def _announced(self, stack: str, name: str, template: Template, target: Target) -> str:
        """A change set to another template, with all else as it is; its id, once it is made."""
        cloudformation = self.sessions.cloudformation(target)
        with reaching(target):
            running = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
            names = [one.get("ParameterKey", "") for one in running.get("Parameters", [])]
            made = cloudformation.create_change_set(
                StackName=stack,
                ChangeSetName=name,
                TemplateBody=to_text(template),
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                Tags=running.get("Tags", []),
                Parameters=[{"ParameterKey": one, "UsePreviousValue": True} for one in names],
            )["Id"]
            for _ in looks():
                if cloudformation.describe_change_set(ChangeSetName=made)["Status"] not in _MAKING:
                    return made
        raise AssertionError  # `looks` has no end


def _with_what_is_there(template: Template, drifts: Iterable[StackResourceDriftTypeDef]) -> Template:
    resources = dict(section(template, "Resources"))
    for one in drifts:
        if one["StackResourceDriftStatus"] != "MODIFIED" or "ActualProperties" not in one:
            continue
        actual = cast("Mapping[str, Any]", json.loads(one["ActualProperties"]))
        changed = {two["PropertyPath"].split("/")[1] for two in one.get("PropertyDifferences", ())}
        resource = resources[one["LogicalResourceId"]]
        properties = {name: value for name, value in resource.get("Properties", {}).items() if name not in changed}
        properties |= {name: actual[name] for name in changed if name in actual}
        resources[one["LogicalResourceId"]] = {**resource, "Properties": properties}
    return {**template, "Resources": resources}
