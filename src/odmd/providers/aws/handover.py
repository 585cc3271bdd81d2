"""Keeps what is sent to a replaced event bus flowing to its successor, and clears up afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from odmd.control.running.acting import clearing_target
from odmd.control.scheduler.values import Resource
from odmd.errors import CloudRefused, NotYetCarriedOut, ResourceNotOurs, StackFailed
from odmd.graph.rights.services import arn
from odmd.model.build_types import CDK
from odmd.model.naming import enver_of, is_bridge_of
from odmd.model.targets import Target
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.bridge import bridge_template
from odmd.providers.aws.change_sets import PREFIX, ChangeSets
from odmd.providers.aws.cloud_assembly import ENVER_TAG
from odmd.providers.aws.codes import reason
from odmd.providers.aws.data_types import HOLDS_DATA
from odmd.providers.aws.execution import Execution
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import Stacks

EVENT_BUS: Final = "AWS::Events::EventBus"


class AwsHandovers:
    """Bridges are stacks of their own; their id is the stack's ARN, which says where it is."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions, self._stacks, bootstrapping = sessions, Stacks(sessions), Bootstrapping(sessions)
        self._change_sets = ChangeSets(sessions, self._stacks, Assets(bootstrapping), bootstrapping)
        self._execution = Execution(sessions)

    def bridge(self, old: Resource, new: Resource, name: str, enver: str, at: Target | None = None) -> str:
        refuse_bridge(old, new)
        place = Target(old.account, old.region)
        target = at if at is not None and at == place else place
        if (owner := self._owner(old, target)) is None:
            return ""
        for one, its in ((old, owner), (new, self._owner(new, target))):
            if its != enver:
                raise not_ours(one, enver, its)
        template = bridge_template(name, old.physical_id, _arn(new))
        about = f"{old.physical_id} forwards to {new.physical_id}"
        content = hashlib.sha256(template.template.encode()).hexdigest()[:12]
        change_set = self._change_sets.propose(template, {}, f"{PREFIX}bridge-{content}", about, target)
        self._execution.execute(change_set, target, lambda _: None)
        return self._stacks.id(name, target)

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:
        enver = enver_of(product)
        if bridge and not is_bridge_of(_name(bridge), product):
            return f"{bridge} stays: it is no bridge of {product}"
        try:
            if bridge:
                self._stacks.delete(bridge, clearing_target(enver, CDK, _target(bridge)))
        except (StackFailed, CloudRefused) as failed:
            return f"the bridge stays: {failed.fact}"
        try:
            return self._remove(resource, enver) if resource else ""
        except CloudRefused as failed:
            return f"{resource.physical_id if resource else ''} is kept: {failed.fact}"

    def _remove(self, resource: Resource, enver: str) -> str:
        if resource.type != EVENT_BUS:
            return why_kept(resource)
        target = clearing_target(enver, CDK, Target(resource.account, resource.region))
        if (owner := self._owner(resource, target)) is None:
            return ""  # it is gone
        if stack := self._stack_of(resource, enver, target):
            return f"{resource.physical_id} is kept: stack {stack} has it"
        if owner != enver:
            return kept_for(resource, enver, owner)
        if rules := self._rules(resource, target):
            return f"{resource.physical_id} is kept: {', '.join(rules)} still listen{'s' * (len(rules) == 1)}"
        with reaching(target):
            self._sessions.events(target).delete_event_bus(Name=resource.physical_id)
        return ""

    def _stack_of(self, resource: Resource, enver: str, target: Target) -> str:
        """The stack that a resource is part of, '' if it is part of none."""
        from botocore.exceptions import ClientError

        if self._stacks.acts(target):
            return self._found(self._stacks.of(enver, target), resource, target)
        id = resource.physical_id
        with reaching(target):
            try:
                cloudformation = self._sessions.cloudformation(target)
                found = cloudformation.describe_stack_resources(PhysicalResourceId=id)["StackResources"]
            except ClientError as wrong:
                if "does not exist" not in reason(wrong):
                    raise
                if id in reason(wrong):
                    return ""
                # An emulator does not know resources by their physical id, and says that stack '' does not exist.
                return self._found(self._stacks.names(target), resource, target)
        same = (one for one in found if one.get("PhysicalResourceId") == id)
        return next((one.get("StackName", "") for one in same if one["ResourceType"] == resource.type), "")

    def _found(self, stacks: Iterable[str], resource: Resource, target: Target) -> str:
        return next((one for one in stacks if resource in self._stacks.resources(one, target).values()), "")

    def _rules(self, bus: Resource, target: Target) -> list[str]:
        """Rules on a bus; none if there is no such bus."""
        with reaching(target):
            events = self._sessions.events(target)
            try:
                pages = events.get_paginator("list_rules").paginate(EventBusName=bus.physical_id)
                return sorted(rule.get("Name", "") for page in pages for rule in page["Rules"])
            except events.exceptions.ResourceNotFoundException:
                return []

    def _owner(self, bus: Resource, target: Target) -> str | None:
        """The enver whose tag a bus has from its stack, and keeps when the stack lets go of it; '' where it has none,
        None where there is no such bus."""
        with reaching(target):
            events = self._sessions.events(target)
            try:
                tags = events.list_tags_for_resource(ResourceARN=_arn(bus))["Tags"]
            except events.exceptions.ResourceNotFoundException:
                return None
        return next((tag["Value"] for tag in tags if tag["Key"] == ENVER_TAG), "")


def refuse_bridge(old: Resource, new: Resource) -> None:
    """Refuses what no bridge is known for.

    Raises:
        NotYetCarriedOut
    """
    if (old.type, new.type) != (EVENT_BUS, EVENT_BUS):
        raise NotYetCarriedOut(f"no bridge is known from {old.type} {old.physical_id} to {new.type} {new.physical_id}")
    if (old.account, old.region) != (new.account, new.region):
        raise NotYetCarriedOut(f"buses {old.physical_id} and {new.physical_id} are in different accounts or regions")


def why_kept(resource: Resource) -> str:
    """Why a resource of this type is not removed."""
    why = "it holds data" if resource.type in HOLDS_DATA else "odmd does not remove resources of this type"
    return f"{resource.type} {resource.physical_id} is kept: {why}"


def not_ours(resource: Resource, enver: str, owner: str | None) -> ResourceNotOurs:
    """What is said of a resource that another one than the enver made."""
    said = "is not there" if owner is None else _tagged(owner)
    return ResourceNotOurs(
        f"{resource.type} {resource.physical_id} {said}, and is recorded as {enver}'s",
        next_step="whoever carried out the run that published it said what is not so: look at its token and its log",
    )


def kept_for(resource: Resource, enver: str, owner: str | None) -> str:
    """Why what another one than the enver made is not removed."""
    return f"{resource.physical_id} is kept: it {_tagged(owner)}, not {enver}"


def _tagged(owner: str | None) -> str:
    return f"carries the tag of {owner}" if owner else "carries no enver's tag"


def _arn(bus: Resource) -> str:
    return arn("events", f"event-bus/{bus.physical_id}", bus.region, bus.account)


def _name(stack: str) -> str:
    return stack.partition(":stack/")[2].partition("/")[0]


def _target(stack: str) -> Target:
    _, _, _, region, account, _ = stack.split(":", 5)
    return Target(account, region)
