"""Who owns what, and where it lives: teams, accounts, stages, repos, builds; and the organisation as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from odmd.errors import Place
from odmd.model.checked import Checked, check
from odmd.model.place import caller

if TYPE_CHECKING:
    from odmd.model.enver import Enver

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Team(Checked):
    """People who own repos and answer for what runs from them; `contacts` are where to reach them."""

    name: str
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account(Checked):
    """An AWS account: a name to speak of it and its 12-digit id."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Stage(Checked):
    """A named account and region where envers live (dev, test, prod, networking).

    `reaches` are the other stages whose products its envers may consume; None: all of them.
    """

    name: str
    account: Account
    region: str
    reaches: tuple[Stage, ...] | None = None
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Repo(Checked):
    """A git repository, `owner/name`, and the team that owns it."""

    name: str
    team: Team


@dataclass(frozen=True, slots=True)
class Build(Checked):
    """One way to turn one repo, or one folder of it, into something that runs.

    `documents` are files beside the contracts that say more of it, by path from the declaring file. `also` are further
    paths of the repository that it reads, such as a library beside it: what changes below neither these nor its folder
    is no change to it.
    """

    name: str
    repo: Repo
    folder: str = "."
    documents: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)


class Organisation:
    """Everything that an organisation declares; `envers` lists each enver once.

    Args:
        central: the account whose parameter store mirrors all published values.
        stages: from the first to the last; then no enver consumes from a later stage than its own.
        teams: who may hold a gate, besides the owners of repos.
        builds: those that no enver runs yet; given as their enver classes, their types are known, too.
        clones_per_enver: how many clones of one enver may exist at the same time.
    """

    def __init__(
        self,
        name: str,
        *,
        central: Account,
        envers: Iterable[Enver],
        stages: Iterable[Stage] = (),
        teams: Iterable[Team] = (),
        builds: Iterable[Build | type[Enver]] = (),
        clones_per_enver: int = 20,
    ) -> None:
        from odmd.model.enver import Enver

        check("Organisation", "name", name, str)
        check("Organisation", "central", central, Account)
        check("Organisation", "clones_per_enver", clones_per_enver, int)
        self.name = name
        self.central = central
        self.envers: tuple[Enver, ...] = _each("envers", envers, Enver)
        self.stages: tuple[Stage, ...] = _each("stages", stages, Stage)
        self.teams: tuple[Team, ...] = _each("teams", teams, Team)
        self.builds = _builds(builds)
        self.clones_per_enver = clones_per_enver
        self.place = caller()


def _each(name: str, given: Iterable[T], kind: type[T]) -> tuple[T, ...]:
    check("Organisation", name, given, Iterable)
    things = tuple(given)
    for thing in things:
        if not isinstance(thing, kind):
            check("Organisation", name, thing, kind)
    return things


def _builds(given: Iterable[Build | type[Enver]]) -> tuple[Build | type[Enver], ...]:
    check("Organisation", "builds", given, Iterable)
    builds = tuple(given)
    for one in builds:
        check("Organisation", "builds", getattr(one, "build", one), Build)
    return builds
