"""What a run needs to be there before anything of it moves, as data; and what was found of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, TypeAlias, cast

from odmd.errors import OdmdError
from odmd.graph import WireEdge
from odmd.graph.built import PackageNode
from odmd.model.build_types import Need
from odmd.model.kinds import Kind
from odmd.model.secret_references import SecretReference
from odmd.model.targets import Target


class NeedSort(StrEnum):
    """Sorts of needs, as people read them."""

    SOURCE = "source"
    RELEASE = "release"
    SETTINGS = "settings"
    INPUT = "input"
    ARTIFACT = "artifact"
    TOOL = "tool"
    ACCOUNT = "account"
    RIGHT = "right"
    BOOTSTRAP = "bootstrap"
    REGISTRY = "registry"
    CLUSTER = "cluster"
    NAME = "name"
    PARAMETER = "parameter"
    REFERENCE = "reference"
    CERTIFICATE = "certificate"
    SECRET = "secret"  # noqa: S105  # the word
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Needed:
    """What every need says of itself; as text, what it is in words."""

    sort: ClassVar[NeedSort]

    @property
    def where(self) -> str:
        """Where it is looked for, for people; empty: nowhere in particular."""
        return ""

    @property
    def certain(self) -> bool:
        """Whether a run fails without it; else it is needed by many, and nobody knows yet whether by this one."""
        return True

    @property
    def in_runs(self) -> bool:
        """Whether an agent asks for it, too; what the first step of a run would say at once it does not."""
        return self.certain

    @property
    def after(self) -> RunNeed | None:
        """What has to be there before anybody can tell."""
        return None


@dataclass(frozen=True, slots=True)
class KnownNeed(Needed):
    """What is recorded, or was just read, says it: nobody has to ask the world."""

    found: Finding | None


@dataclass(frozen=True, slots=True)
class InAccount(Needed):
    """In an account and region."""

    target: Target

    @property
    def where(self) -> str:
        return f"{self.target.account} {self.target.region}"

    @property
    def after(self) -> RunNeed | None:
        return AccountNeeded(self.target)


def with_rights(need: RunNeed, target: Target) -> RunNeed:
    """The same need, to be proven with the rights of who acts at a place."""
    if isinstance(need, InAccount | ClusterNeeded | ClusterRightNeeded) and need.target == target:
        return cast("RunNeed", replace(need, target=target))
    return need


@dataclass(frozen=True, slots=True)
class SourceNeeded(KnownNeed):
    """A repository, and in it what an enver follows; found where it was read just now."""

    sort = NeedSort.SOURCE
    repo: str
    revision: str

    def __str__(self) -> str:
        return f"{self.revision.replace(':', ' ')} of {self.repo}"


@dataclass(frozen=True, slots=True)
class InputNeeded(KnownNeed):
    """A value on a wire."""

    sort = NeedSort.INPUT
    consumer: str
    name: str
    product: str

    def __str__(self) -> str:
        return f"`{self.name}`"

    @property
    def where(self) -> str:
        return self.product


@dataclass(frozen=True, slots=True)
class BeyondNeeded(KnownNeed):
    """A release that carries out what the contracts say of an enver."""

    sort = NeedSort.RELEASE
    enver: str

    def __str__(self) -> str:
        return "a release of odmd that deploys it"


@dataclass(frozen=True, slots=True)
class SettingsNeeded(KnownNeed):
    """Private config and secrets, as the plan found them."""

    sort = NeedSort.SETTINGS
    enver: str

    def __str__(self) -> str:
        return "config and secrets"


@dataclass(frozen=True, slots=True)
class BoundSecretNeeded(Needed):
    """A secret that the contracts need, at the reference that it is bound to; runs read or prove it themselves."""

    sort = NeedSort.SECRET
    name: str
    reference: SecretReference
    target: Target
    """Where a reference is that names no place."""

    def __str__(self) -> str:
        return f"{self.name}: {self.reference}"

    @property
    def in_runs(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class ArtifactNeeded(Needed):
    """What a consumed value names: an image, a package."""

    sort = NeedSort.ARTIFACT
    kind: type[Kind]
    text: str
    wire: WireEdge
    reader: Target
    """Where it is read from."""

    def __str__(self) -> str:
        return f"`{self.wire.name}`: {self.text}"

    @property
    def where(self) -> str:
        return self.wire.registry


@dataclass(frozen=True, slots=True)
class ToolNeeded(Needed):
    """A program, on the machine that carries out the run."""

    sort = NeedSort.TOOL
    tool: Need
    certain_: bool = True

    def __str__(self) -> str:
        return self.tool.value

    @property
    def where(self) -> str:
        return "this machine"

    @property
    def certain(self) -> bool:
        return self.certain_


@dataclass(frozen=True, slots=True)
class AccountNeeded(InAccount):
    """A session whose account is the enver's."""

    sort = NeedSort.ACCOUNT

    def __str__(self) -> str:
        return "a session for the account"

    @property
    def after(self) -> RunNeed | None:
        return None


