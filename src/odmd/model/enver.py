"""Envers: a build in one slot, with what it consumes and produces. Subclass a build type and annotate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Self, TypeVar

from odmd.model import build_types, naming
from odmd.model.approvals import Approval
from odmd.model.builds import Team
from odmd.model.checked import Checked
from odmd.model.declare import Declared, note
from odmd.model.kinds.base import Kind
from odmd.model.manifests import Manifests, ManifestSource
from odmd.model.revision import AsInstalled, Branch, Tag
from odmd.model.run_document import RunDocument
from odmd.model.stages import Account, Lag, Stage
from odmd.model.verification import Check, OnRed
from odmd.model.wiring import Hub, Produces, Wire, remember_inherited

E = TypeVar("E", bound="Enver")


@dataclass(frozen=True, slots=True)
class Promoted(Checked):
    """The revision that another enver of the build runs, once approved: identity stays, revision moves.

    `within`: how far it may be behind that enver, where that is not what its stage says.
    """

    after: Enver
    by: Team | Approval | None = None
    within: Lag | None = None

    @property
    def team(self) -> Team | None:
        """Whom it waits for."""
        return self.by.by if isinstance(self.by, Approval) else self.by


Revision = Branch | Tag | Promoted | AsInstalled
"""What an enver may run."""


class Enver(Declared):
    """An environment version. Its address is `<build>/<slot>`, e.g. `orders/b..main`."""

    build_type: ClassVar[str] = ""
    on: Revision
    at: Stage
    ephemeral: bool = False
    """Whether its resources are deleted with it; so for every clone."""
    documents: tuple[str, ...] = ()
    """Files beside the contracts that say more of it, by path from the declaring file."""
    stack: str = ""
    """The name of a stack that was there before it, and that it goes on with."""
    verified_by: tuple[Check, ...] = ()
    """What has to pass once it is deployed: before, nothing that it publishes reaches a consumer."""
    on_red: OnRed = "hold"
    """What becomes of it where that does not pass."""
    bake_minutes: float = 0
    """How long it runs once that passed, until it is verified once more and promotions take it over."""

    @classmethod
    def bound(cls, run: RunDocument) -> Self:
        """The enver as its run sees it: names and place are given, its revision is not, and nothing is wired yet."""
        enver = object.__new__(cls)
        enver.__dict__["_run"] = run
        enver.make_fields()
        enver.at = Stage(run.stage, Account(run.account, run.account), run.region)
        enver.ephemeral = run.ephemeral
        enver.stack = run.stack
        return enver

    @property
    def run(self) -> RunDocument | None:
        """The run that it is the target of; None in the contracts."""
        return self.__dict__.get("_run")

    @property
    def origin(self) -> Enver | None:
        """The enver that this one was cloned from."""
        return self.__dict__.get("_origin")

    @property
    def slot(self) -> str:
        """The lasting address within the build, in the reference system's form: `b..main`, `t..v1`, `s..prod`."""
        if (run := self.__dict__.get("_run")) is not None:
            return run.slot
        match self.on:
            case Branch() as branch:
                origin = self.__dict__.get("_origin")
                return f"b..{branch.short}" if origin is None else f"{origin.slot}-_b..{branch.short}"
            case Tag() as tag:
                return f"t..{tag.short}"
            case AsInstalled() as installed:
                return f"s..{installed.slot or self.at.name}"
            case Promoted():
                return f"s..{self.at.name}"

    @property
    def address(self) -> str:
        return f"{self._build_name}/{self.slot}"

    @property
    def _build_name(self) -> str:
        return run.build if (run := self.run) is not None else self.build.name

    def name(self, resource: str) -> str:
        """A physical name for one of its resources that no other enver has."""
        return naming.physical_name(self._build_name, self.slot, resource)

    def stack_name(self, part: str = "") -> str:
        """The name of its stack, or of the one of its stacks called `part`."""
        return naming.stack_name(self._build_name, self.slot, part, self.stack)

    def clone(self, on: Branch, *, stack: str = "") -> Self:
        """The same wires under another revision: its own products, requests and stack; rewire by assignment."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.make_fields()
        twin.on, twin.ephemeral, twin.stack = on, True, stack
        twin.__dict__.pop("stacks", None)  # two envers cannot have the same
        twin.__dict__.update(_origin=self, _again={})
        fields = type(self).declaration
        twin.__dict__.update({name: wire for name, (field, _) in fields.consumes.items() if (wire := field.wire(self))})
        for name in fields.hubs:
            hub: Hub[Kind] = getattr(twin, name)
            for key, wire in getattr(self, name).wires().items():
                hub[key] = wire
        for field in fields.requests.values():
            if (offers := field.offers(self)) is not None:
                field.__set__(twin, offers)
        remember_inherited(twin)
        note(twin)
        return twin

    def __str__(self) -> str:
        return naming.enver_label(self.address)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class CdkEnver(Enver):
    """CloudFormation stacks, synthesised by a CDK app."""

    build_type = build_types.CDK.name
    stacks: tuple[str, ...] = ()
    """The names that the app's stacks have, where it names them itself; all of them, and no clone has the same."""


