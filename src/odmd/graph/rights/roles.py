"""What an account has for the envers that live in it: roles, what they may do, and who may take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from odmd.errors import Place
from odmd.graph.rights.statements import Condition, Statement
from odmd.graph.rights.used import GitHubProvider
from odmd.model.targets import Target

BASE_STACK: Final = "odmd-bootstrap"
"""What all roles in an account and region stand on."""
GITHUB: Final = "token.actions.githubusercontent.com"
DEPLOY: Final = "deploy"
EXEC: Final = "exec"
BOUNDARY: Final = "boundary"
MIRROR: Final = "mirror"
VERIFY: Final = "verify"


@dataclass(frozen=True, slots=True)
class Trusts:
    """Who takes roles, besides what the contracts say of repositories."""

    principals: tuple[str, ...] = ()
    """ARNs of who carries out runs; none: whom the account itself lets."""
    server: tuple[str, ...] = ()
    """ARNs of who decides, clears away and writes values for others; none: the same."""
    github: GitHubProvider = GitHubProvider.NONE
    only_ids: bool = False
    """Whether jobs of repositories that have ids are known by these alone, and not by their names as well."""
    qualifiers: Mapping[str, str] = field(default_factory=dict[str, str])
    """By which accounts were bootstrapped for CDK, where it is not CDK's own."""
    asset_key: bool = False
    """Whether a bucket for assets that odmd makes has a key of the account's own."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Somebody who may take a role."""

    kind: Literal["AWS", "Federated", "Service"]
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    why: str
    place: Place | None = None
    conditions: tuple[Condition, ...] = ()

    def document(self) -> Mapping[str, object]:
        """As IAM writes it."""
        said = Statement(self.actions, ("*",), self.why, self.place, self.conditions).document()
        names = self.principals[0] if len(self.principals) == 1 else list(self.principals)
        rest = {key: value for key, value in said.items() if key != "Resource"}
        return {**rest, "Principal": {self.kind: names}}


@dataclass(frozen=True, slots=True)
class Boundary:
    """What some roles can be given at most."""

    name: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class IamRole:
    """A role of odmd's."""

    name: str
    what: str
    """`deploy`: taken by who carries out runs; `exec`: by CloudFormation; `mirror`: by who writes values for others;
    `verify`: for programs that check what was deployed."""
    build: str
    revision_class: str
    """Nothing, as the build, of a role that is of no build."""
    target: Target
    trusts: tuple[Trust, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class BuildRoles:
    """What a build has in one account and region: a stack."""

    build: str
    target: Target
    stack: str
    roles: tuple[IamRole, ...]
    boundaries: tuple[Boundary, ...]


@dataclass(frozen=True, slots=True)
class AccountRoles:
    """What an account has in one region."""

    target: Target
    guard: Boundary
    """The boundary of all roles of odmd's there."""
    makes_provider: bool
    bucket: str
    """Made for assets, where the account is not bootstrapped for CDK otherwise; else empty."""
    asset_key: bool = field(default=False, kw_only=True)
    """Whether it has a key of its own, in place of the one that AWS has for the account."""
    builds: tuple[BuildRoles, ...]
    mirror: IamRole | None = None
    """Of the organisation's account, in a region where values stand for other systems."""

    def roles(self) -> Mapping[str, IamRole]:
        """By name."""
        own = (self.mirror,) if self.mirror else ()
        return {role.name: role for role in (*own, *(role for build in self.builds for role in build.roles))}