@dataclass(frozen=True, slots=True)
class RightNeeded(InAccount):
    """That who carries out the run may do something."""

    sort = NeedSort.RIGHT
    what: str
    """In words: deploy stack orders--main."""
    actions: tuple[str, ...]
    resource: str
    """ARN."""

    def __str__(self) -> str:
        return self.what

    @property
    def in_runs(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class BootstrapNeeded(InAccount):
    """What `cdk bootstrap` makes: buckets for assets, and a version that says what else there is."""

    sort = NeedSort.BOOTSTRAP
    buckets: tuple[str, ...] = ("",)
    """Empty: the account's own."""
    versions: tuple[tuple[str, int], ...] = ()
    """(SSM parameter that says it, the least that it has to say); the account's own where it is empty."""
    certain_: bool = True

    def __str__(self) -> str:
        least = max((version for _, version in self.versions), default=0)
        return f"bootstrapped for CDK{f', version {least} or later' if least else ''}"

    @property
    def certain(self) -> bool:
        return self.certain_


@dataclass(frozen=True, slots=True)
class RegistryNeeded(Needed):
    """A registry of packages, and the right to publish there."""

    sort = NeedSort.REGISTRY
    package: PackageNode
    is_npm: bool
    is_published: bool
    """Whether this state published the package before."""

    def __str__(self) -> str:
        return f"takes {self.package.distribution}"

    @property
    def where(self) -> str:
        return self.package.upload


@dataclass(frozen=True, slots=True)
class ClusterNeeded(Needed):
    """A cluster that answers, and lets in whoever carries out the run."""

    sort = NeedSort.CLUSTER
    name: str
    target: Target

    def __str__(self) -> str:
        return f"kubernetes cluster {self.name}"

    @property
    def where(self) -> str:
        return f"{self.target.account} {self.target.region}"


@dataclass(frozen=True, slots=True)
class ClusterRightNeeded(Needed):
    """That whoever carries out the run may make objects of some sorts there."""

    sort = NeedSort.RIGHT
    cluster: str
    target: Target
    namespace: str
    resources: tuple[tuple[str, str], ...]
    """(API version, kind) of each."""

    def __str__(self) -> str:
        kinds = sorted({kind for _, kind in self.resources})
        return f"make {', '.join(kinds)} in {self.namespace}"

    @property
    def where(self) -> str:
        return f"cluster {self.cluster}"

    @property
    def after(self) -> RunNeed | None:
        return ClusterNeeded(self.cluster, self.target)


@dataclass(frozen=True, slots=True)
class StackNameNeeded(InAccount):
    """The name of a stack, which nobody else's stack has."""

    sort = NeedSort.NAME
    stack: str
    enver: str
    certain_: bool = True

    def __str__(self) -> str:
        return f"stack {self.stack}"

    @property
    def certain(self) -> bool:
        return self.certain_


@dataclass(frozen=True, slots=True)
class RepositoryNameNeeded(InAccount):
    """The name of an ECR repository, which no other build's has."""

    sort = NeedSort.NAME
    name: str
    build: str

    def __str__(self) -> str:
        return f"ECR repository {self.name}"


@dataclass(frozen=True, slots=True)
class PhysicalNamesNeeded(InAccount):
    """Names that a template gives to what it makes, and that nobody may have before."""

    sort = NeedSort.NAME
    stack: str
    names: tuple[tuple[str, str, str], ...]
    """(logical id, type, name) of each."""

    def __str__(self) -> str:
        listed = ", ".join(name for _, _, name in self.names)
        return f"in stack {self.stack}: {listed}"


@dataclass(frozen=True, slots=True)
class ParametersNeeded(InAccount):
    """Values of a stack's parameters that have no default, and that no wire brings: the stack has them already."""

    sort = NeedSort.PARAMETER
    stack: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"of stack {self.stack}: {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class ExportsNeeded(InAccount):
    """Exports of other stacks that a template imports."""

    sort = NeedSort.REFERENCE
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"export{'s' * (len(self.names) != 1)} {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class StoreKeysNeeded(InAccount):
    """Parameters of the parameter store whose values a template reads."""

    sort = NeedSort.REFERENCE
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"SSM {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class SecretThereNeeded(InAccount):
    """A secret of Secrets Manager that is handed on, or that a template refers to: it is described, never read."""

    sort = NeedSort.SECRET
    id: str
    """Name or ARN."""

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class CertificateNeeded(InAccount):
    """A certificate that is good, and is so for a while."""

    sort = NeedSort.CERTIFICATE
    arn: str

    def __str__(self) -> str:
        return self.arn


class Quota(StrEnum):
    """What an account has a limited number of, and which it says at a small price."""

    STACKS = "stacks"
    ROLES = "IAM roles"
    ADDRESSES = "Elastic IP addresses"
    VPCS = "VPCs"
    CPUS = "vCPUs of standard on-demand instances"


@dataclass(frozen=True, slots=True)
class QuotaNeeded(InAccount):
    """Room for more of something."""

    sort = NeedSort.QUOTA
    quota: Quota
    more: int
    instances: tuple[tuple[str, int], ...] = ()
    """(type, how many), where it is about vCPUs."""

    def __str__(self) -> str:
        return f"room for {self.more} more {self.quota.value}" if self.more else f"room for more {self.quota.value}"

    def counts_with(self, other: QuotaNeeded) -> bool:
        """Whether both are about room in one place."""
        return (self.target, self.quota) == (other.target, other.quota)

    @property
    def in_runs(self) -> bool:
        """To count stacks takes a request a hundred: too much for each run."""
        return self.quota is not Quota.STACKS


@dataclass(frozen=True, slots=True)
class Proven:
    """It is there; `fact` says by whose right that is known, where that is not who will use it."""

    fact: str


@dataclass(frozen=True, slots=True)
class Missing:
    """It is not there, or not good."""

    error: OdmdError = field(compare=False)
    said: str = ""
    """The code, where somebody else found it so and kept no more than that."""

    @property
    def code(self) -> str:
        return self.said or self.error.code

    @property
    def fact(self) -> str:
        return self.error.fact

    @property
    def next_step(self) -> str:
        return self.error.next_step


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody could tell. It may be there."""

    fact: str
    next_step: str = ""
    error: OdmdError | None = field(default=None, compare=False)
    """What kept it from being told, where asking again may help."""


Finding: TypeAlias = Proven | Missing | Unknown
RunNeed: TypeAlias = (
    SourceNeeded
    | InputNeeded
    | BeyondNeeded
    | SettingsNeeded
    | BoundSecretNeeded
    | ArtifactNeeded
    | ToolNeeded
    | AccountNeeded
    | RightNeeded
    | BootstrapNeeded
    | RegistryNeeded
    | ClusterNeeded
    | ClusterRightNeeded
    | StackNameNeeded
    | RepositoryNameNeeded
    | PhysicalNamesNeeded
    | ParametersNeeded
    | ExportsNeeded
    | StoreKeysNeeded
    | SecretThereNeeded
    | CertificateNeeded
    | QuotaNeeded
)
"""Any of them: who proves them has an answer for each."""


@dataclass(frozen=True, slots=True)
class ProvenNeed:
    """A need, and what was found of it."""

    need: RunNeed
    found: Finding