class ImageEnver(Enver):
    """Container images, pushed into ECR; who consumes one may pull it."""

    build_type = build_types.IMAGE.name
    minutes: float = 30
    """How long the build of each image may take."""
    network: bool = False
    """Whether `RUN` lines may reach the network; the images that it begins from are fetched all the same."""


class KubernetesEnver(Enver):
    """Manifests, brought into a namespace of its own in a cluster."""

    build_type = build_types.KUBERNETES.name
    manifests: ManifestSource = Manifests()
    """Where they come from; `${odmd.NAME}` in them stands for the value of input NAME."""
    cluster_name: str = ""
    """The cluster's name in the account and region of the stage; empty: its one input of kind `EksCluster` says it."""
    takes_over: tuple[str, ...] = ()
    """Managers of fields, such as `kubectl`, whose fields become the enver's where its manifests say them, too."""
    minutes: float = 10
    """How long all may take until it serves."""
    stuck_seconds: float = 30
    """How long its pods may be without their image, or crash, before that is a failure."""
    undo: bool = True
    """Whether what was there before comes back when what is new does not serve."""


class NpmEnver(Enver):
    """A package for npm. Who says none of where it is published declares it, and publishes it otherwise."""

    build_type = build_types.NPM.name
    package_name: str = ""
    """The name that it is published and installed by: `@acme/orders`."""
    registry: str = ""
    """The registry that it is published to and installed from: `https://npm.acme.dev/`."""
    releases: bool | None = None
    """Whether it publishes the version that its package.json says, or else a pre-release of that of its own. Tags, what
    is promoted and branch `main` release unless they say otherwise; clones never do."""
    install_scripts: bool = False
    """Whether the packages that it is built with may run scripts of their own while they are installed."""


class PythonPackageEnver(Enver):
    """A package for Python. Who says none of where it is published declares it, and publishes it otherwise."""

    build_type = build_types.PYTHON.name
    distribution: str = ""
    """The name that it is published and installed by: `acme-orders`."""
    index: str = ""
    """The index that it is installed from, by the address of its simple API: `https://pypi.acme.dev/simple/`."""
    upload: str = ""
    """The address that takes uploads to that index."""
    releases: bool | None = None
    """Whether it publishes the version that its project says, or else a pre-release of that of its own. Tags, what is
    promoted and branch `main` release unless they say otherwise; clones never do."""


class CommandEnver(Enver):
    """Whatever its commands bring about; they are run in the build's folder, one after the other."""

    build_type = build_types.COMMAND.name
    commands: tuple[str, ...]
    remove: str = ""
    """The command that takes away what they brought about, once the enver left the contracts; it is asked about."""
    minutes: float = 15
    """How long all of them may take."""
    network: bool = False
    """Whether they may reach the network."""


class ContractsEnver(Enver):
    """The organisation's contracts themselves, as a Python package that services install.

    Who says none of where it is published declares it, and publishes it otherwise.
    """

    build_type = build_types.CONTRACTS.name
    distribution: str = ""
    """The name that it is published and installed by: `acme-contracts`."""
    entry_point: str = ""
    """Where in it the organisation is: `acme_contracts:acme`."""
    index: str = ""
    """The index that it is installed from, by the address of its simple API: `https://pypi.acme.dev/simple/`."""
    upload: str = ""
    """The address that takes uploads to that index."""


class CloneSet:
    """Clones made and removed together; a wire from one member to another leads to the other's clone.

    Args:
        on: what they follow.
        follow: those that follow something else; give each the slot of the others: `Branch("main", slot="fix-1")`.
    """

    def __init__(self, on: Branch, *origins: Enver, follow: Mapping[Enver, Branch] = MappingProxyType({})) -> None:
        self._twins: Mapping[int, Enver] = {id(one): one.clone(follow.get(one, on)) for one in origins}
        for twin in self._twins.values():
            self._rewire(twin)

    def _rewire(self, twin: Enver) -> None:
        fields = type(twin).declaration
        for name, (field, _) in fields.consumes.items():
            if (wire := field.wire(twin)) is not None:
                setattr(twin, name, self._inside(wire))
        for name in fields.hubs:
            hub: Hub[Kind] = getattr(twin, name)
            hub.rewire(self._inside)
        for request in fields.requests.values():
            if (offers := request.offers(twin)) and (other := self._twins.get(id(offers.owner))):
                request.__set__(twin, getattr(other, offers.name))
        remember_inherited(twin)

    def _inside(self, wire: Wire[Kind]) -> Wire[Kind]:
        """The wire, led to the twin if its producer is a member."""
        product = wire.producer
        if (twin := self._twins.get(id(product.owner))) is None:
            return wire
        return wire.led_from(Produces[Kind](twin, product.name, product.kind, product.about))

    def __getitem__(self, origin: E) -> E:
        twin = self._twins[id(origin)]
        if not isinstance(twin, type(origin)):
            raise KeyError(origin)
        return twin
