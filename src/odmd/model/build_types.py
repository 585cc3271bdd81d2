"""What there is to know of each build type: whoever asks about a type asks here. A procedure carries it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from odmd.model import naming


class May(StrEnum):
    """What envers of a type may consume."""

    ANYTHING = "anything"
    PULLERS = "nothing but who may pull it"
    NOTHING = "nothing"


class Need(StrEnum):
    """What has to be there to carry a type out: its procedure gets that alone, and `odmd doctor` looks for it."""

    ACCOUNT = "rights in the account of the stage"
    NODE = "Node.js"
    INDEX = "the package index that its contract names"
    BUILDER = "buildah or docker buildx"
    CLUSTER = "the cluster that its contract names"


class BuilderName(StrEnum):
    """What builds images, in the order in which it is looked for."""

    BUILDAH = "buildah"
    BUILDX = "buildx"


class Does(StrEnum):
    """What a step of a run does."""

    PREPARE = "prepare"
    """From source to recipe. Its result says which `recipe`."""
    DELIVER = "deliver"
    """What units refer to is put where they find it."""
    BRING_ABOUT = "bring about"
    """All that is done for the units, while nobody knows them."""
    PROPOSE = "propose"
    """What carrying out a unit would change is found out; each attempt does that for itself."""
    CARRY_OUT = "carry out"
    """What was proposed for a unit happens."""
    OBSERVE = "observe"
    """What a unit gives to others is read, parsed and published."""
    WRITE = "write config"
    """What services read live is written to where they read it."""
    CLEAR = "remove config"
    """What no service reads any more is removed there."""
    VERIFY = "verify"
    """It is proven that what runs works, before anybody hears of what it gives."""


class ScanSeverity(StrEnum):
    """Of what a scan finds in an image, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class DerivedName:
    """What envers of a type call something after themselves, where others do, too."""

    what: str
    of: Callable[[str, str, str], str]
    """From build, slot, and the stack that the enver goes on with."""
    form: re.Pattern[str]
    must: str
    """The form in words."""
    of_build: bool = False
    """Whether all envers of a build share it."""


@dataclass(frozen=True, slots=True)
class BuildType:
    """One way to turn source into something that runs or is used."""

    name: str
    unit: str
    """What a run brings about, one by one: a stack, a command."""
    seconds: float
    """How long a run is taken to last while nobody knows better."""
    names: tuple[DerivedName, ...] = ()
    may_consume: May = May.ANYTHING
    units_last: bool = False
    """Whether its units stay by their names after a run, so that one that leaves its recipe is to be removed."""
    has_stacks: bool = False
    """Whether its units are CloudFormation stacks, and an app may be adopted with the names that it has."""
    needs: frozenset[Need] = frozenset()
    """Besides the source at a commit, and a cage for foreign code."""
    is_carried_out: bool = False
    """Whether this release has a procedure for it."""
    gets_texts: bool = False
    """Whether its programs are given the texts of the secrets that it needs; else what runs is told where they are."""
    at_first: tuple[Does, ...] = (Does.PREPARE, Does.DELIVER)
    """The steps of a run that come before its units, where its recipe has to be made."""
    for_each: tuple[Does, ...] = (Does.PROPOSE, Does.CARRY_OUT, Does.OBSERVE)
    """Those of each unit."""

    def derived(self, build: str, slot: str, stack: str) -> Sequence[tuple[DerivedName, str]]:
        """What an enver is called where it stands."""
        return [(one, one.of(build, slot, stack)) for one in self.names]


def _stack(build: str, slot: str, stack: str) -> str:
    return naming.stack_name(build, slot, "", stack)


_STACK: Final = DerivedName(
    "stack name",
    _stack,
    re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}"),
    "begin with a letter and have at most 128 letters, digits and -",
)
_REPOSITORY: Final = DerivedName(
    "ECR repository",
    lambda build, _slot, _stack: naming.repository_name(build),
    re.compile(r"(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+)*"),
    "be 2 to 256 small letters and digits, with single - _ . / between",
    of_build=True,
)
_NAMESPACE: Final = DerivedName(
    "Kubernetes namespace",
    lambda build, slot, _stack: naming.namespace(build, slot),
    re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
    "be at most 63 small letters, digits and - between them",
)

_PREPARED: Final = (Does.PREPARE,)
"""The units refer to nothing but what their recipe holds."""

CDK: Final = BuildType(
    "cdk",
    "stack",
    180,
    (_STACK,),
    units_last=True,
    has_stacks=True,
    needs=frozenset((Need.ACCOUNT, Need.NODE)),
    is_carried_out=True,
)
IMAGE: Final = BuildType(
    "image",
    "image",
    240,
    (_REPOSITORY,),
    may_consume=May.PULLERS,
    units_last=True,
    needs=frozenset((Need.ACCOUNT, Need.BUILDER)),
    is_carried_out=True,
    gets_texts=True,
    at_first=_PREPARED,
)
KUBERNETES: Final = BuildType(
    "kubernetes",
    "release",
    60,
    (_NAMESPACE,),
    units_last=True,
    needs=frozenset((Need.CLUSTER,)),
    is_carried_out=True,
)
NPM: Final = BuildType(
    "npm",
    "package",
    90,
    needs=frozenset((Need.NODE, Need.INDEX)),
    is_carried_out=True,
    gets_texts=True,
    at_first=_PREPARED,
)
PYTHON: Final = BuildType(
    "python", "package", 60, needs=frozenset((Need.INDEX,)), is_carried_out=True, gets_texts=True, at_first=_PREPARED
)
COMMAND: Final = BuildType(
    "command", "command", 60, units_last=True, is_carried_out=True, gets_texts=True, at_first=_PREPARED
)
CONTRACTS: Final = BuildType(
    "contracts",
    "package",
    60,
    may_consume=May.NOTHING,
    needs=frozenset((Need.INDEX,)),
    is_carried_out=True,
    at_first=_PREPARED,
)
UNKNOWN: Final = BuildType("", "unit", 120)
"""That of an enver whose class derives from no build type."""

_KNOWN: Final[Mapping[str, BuildType]] = {
    one.name: one for one in (CDK, IMAGE, KUBERNETES, NPM, PYTHON, COMMAND, CONTRACTS)
}


def build_type(name: str) -> BuildType:
    """What is known of a type; of one that nobody knows, next to nothing."""
    return _KNOWN.get(name, UNKNOWN)
