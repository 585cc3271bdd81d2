"""Change sets: what CloudFormation says it would do, before it does it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from odmd.control.running.proposal import Proposal
from odmd.control.running.saying import Progress
from odmd.errors import StackFailed
from odmd.model import naming
from odmd.model.targets import Target
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.bounded import bounded
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.codes import code, next_step, reason, refused
from odmd.providers.aws.listing import Listing
from odmd.providers.aws.own_parameters import RunningStack, own_parameters
from odmd.providers.aws.ownership import refuse_anothers
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.references import parameters_behind
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stack_events import STACK, failed_checks
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.taking import policy_arn, role_arn
from odmd.providers.aws.templates import Template, as_kept, is_large, policies, section, to_text
from odmd.providers.aws.waiting import Patience, looks, quiet

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.literals import CapabilityType, DeploymentModeType
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetInputTypeDef,
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
    )

PREFIX: Final = "odmd-"
_LONGEST_TOKEN: Final = 128
_LONGEST_DESCRIPTION: Final = 1024
_MAKING: Final = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})
_EMPTY: Final = ("didn't contain changes", "No updates are to be performed")
_NUDGE: Final = "odmd:outputs"
_CAPABILITIES: Final[tuple[CapabilityType, ...]] = (
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
)


class ChangeSets:
    """Proposes changes to stacks."""

    def __init__(self, sessions: Sessions, stacks: Stacks, assets: Assets, bootstrapping: Bootstrapping) -> None:
        self._sessions, self._stacks, self._assets, self._bootstrapping = sessions, stacks, assets, bootstrapping

    def propose(
        self,
        stack: StackTemplate,
        parameters: Mapping[str, str],
        name: str,
        about: str,
        target: Target,
        progress: Progress = quiet,
        *,
        reverts: bool = False,
    ) -> Proposal:
        """Creates the change set `name`, or takes over the one of that name, and describes it.

        With `reverts`, CloudFormation compares with what is there, too, and not only with what it made last.

        Raises:
            AssemblyUnfit: the stack is another enver's.
            StackFailed, CloudUnreachable, NotBootstrapped
        """
        refuse_anothers(stack, self._stacks.tags(stack.name, target))
        if (acting := self._sessions.acting(target)) is not None:
            stack = replace(stack, template=bounded(stack.template, policy_arn(acting.boundary, target)))
        is_there = self._stacks.settle(stack.name, target, progress)
        self._remove_leftovers(stack.name, name, target)
        values = {**self._own(stack, parameters, target), **parameters} if is_there else parameters
        how: DeploymentModeType | None = "REVERT_DRIFT" if reverts and is_there else None
        described = self._made(stack, stack.template, values, name, about, target, update=is_there, mode=how)
        if is_there and _is_empty(described) and self._differs_unseen(stack, values, target):
            self._remove(described, target)
            nudged = _nudged(stack.template, values)
            described = self._made(stack, nudged, values, name, about, target, update=True)
        return self._judged(stack, values, described, target, update=is_there)

    def _own(self, stack: StackTemplate, given: Mapping[str, str], target: Target) -> Mapping[str, str | None]:
        if not set(stack.parameters) - given.keys():
            return {}
        running = RunningStack(self._stacks.template(stack.name, target), self._stacks.parameters(stack.name, target))
        return own_parameters(cast("Template", json.loads(stack.template)), given, running)

    def _judged(
        self,
        proposed: StackTemplate,
        values: Mapping[str, str | None],
        described: DescribeChangeSetOutputTypeDef,
        target: Target,
        *,
        update: bool,
    ) -> Proposal:
        id, stack = described.get("ChangeSetId", ""), proposed.name
        listing = Listing(self._sessions, self._stacks, self._assets, target)
        if described["Status"] == "FAILED":
            if not _is_empty(described):
                found = failed_checks(self._sessions, target, change_set=id)
                said = listing.why_failed(described)
                self._remove(described, target)
                raise StackFailed(f"{stack}: {'; '.join((*found, said))}")
            self._remove(described, target)
            return Proposal(stack, id, (), empty=True)
        return Proposal(stack, id, listing.changes(proposed, values, described, update=update), empty=False)

    def _made(
        self,
        stack: StackTemplate,
        template: str,
        parameters: Mapping[str, str | None],
        name: str,
        about: str,
        target: Target,
        *,
        update: bool,
        mode: DeploymentModeType | None = None,
    ) -> DescribeChangeSetOutputTypeDef:
        """Creates it, unless it is there, and waits until CloudFormation has compared."""
        request: CreateChangeSetInputTypeDef = {
            "StackName": stack.name,
            "ChangeSetName": name,
            "ChangeSetType": "UPDATE" if update else "CREATE",
            "Description": (about or name)[:_LONGEST_DESCRIPTION],
            "ClientToken": token(name, stack.name + template),
            "Capabilities": list(_CAPABILITIES),
            "Tags": [{"Key": key, "Value": value} for key, value in stack.tags],
            "Parameters": [_parameter(key, parameters[key]) for key in stack.parameters if key in parameters],
        }
        if (acting := self._sessions.acting(target)) is not None:
            request["RoleARN"] = role_arn(acting.exec, target)
        if mode is not None:
            request["DeploymentMode"] = mode
        if STACK in stack.template:
            request["IncludeNestedStacks"] = True
        if stack.notification_arns:
            request["NotificationARNs"] = list(stack.notification_arns)
        if is_large(template):
            request["TemplateURL"] = self._uploaded(
                template, stack.bucket or self._bootstrapping.bucket(target), target
            )
        else:
            request["TemplateBody"] = template
        self._create(request, target)
        return self._wait(stack.name, name, target)

    def _create(self, request: CreateChangeSetInputTypeDef, target: Target) -> None:
        from botocore.exceptions import ClientError, ParamValidationError

        with reaching(target):
            try:
                self._sessions.cloudformation(target).create_change_set(**request)
            except ParamValidationError as wrong:
                raise StackFailed(f"{request['StackName']}: {' '.join(str(wrong).split())}") from wrong
            except ClientError as wrong:
                if code(wrong) == "AlreadyExistsException":
                    return
                if not refused(wrong):
                    raise
                raise StackFailed(f"{request['StackName']}: {reason(wrong)}", next_step=next_step(wrong)) from wrong

    def _wait(self, stack: str, name: str, target: Target) -> DescribeChangeSetOutputTypeDef:
        patience = Patience()
        for _ in looks():
            described = patience.look(lambda: self._described(stack, name, target))
            if described["Status"] not in _MAKING:
                return described
        raise AssertionError  # `looks` has no end

    def _described(self, stack: str, name: str, target: Target) -> DescribeChangeSetOutputTypeDef:
        with reaching(target):
            return self._sessions.cloudformation(target).describe_change_set(ChangeSetName=name, StackName=stack)

    def _uploaded(self, template: str, bucket: str, target: Target) -> str:
        """The address of a template that is too large to be sent along."""
        content = template.encode()
        acting = self._sessions.acting(target)
        folder = acting.templates if acting else naming.template_folder()
        key = f"{folder}/{hashlib.sha256(content).hexdigest()}.json"
        if not self._assets.is_there(bucket, key, target):
            self._assets.put(bucket, key, content, target)
        with reaching(target):
            endpoint = self._sessions.s3(target).meta.endpoint_url
        return f"{endpoint}/{bucket}/{key}"

    def _remove_leftovers(self, stack: str, name: str, target: Target) -> None:
        """Change sets of earlier runs that nobody executed: CloudFormation allows only so many."""
        from botocore.exceptions import ClientError

        with reaching(target):
            pages = self._sessions.cloudformation(target).get_paginator("list_change_sets")
            try:
                listed = [one for page in pages.paginate(StackName=stack) for one in page.get("Summaries", ())]
            except ClientError as wrong:
                if "does not exist" in reason(wrong):
                    return
                raise
            for one in listed:
                is_ours = one.get("ChangeSetName", "").startswith(PREFIX) and one.get("ChangeSetName") != name
                if is_ours and not one.get("ExecutionStatus", "").startswith("EXECUTE_"):
                    self._sessions.cloudformation(target).delete_change_set(
                        ChangeSetName=one.get("ChangeSetId", ""), StackName=stack
                    )

    def _remove(self, described: DescribeChangeSetOutputTypeDef, target: Target) -> None:
        with reaching(target):
            self._sessions.cloudformation(target).delete_change_set(
                ChangeSetName=described.get("ChangeSetId", ""), StackName=described.get("StackName", "")
            )

    def _differs_unseen(self, stack: StackTemplate, parameters: Mapping[str, str | None], target: Target) -> bool:
        """Whether something changes although CloudFormation finds nothing: outputs (AWS sees them, the emulator does
        not), or what is to happen to a resource when it goes or is replaced."""
        new = cast("Template", json.loads(stack.template))
        old = self._stacks.template(stack.name, target, as_sent=True)
        if as_kept(section(old, "Outputs")) != as_kept(section(new, "Outputs")) or policies(old) != policies(new):
            return True
        running = self._stacks.parameters(stack.name, target)
        shown = parameters_behind(section(new, "Outputs"), new)
        return any(parameters.get(name) not in (None, running.get(name)) for name in shown)


def _parameter(name: str, value: str | None) -> ParameterTypeDef:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}


def token(name: str, scope: str) -> str:
    """A request token for a change set's name: the same request again is the same request."""
    ending = hashlib.sha256(scope.encode()).hexdigest()[:12]
    return f"{name[: _LONGEST_TOKEN - len(ending) - 1]}-{ending}"


