"""What a CDK app synthesised, and a stack as it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from odmd.control.scheduler.values import Resource

ENVER_TAG: Final = "odmd:enver"
"""The tag by which a stack says whose it is; nobody else's run touches it."""

STATE_TAG: Final = "odmd:state"
"""The tag by which a stack says which state manages it. Stacks of older releases lack it, and go on without: a tag that
comes touches every resource."""


@dataclass(frozen=True, slots=True)
class StackTemplate:
    """One stack of an assembly, ready for CloudFormation."""

    name: str
    template: str
    """JSON text."""
    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    needs_synth: str = ""
    """Why new parameters alone may not be enough (macros, nested stacks, SSM-typed parameters); empty when they are."""
    termination_protection: bool = False
    """Whether the app wants the stack safe from deletion."""
    notification_arns: tuple[str, ...] = ()
    """Topics that CloudFormation tells of the stack's events."""
    bucket: str = ""
    """Where a template goes that is too large to be sent along; empty: into the account's own bucket for assets."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or folder that a template refers to in S3."""

    path: str
    """Relative to the assembly's folder."""
    zip: bool
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What an assembly needs of what `cdk bootstrap` makes."""

    parameter: str
    """The SSM parameter that says its version; empty: the account's own."""
    version: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a CDK app synthesised: its stacks in the order to deploy them, and their assets."""

    stacks: tuple[StackTemplate, ...]
    assets: tuple[Asset, ...]
    warnings: tuple[str, ...] = ()
    """What the app's constructs warn of."""
    bootstraps: tuple[Bootstrap, ...] = ()
    lookups: tuple[tuple[str, str], ...] = ()
    """(context key, answer as JSON) that it was synthesised with, sorted by key."""


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack as it runs after a deployment."""

    name: str
    outputs: Mapping[str, str]
    behind: Mapping[str, Resource]
    """Output name → the resource that the output refers to."""
