"""Compares stacks as they run with what the last run made of them; and, if asked, every resource with its template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from odmd.compare.trees import differing, shown
from odmd.control.running.observing import LastDeployed, Observation
from odmd.control.scheduler.drift import Deviation, DeviationSort, gone_unit
from odmd.errors import DriftNotDetected, StillMoving
from odmd.graph.rights.derive import boundary_for
from odmd.model.build_types import CDK
from odmd.model.targets import Target
from odmd.providers.aws.bounded import unbounded
from odmd.providers.aws.change_sets import without_nudge
from odmd.providers.aws.cloud_assembly import STATE_TAG, StackTemplate
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.recipe import from_recipe
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import DescribedStack, Stacks
from odmd.providers.aws.taking import policy_arn
from odmd.providers.aws.templates import as_kept, parsed
from odmd.providers.aws.waiting import looks

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceDriftTypeDef

_MASKED: Final = "****"
"""What CloudFormation shows of a parameter that has `NoEcho`."""
_GONE: Final = "DELETED"
_DRIFTED: Final = frozenset({_GONE, "MODIFIED"})


@dataclass(frozen=True, slots=True)
class StackObserver:
    """An `Observer` of envers of build type `cdk`."""

    sessions: Sessions

    def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:
        stacks, target = Stacks(self.sessions), deployed.target
        deviations, unchecked = list[Deviation](), list[str]()
        for stack in from_recipe(deployed.recipe).stacks:
            if (running := stacks.running(stack.name, target)) is None:
                deviations.append(gone_unit(stack.name, CDK.unit))
                continue
            if running.status.is_moving:
                raise StillMoving(
                    f"{stack.name} is just being changed: {running.status.name}",
                    next_step="look again when it has ended",
                )
            deviations += _described(deployed, stack, running)
            boundary = policy_arn(boundary_for(deployed.node), target)
            deviations += _template(deployed, stack, stacks.sent(stack.name, target), boundary)
            if resources:
                detect(self.sessions, stack.name, target)
                drifts = list(compared(self.sessions, stack.name, target))
                deviations += _resources(deployed, stack.name, drifts)
                checked = {one["LogicalResourceId"] for one in drifts}
                there = stacks.resources(stack.name, target, living=True)
                unchecked += [f"{name} ({one.type})" for name, one in there.items() if name not in checked]
        return Observation(tuple(deviations), tuple(unchecked))


def detect(sessions: Sessions, stack: str, target: Target) -> None:
    """Has CloudFormation compare a stack's resources with its template; until it has.

    Raises:
        DriftNotDetected, CloudUnreachable, CloudRefused
    """
    cloudformation = sessions.cloudformation(target)
    with reaching(target):
        detection = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    for _ in looks():
        with reaching(target):
            said = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if said["DetectionStatus"] == "DETECTION_COMPLETE":
            return
        if said["DetectionStatus"] == "DETECTION_FAILED":
            why = said.get("DetectionStatusReason", "it gives no reason")
            raise DriftNotDetected(
                f"CloudFormation could not compare all resources of {stack}: {why}",
                next_step="look again; without --resources the stack itself is compared",
            )


def compared(sessions: Sessions, stack: str, target: Target) -> Iterator[StackResourceDriftTypeDef]:
    """What came of the last comparison, of the resources that CloudFormation can compare.

    Raises:
        CloudUnreachable, CloudRefused
    """
    cloudformation, more = sessions.cloudformation(target), dict[str, str]()
    while True:
        with reaching(target):
            page = cloudformation.describe_stack_resource_drifts(StackName=stack, **more)  # pyright: ignore[reportArgumentType]  # one key
        yield from page["StackResourceDrifts"]
        if not (token := page.get("NextToken")):
            return
        more = {"NextToken": token}


def _described(deployed: LastDeployed, stack: StackTemplate, running: DescribedStack) -> Iterator[Deviation]:
    """Parameters, tags and outputs; private config is not compared, as nobody may read it here."""
    wires = {wire.parameter: wire.name for wire in deployed.node.wires if wire.parameter in stack.parameters}
    given = {name: deployed.consumed[wire] for name, wire in wires.items() if wire in deployed.consumed}
    shown = {name: text for name, text in running.parameters.items() if text != _MASKED}
    for one in _differing(stack.name, "parameter", given, shown, {name for name in given if name in shown}):
        hidden = replace(one, expected="", found="differs", mark=deployed.mark(one.found))
        yield one if deployed.tells else hidden
    tags = dict(stack.tags)
    yield from _differing(stack.name, "tag", tags, running.tags, (tags.keys() | running.tags.keys()) - {STATE_TAG})
    names = {one.output: one.name for one in deployed.node.products if not one.sensitive}
    there = {output: deployed.published[name] for output, name in names.items() if name in deployed.published}
    mine = {output: text for output, text in there.items() if output in stack.outputs}
    yield from _differing(stack.name, "output", mine, running.outputs, set(mine))


def _differing(
    unit: str, sort: DeviationSort, expected: Mapping[str, str], found: Mapping[str, str], names: set[str]
) -> Iterator[Deviation]:
    for name in sorted(names):
        if (was := expected.get(name, "")) != (now := found.get(name, "")):
            yield Deviation(unit, sort, name, was, now)


def _template(deployed: LastDeployed, stack: StackTemplate, body: object, boundary: str) -> Iterator[Deviation]:
    """By path and without texts: who changed it by hand may have written a secret there. What is sent along with each
    template is no difference. One that is not JSON lacks all of it, and is told apart as a whole."""
    wrote, runs = parsed(stack.template), parsed(body)
    sent = without_nudge(unbounded(runs, wrote, boundary))
    for one in differing(without_nudge(wrote), sent, lambda one, other: as_kept(one) == as_kept(other)):
        mark = deployed.mark(shown(one.after) if runs else str(body))
        yield Deviation(stack.name, "template", "/".join(one.path), "", "differs", mark)


def _resources(deployed: LastDeployed, stack: str, drifts: list[StackResourceDriftTypeDef]) -> Iterator[Deviation]:
    for one in drifts:
        if (status := one["StackResourceDriftStatus"]) not in _DRIFTED:
            continue
        what = f"{one['LogicalResourceId']} ({one['ResourceType']})"
        if status == _GONE:
            yield Deviation(stack, "resource", what, "is there", "was deleted")
        for property in one.get("PropertyDifferences", ()):
            where, how = f"{what} {property['PropertyPath']}", property["DifferenceType"].lower()
            yield Deviation(stack, "resource", where, "", how, deployed.mark(property["ActualValue"]))