def _is_empty(described: DescribeChangeSetOutputTypeDef) -> bool:
    said = described.get("StatusReason", "")
    return described["Status"] == "FAILED" and any(words in said for words in _EMPTY)


def _nudged(template: str, parameters: Mapping[str, str | None]) -> str:
    """The template with metadata on one resource, so that CloudFormation sees a change."""
    loaded = cast("Template", json.loads(template))
    name, resource = next(iter(section(loaded, "Resources").items()))
    seen = json.dumps([section(loaded, "Outputs"), policies(loaded), dict(parameters)], sort_keys=True)
    mark = hashlib.sha256(seen.encode()).hexdigest()[:12]
    resource["Metadata"] = {**resource.get("Metadata", {}), _NUDGE: mark}
    loaded["Resources"][name] = resource
    return to_text(loaded)


def without_nudge(template: Template) -> Template:
    """What was sent, without that; so is what was never nudged, and metadata that say nothing."""
    resources = dict(section(template, "Resources"))
    for name, resource in resources.items():
        if "Metadata" in resource:
            metadata = {key: one for key, one in resource["Metadata"].items() if key != _NUDGE}
            rest = {key: one for key, one in resource.items() if key != "Metadata"}
            resources[name] = {**rest, **({"Metadata": metadata} if metadata else {})}
    return {**template, "Resources": resources}
