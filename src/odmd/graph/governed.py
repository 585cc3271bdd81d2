"""What contracts say of who may do what, as data: policies, which stages are production or deployed by themselves, the
teams there are; and how far stages may be behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from odmd.errors import ContractsNotLoaded, Place
from odmd.graph.approvals import ApprovalNode, FreezeNode

FOLDER: Final = "policies"
"""Of policies, beside the file or in the package of the contracts."""
_LONGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file of policies, by its name in their folder."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Objective:
    """How far the envers of a stage may be behind."""

    stage: str
    versions: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class WireObjective:
    """How far an enver may be behind on one wire, or behind what it is promoted from, whatever its stage says."""

    subject: str
    """`<enver>:<input>`, `<enver>:` for a promotion."""
    versions: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class CloneLimits:
    """How many clones there may be at the same time: of an enver, of a team's builds, and in an account."""

    enver: int = 20
    team: int = 100
    account: int = 200


@dataclass(frozen=True, slots=True)
class PullRequestsNode:
    """Pull requests on the repository of a build that get clones of it by themselves."""

    build: str
    every: bool
    """Not only those that ask."""
    consumers: bool
    """With all that consume of it."""
    ttl: float
    """Seconds that they stay after they were used last."""


@dataclass(frozen=True)
class Governed:
    """With no file of policies, none hold: what somebody's scope and teams say is all."""

    policies: tuple[PolicyFile, ...] = ()
    production: tuple[str, ...] = ()
    """Names of the stages that are."""
    teams: tuple[str, ...] = ()
    """Owners of repos, and those that hold gates only; they decide nothing, so they are no part of a digest."""
    continuous: tuple[str, ...] = ()
    """Names of the stages whose envers are deployed as soon as their branches move."""
    approvals: tuple[ApprovalNode, ...] = ()
    """How things are answered that are asked, where a team's word is not all; by subject."""
    freezes: tuple[FreezeNode, ...] = ()
    objectives: tuple[Objective, ...] = ()
    """They let nobody do anything, so they are no part of what is said here."""
    clones: CloneLimits = CloneLimits()  # it is frozen
    """No part of it, either."""
    pull_requests: tuple[PullRequestsNode, ...] = ()
    """Those that get clones by themselves; by build."""
    reverting: tuple[str, ...] = ()
    """Names of the stages whose envers are brought back when others changed them."""
    wire_objectives: tuple[WireObjective, ...] = ()
    """As objectives; by subject."""

    def said(self) -> Mapping[str, object]:
        """For digests: nothing of what contracts do not use, so that digests stay as older releases made them."""
        said = {
            "continuous": self.continuous,
            "reverting": self.reverting,
            "approvals": [one.in_digest() for one in self.approvals],
            "freezes": [astuple(one) for one in self.freezes],
            "pull requests": [astuple(one) for one in self.pull_requests],
        }
        return {**self.rules(), **{name: those for name, those in said.items() if those}}

    def rules(self) -> Mapping[str, object]:
        """What decides who may do what."""
        files = {one.name: one.text for one in self.policies}
        return {"policies": (files, self.production)} if files else {}

    @cached_property
    def _by_subject(self) -> Mapping[str, ApprovalNode]:
        return {one.subject: one for one in self.approvals}

    def approval(self, subject: str) -> ApprovalNode | None:
        """How what is asked about a subject is answered; None where nothing more is said than who answers."""
        return self._by_subject.get(subject)


UNGOVERNED: Final = Governed()


def read_policies(module: str) -> Sequence[Path]:
    """The files of policies of the contracts in a module's file."""
    return sorted((Path(module).resolve().parent / FOLDER).glob("*.cedar")) if module else ()


def policy_file(path: Path) -> PolicyFile:
    """What stands in one.

    Raises:
        ContractsNotLoaded: it is no text.
    """
    try:
        text = path.read_bytes()[: _LONGEST + 1].decode()
    except (OSError, UnicodeDecodeError) as wrong:
        raise ContractsNotLoaded(
            f"{path.name} cannot be read: {wrong}", place=Place(str(path), 1), next_step="write it as UTF-8"
        ) from wrong
    if len(text) > _LONGEST:
        raise ContractsNotLoaded(
            f"{path.name} is longer than a million characters", place=Place(str(path), 1), next_step="make it two"
        )
    return PolicyFile(path.name, text)
