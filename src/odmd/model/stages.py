"""Where envers live: accounts and regions, by names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from odmd.errors import Place
from odmd.model.approvals import Approval
from odmd.model.checked import Checked
from odmd.model.place import caller


@dataclass(frozen=True, slots=True)
class Account(Checked):
    """An AWS account: a name to speak of it and its 12-digit id."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Lag(Checked):
    """How far what runs may be behind: at most so many versions, and for at most so long; None: as far as it likes."""

    versions: int | None = None
    age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Stage(Checked):
    """A named account and region where envers live (dev, test, prod, networking).

    `reaches` are the other stages whose products its envers may consume; None: all of them. Where it is `production`,
    policies are stricter. A `continuous` one is deployed by itself: what its branches get goes into its envers at once.
    One that `reverts_drift` is brought back by itself, as it was deployed, when a look finds that others changed it.
    `approval` is how all is answered that is asked there, where wire or promotion do not say it themselves.
    `objective`: how far its envers may be behind what they consume, and behind what they are promoted from.
    """

    name: str
    account: Account
    region: str
    reaches: tuple[Stage, ...] | None = None
    production: bool = False
    continuous: bool = False
    reverts_drift: bool = False
    approval: Approval | None = None
    objective: Lag | None = None
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)
