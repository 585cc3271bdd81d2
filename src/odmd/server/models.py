"""What goes over the wire and is no view of the control plane: what callers send, pages, and small answers."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from odmd.control.tokens import Scope, Token

T = TypeVar("T")

LARGEST: int = 2**53 - 1
"""What every JSON reader takes for an integer."""
_PRINTED = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, Field(min_length=1, max_length=300, pattern=_PRINTED)]
Why = Annotated[str, Field(max_length=2000, pattern=_PRINTED)]
Digest = Annotated[str, Field(pattern=r"^(sha256:)?[0-9a-f]{7,64}$")]
Number = Annotated[int, Field(ge=1, le=LARGEST)]
Moment = Annotated[float, Field(gt=0, le=1e11, allow_inf_nan=False, description="Seconds since the epoch.")]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanWanted(_Said):
    """What to plan."""

    targets: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    """Only these envers and what they need."""
    only_values: bool = False
    refresh: bool = True
    """Read the heads of all repositories anew."""


class ChangeWanted(_Said):
    """The plan to carry out."""

    plan: Digest
    why: Why = ""


class AnswerGiven(_Said):
    """The answer to what an enver asks."""

    enver: Name
    input: Name | None = None
    approved: bool
    why: Why = ""


class PauseWanted(_Said):
    """What shall start nothing new: an enver, `team:<name>`, or `*`."""

    scope: Name
    why: Why = ""
    until: Moment | None = None


class PinWanted(_Said):
    """The run to bring an enver back to; by default the last one with other inputs."""

    enver: Name
    run: Number | None = None
    why: Why = ""


class ReleaseWanted(_Said):
    """The enver that shall follow its inputs again."""

    enver: Name


class TokenWanted(_Said):
    """The token to make."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTED)]
    scope: Scope = Scope.READ
    expires: Moment


class Page(BaseModel, Generic[T]):
    """Some of many."""

    items: list[T]
    next: str | None
    """The address of the next page; null after the last."""


class EventTold(BaseModel):
    """A committed event."""

    position: int
    type: str
    body: dict[str, Any]


class Answered(BaseModel):
    """What came of a write: nothing, where it was so already."""

    events: list[EventTold]


class ChangeAnswered(Answered):
    """What came of a change."""

    wave: int | None
    """To follow it by; null when there was nothing to do."""


class PlanMade(BaseModel):
    """A plan, kept on the server under its digest."""

    digest: str
    plan: dict[str, Any]


class ContractsTold(BaseModel):
    """The contracts in force."""

    organisation: str
    digest: str
    version: str
    envers: int


class WireTold(BaseModel):
    """A wire into an enver."""

    input: str
    product: str
    mode: str
    gate: str | None


class NodeTold(BaseModel):
    """An enver as the contracts declare it."""

    enver: str
    build: str
    build_type: str
    team: str
    repo: str
    revision: str
    stage: str
    account: str
    region: str
    wires: list[WireTold]
    products: list[str]


class TokenMade(BaseModel):
    """A new token; its text is shown this once."""

    token: Token
    text: str


class Health(BaseModel):
    """How the server is."""

    status: str
    version: str
