"""Names that an app has of its own, for apps that know nothing of odmd: which of them stands for which value.

What an app produces is *of* an output, an export or an SSM parameter, or of an object in a cluster; what it consumes
goes *to* a parameter of its stacks, to a key of its context or to a variable of its environment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from odmd.errors import ContractsNotLoaded
from odmd.model.checked import Checked
from odmd.model.place import caller

_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIELD: Final = re.compile(r"[A-Za-z]+/[a-z0-9.-]+ [^\s.]+(\.[^\s.]+)*")
_OURS: Final = re.compile(r"PATH|HOME|PYTHON.*|LD_.*|JSII_.*|NODE_OPTIONS|AWS_.*|CDK_.*|ODMD_.*")


class Source(Checked):
    """Where a product comes from in an app that does not publish it."""

    __slots__ = ()
    name: str

    def __str__(self) -> str:
        return f"{type(self).__name__}:{self.name}"


class Goal(Checked):
    """Where a consumed value goes in an app that does not ask for it."""

    __slots__ = ()
    name: str

    def __str__(self) -> str:
        return f"{type(self).__name__}:{self.name}"


@dataclass(frozen=True, slots=True)
class Output(Source):
    """An output of one of its stacks: `ApiEndpoint`, or `shop-api/ApiEndpoint` where several stacks have one."""

    name: str

    def __post_init__(self) -> None:
        Checked.__post_init__(self)
        _refuse_unless(self.name, _LOGICAL_ID.fullmatch(self.name.rpartition("/")[2]), "the name of an output")


@dataclass(frozen=True, slots=True)
class Export(Source):
    """An output by the name under which it is exported."""

    name: str


@dataclass(frozen=True, slots=True)
class SsmParameter(Source):
    """What one of its stacks writes to an SSM parameter of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class ServiceAddress(Source):
    """The address inside its cluster of a Service of the enver's manifests, with the port of this name or number."""

    name: str
    port: str = ""

    def __str__(self) -> str:
        return f"{type(self).__name__}:{self.name}{f':{self.port}' if self.port else ''}"


@dataclass(frozen=True, slots=True)
class IngressHost(Source):
    """The name by which an Ingress of the enver's manifests is reached: its first rule's, else its load balancer's."""

    name: str


@dataclass(frozen=True, slots=True)
class IngressUrl(Source):
    """As `IngressHost`, with `https://` before it where the Ingress has TLS, else `http://`."""

    name: str


@dataclass(frozen=True, slots=True)
class ObjectField(Source):
    """A field of an object of the enver's manifests as the cluster has it:
    `ObjectField("Service/shop status.loadBalancer.ingress.0.hostname")`."""

    name: str

    def __post_init__(self) -> None:
        Checked.__post_init__(self)
        _refuse_unless(self.name, _FIELD.fullmatch(self.name), "a field of an object: Kind/name path.to.field")


IN_CLUSTER: Final = tuple(f"{one.__name__}:" for one in (ServiceAddress, IngressHost, IngressUrl, ObjectField))
"""What sources begin with that are objects of a cluster."""


@dataclass(frozen=True, slots=True)
class Parameter(Goal):
    """A CloudFormation parameter of its stacks; a new value needs no new synthesis."""

    name: str

    def __post_init__(self) -> None:
        Checked.__post_init__(self)
        _refuse_unless(self.name, _LOGICAL_ID.fullmatch(self.name), "the name of a CloudFormation parameter")


@dataclass(frozen=True, slots=True)
class ContextKey(Goal):
    """A key of the app's context, as `cdk deploy -c key=value` gives it."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable(Goal):
    """A variable of the app's environment."""

    name: str

    def __post_init__(self) -> None:
        Checked.__post_init__(self)
        fits = _VARIABLE.fullmatch(self.name) and not _OURS.fullmatch(self.name)
        _refuse_unless(self.name, fits, "a variable that an app may be given")


def _refuse_unless(name: str, fits: object, what: str) -> None:
    if not fits:
        raise ContractsNotLoaded(
            f"{name!r} is not {what}", place=caller(), next_step="write the name that it has in the app"
        )
