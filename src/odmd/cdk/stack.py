"""A stack in the place of its enver."""

from __future__ import annotations

from aws_cdk import Environment, RemovalPolicies, Stack
from constructs import Construct

from odmd.model import Enver


class EnverStack(Stack):
    """A stack with the name, account and region of its enver; nothing in it outlives an ephemeral one.

    `part` tells several stacks of one enver apart.
    """

    def __init__(self, scope: Construct, enver: Enver, part: str = "") -> None:
        place = Environment(account=enver.at.account.id, region=enver.at.region)
        super().__init__(scope, enver.stack_name(part), env=place)
        if enver.ephemeral:
            RemovalPolicies.of(self).destroy()
