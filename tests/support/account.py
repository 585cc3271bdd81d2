"""The account of a workbench, as who deploys to it sees it."""

from __future__ import annotations

from odmd.model.targets import Target
from odmd.providers.aws.sessions import Sessions
from support.workbench import Workbench


class Account:
    """Where it deploys to."""

    def __init__(self, bench: Workbench) -> None:
        said = bench.environment
        self.sessions = Sessions(endpoint=said["AWS_ENDPOINT_URL"], emulated=True)
        self.target = Target(said["AWS_ACCESS_KEY_ID"], said["AWS_DEFAULT_REGION"])

    def stacks(self) -> set[str]:
        found = self.sessions.cloudformation(self.target).describe_stacks()["Stacks"]
        return {one["StackName"] for one in found} - {"CDKToolkit"}

    def parameters(self) -> dict[str, str]:
        pages = self.sessions.ssm(self.target).get_paginator("get_parameters_by_path")
        found = [one for page in pages.paginate(Path="/", Recursive=True) for one in page["Parameters"]]
        return {one.get("Name", ""): one.get("Value", "") for one in found}

    def everything(self) -> tuple[set[str], dict[str, str], set[str]]:
        """What an organisation like this one makes there."""
        events = self.sessions.events(self.target).list_event_buses()["EventBuses"]
        return self.stacks(), self.parameters(), {one.get("Name", "") for one in events}
