"""What the agent and a cloud provider talk about: assemblies, change sets, deployed stacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.control.state import Resource

ENVER_TAG: Final = "odmd:enver"
"""The tag by which a stack says whose it is; nobody else's run touches it."""
STATE_TAG: Final = "odmd:state"
"""The tag by which a stack says which state manages it. Stacks of older releases lack it, and go on without: a tag that
comes touches every resource."""


@dataclass(frozen=True, slots=True)
class Target:
    """The account and region of an enver."""

    account: str
    region: str


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
class ResourceChange:
    """One line of a change set."""

    action: str
    """Add, Modify or Remove; Dynamic: CloudFormation cannot say which."""
    logical_id: str
    """`Data/Orders` for one in a stack inside."""
    type: str
    replacement: str
    """True, False, Conditional, or empty."""
    cause: str
    """What of it changes, in a few words."""
    holds_data: bool = False
    kept: bool = False
    """Whether it stays when it is removed, or a snapshot of it, as its deletion policy says."""
    heir: str = ""
    """What comes as one of its type while it goes."""

    @property
    def is_loss(self) -> bool:
        """Whether its stack goes on without the data: it is gone, or what comes in its place begins empty."""
        replaced = self.replacement in ("True", "Conditional") or self.action == "Dynamic"
        return self.holds_data and (replaced if self.action != "Remove" else not self.kept or bool(self.heir))


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What CloudFormation says it would do to one stack."""

    stack: str
    id: str
    changes: tuple[ResourceChange, ...]
    empty: bool
    """CloudFormation found nothing to do; there is nothing to execute."""


@dataclass(frozen=True, slots=True)
class StackLook:
    """A stack as somebody found it who changed nothing."""

    is_there: bool = False
    owner: str | None = None
    """The enver that its tag names; None: no enver made it."""
    status: str = ""
    id: str = ""
    settled_by_deletion: bool = False
    """A creation failed: what is left of it is deleted before the stack takes a change set."""
    holding: tuple[str, ...] = ()
    """What holds data and would go with the stack, at every depth, by name and type."""
    protected: bool = False
    """Against termination."""
    state: str | None = None
    """The state that its tag names; None: no enver made it, or an older release."""

    @property
    def is_foreign(self) -> bool:
        return self.is_there and self.owner is None

    def is_of(self, enver: str, state: str) -> bool:
        """Whether it is an enver's, as a state manages it."""
        return self.is_there and self.owner == enver and self.state in (None, state)

    @property
    def lost_by_settling(self) -> tuple[str, ...]:
        """What holds data and goes before the stack takes a change set."""
        return self.holding if self.settled_by_deletion else ()


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack as it runs after a deployment."""

    name: str
    outputs: Mapping[str, str]
    behind: Mapping[str, Resource]
    """Output name → the resource that the output refers to."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folders of one run: its source, its assembly, its log."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def assembly(self) -> Path:
        return self.root / "cdk.out"

    @property
    def document(self) -> Path:
        return self.root / "run.json"

    @property
    def context(self) -> Path:
        """What of the app's context no variable can hold."""
        return self.root / "context.json"

    @property
    def answers(self) -> Path:
        """What the app looked up: a JSON object by context key; none where there is nothing."""
        return self.root / "answers.json"

    @property
    def log(self) -> Path:
        return self.root / "run.log"
