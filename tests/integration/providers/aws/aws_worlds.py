"""The same questions asked of an AWS in memory and of one behind boto3."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any, Protocol

from odmd.control.ports.world import Handovers, Mirror
from odmd.control.running.proposal import Proposal
from odmd.control.scheduler.values import Resource
from odmd.model.targets import Target
from odmd.providers.aws import AwsCloud, AwsHandovers, AwsMirror, Emulator, Sessions
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.fake import FakeAws
from odmd.providers.aws.ports import Cloud

_ACCOUNTS = itertools.count(200_000_000_000)


class World(Protocol):
    """An AWS under test, with an account of its own."""

    target: Target
    cloud: Cloud
    handovers: Handovers
    mirror: Mirror

    def buses(self) -> set[str]: ...

    def mirrored(self, path: str) -> str: ...

    def take_bus_name(self, name: str) -> None:
        """Lets somebody else have a bus of this name."""
        ...

    def start_elsewhere(self, change_set: Proposal) -> None:
        """Starts an execution as a process that then died."""
        ...

    def leftovers(self, stack: str) -> list[str]: ...


class FakeWorld:
    def __init__(self) -> None:
        self.target = Target("111122223333", "eu-west-1")
        self.aws = FakeAws()
        self.cloud: Cloud = self.aws
        self.handovers: Handovers = self.aws
        self.mirror: Mirror = self.aws

    def buses(self) -> set[str]:
        return {one.physical_id for one in self.aws.resources if one.type == "AWS::Events::EventBus"}

    def mirrored(self, path: str) -> str:
        return self.aws.mirrored[self.target, path]

    def take_bus_name(self, name: str) -> None:
        self.aws.resources[bus(name, self.target)] = None

    def start_elsewhere(self, change_set: Proposal) -> None:
        self.aws.execute(change_set, self.target, lambda _: None)

    def leftovers(self, stack: str) -> list[str]:
        return self.aws.pending(stack, self.target)


class EmulatedWorld:
    def __init__(self, emulator: Emulator) -> None:
        self.target = Target(str(next(_ACCOUNTS)), "eu-west-1")
        emulator.bootstrap(self.target)
        self.sessions: Sessions = emulator.sessions()
        self.cloud: Cloud = AwsCloud(self.sessions)
        self.handovers: Handovers = AwsHandovers(self.sessions)
        self.mirror: Mirror = AwsMirror(self.sessions)

    def buses(self) -> set[str]:
        listed = self.sessions.events(self.target).list_event_buses()["EventBuses"]
        return {one["Name"] for one in listed} - {"default"}

    def mirrored(self, path: str) -> str:
        return self.sessions.ssm(self.target).get_parameter(Name=path)["Parameter"]["Value"]

    def take_bus_name(self, name: str) -> None:
        self.sessions.events(self.target).create_event_bus(Name=name)

    def start_elsewhere(self, change_set: Proposal) -> None:
        self.sessions.cloudformation(self.target).execute_change_set(ChangeSetName=change_set.id)

    def leftovers(self, stack: str) -> list[str]:
        listed = self.sessions.cloudformation(self.target).list_change_sets(StackName=stack)["Summaries"]
        return [one["ChangeSetName"] for one in listed if one["ExecutionStatus"] == "AVAILABLE"]


def bus(name: str, target: Target) -> Resource:
    return Resource("AWS::Events::EventBus", name, target.account, target.region)


def bus_stack(name: str = "orders--main", **more: Mapping[str, Any]) -> StackTemplate:
    """A bus whose name is a parameter, and that survives its replacement."""
    resources = {
        "Bus": {
            "Type": "AWS::Events::EventBus",
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Retain",
            "Properties": {"Name": {"Ref": "BusName"}},
        },
        **more,
    }
    return stack(name, resources, {"OdmdOutBus": {"Value": {"Ref": "Bus"}}}, {"BusName": {"Type": "String"}})


def stack(
    name: str,
    resources: Mapping[str, Any],
    outputs: Mapping[str, Any],
    parameters: Mapping[str, Any] | None = None,
    comment: str = "",
) -> StackTemplate:
    template = {"Parameters": parameters or {}, "Resources": resources, "Outputs": outputs}
    if comment:
        template["Metadata"] = {"Comment": comment}
    tags = (("odmd:enver", name),)
    return StackTemplate(name, json.dumps(template), tuple(parameters or ()), tuple(outputs), tags)
