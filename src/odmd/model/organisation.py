"""The organisation as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from odmd.model.approvals import Freeze
from odmd.model.builds import Build, Team
from odmd.model.checked import check
from odmd.model.enver import Enver
from odmd.model.place import caller
from odmd.model.stages import Account, Stage

T = TypeVar("T")


class Organisation:
    """Everything that an organisation declares; `envers` lists each enver once.

    Args:
        central: the account whose parameter store mirrors all published values.
        stages: from the first to the last; then no enver consumes from a later stage than its own.
        teams: who may hold a gate, besides the owners of repos.
        builds: those that no enver runs yet; given as their enver classes, their types are known, too.
        clones_per_enver: how many clones of one enver may exist at the same time.
        clones_per_team: the same of all builds of one team.
        clones_per_account: the same of all that are in one account.
        freezes: when nothing new begins in a stage.
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
        clones_per_team: int = 100,
        clones_per_account: int = 200,
        freezes: Iterable[Freeze] = (),
    ) -> None:
        check("Organisation", "name", name, str)
        check("Organisation", "central", central, Account)
        for limit, most in (("enver", clones_per_enver), ("team", clones_per_team), ("account", clones_per_account)):
            check("Organisation", f"clones_per_{limit}", most, int)
        self.name = name
        self.central = central
        self.envers: tuple[Enver, ...] = _each("envers", envers, Enver)
        self.stages: tuple[Stage, ...] = _each("stages", stages, Stage)
        self.teams: tuple[Team, ...] = _each("teams", teams, Team)
        self.builds = _builds(builds)
        self.clones_per_enver = clones_per_enver
        self.clones_per_team = clones_per_team
        self.clones_per_account = clones_per_account
        self.freezes: tuple[Freeze, ...] = _each("freezes", freezes, Freeze)
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
