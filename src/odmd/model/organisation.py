"""Who owns what, and where it lives: teams, accounts, stages, repos, builds; and the organisation as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from odmd.errors import Place
from odmd.model.checked import Checked, check
from odmd.model.place import caller

if TYPE_CHECKING:
    from odmd.model.enver import Enver


@dataclass(frozen=True, slots=True)
class Team(Checked):
    """People who own repos and answer for what runs from them."""

    name: str


@dataclass(frozen=True, slots=True)
class Account(Checked):
    """An AWS account: a name to speak of it and its 12-digit id."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Stage(Checked):
    """A named account and region where envers live (dev, test, prod, networking)."""

    name: str
    account: Account
    region: str
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Repo(Checked):
    """A git repository, `owner/name`, and the team that owns it."""

    name: str
    team: Team


@dataclass(frozen=True, slots=True)
class Build(Checked):
    """One way to turn one repo, or one folder of it, into something that runs."""

    name: str
    repo: Repo
    folder: str = "."


class Organisation:
    """Everything that an organisation declares; `envers` lists each enver once.

    `central` is the account whose parameter store mirrors all published values.
    """

    def __init__(self, name: str, *, central: Account, envers: Iterable[Enver]) -> None:
        from odmd.model.enver import Enver

        check("Organisation", "name", name, str)
        check("Organisation", "central", central, Account)
        check("Organisation", "envers", envers, Iterable)
        self.name = name
        self.central = central
        self.envers: tuple[Enver, ...] = tuple(envers)
        self.place = caller()
        for enver in self.envers:
            check("Organisation", "envers", enver, Enver)
