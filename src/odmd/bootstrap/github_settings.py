"""What `[tool.odmd.github]` says: the repository whose pull requests are reviewed, as they change the contracts, and
which branch of it is in force; and who people are that GitHub knows.

[tool.odmd.github]
contracts = "acme/contracts"
folder = "."                              # in it, from which `contracts` of [tool.odmd] is found
in-force = "main"                         # what is merged into this branch is put in force; else what files here say is

[[tool.odmd.github.people]]               # who may ask for something in comments
id = 583231                               # which GitHub gives nobody else, as it may a name: `gh api users/octocat`
name = "ada@acme.example"                 # as whom odmd knows him elsewhere: four eyes are those of two people
scope = "write"
teams = ["baristas"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, cast

from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.errors import SettingsInvalid

_KEYS: Final = ("contracts", "folder", "in-force", "people")
_OF_PERSON: Final = {"id", "name", "scope", "teams"}
_SCOPES: Final = (Scope.READ, Scope.WRITE)
"""No more: a comment is as safe as an account of GitHub, and the glass is not broken there."""
_LONGEST: Final = 200
_WRITE: Final = "write [[tool.odmd.github.people]] with id, name, scope and teams"
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class GithubPerson:
    """Who somebody is elsewhere whom GitHub knows by a number."""

    id: int
    name: str
    scope: Scope
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GithubSettings:
    """Where the contracts are at GitHub, if they are there; and who people are."""

    contracts: str
    folder: str
    people: tuple[GithubPerson, ...] = ()
    in_force: str = ""
    """The branch that servers and workers have their contracts from; empty: from the files where they were started."""

    def person(self, id: int, login: str) -> Actor | None:
        """None: nobody said who that is."""
        found = next((one for one in self.people if one.id == id), None)
        return found and Actor(
            found.name, ActorKind.PERSON, f"a comment of {login} ({id}) at GitHub", found.scope, found.teams
        )


def read_github(said: object, file: str) -> GithubSettings:
    """As the table says it.

    Raises:
        SettingsInvalid
    """
    where = f"{file}: [tool.odmd.github]"
    given = cast("Mapping[str, object]", said) if isinstance(said, dict) else {"": said}
    if unknown := sorted(set(given) - set(_KEYS)):
        raise SettingsInvalid(f"{where} has no {', '.join(unknown)}", next_step=f"it has {', '.join(_KEYS)}")
    contracts, folder = given.get("contracts", ""), given.get("folder", ".")
    if not (isinstance(contracts, str) and (_NAME.fullmatch(contracts) or (not contracts and "people" in given))):
        raise SettingsInvalid(f"{where} contracts is no repository", next_step='write contracts = "OWNER/NAME"')
    if not isinstance(folder, str) or PurePosixPath(folder).is_absolute() or ".." in PurePosixPath(folder).parts:
        raise SettingsInvalid(f"{where} folder is none of the repository", next_step='write folder = "."')
    branch = given.get("in-force", "")
    if not (isinstance(branch, str) and branch.isprintable() and (not branch or contracts)):
        raise SettingsInvalid(f"{where} in-force is no branch of contracts", next_step='write in-force = "main"')
    return GithubSettings(contracts, folder, _people(given.get("people", []), where), branch)


def _people(said: object, where: str) -> tuple[GithubPerson, ...]:
    found = [_person(one, where) for one in cast("list[object]", said)] if isinstance(said, list) else []
    if not isinstance(said, list) or len({one.id for one in found}) != len(found):
        raise SettingsInvalid(f"{where} people is no list of people, each once", next_step=_WRITE)
    return tuple(found)


def _person(said: object, where: str) -> GithubPerson:
    given = cast("Mapping[str, object]", said) if isinstance(said, dict) else {"": said}
    if unknown := sorted(set(given) - _OF_PERSON):
        raise SettingsInvalid(f"{where} people has no {', '.join(unknown)}", next_step=_WRITE)
    id, name, scope, teams = given.get("id"), given.get("name"), given.get("scope"), given.get("teams", [])
    if isinstance(id, bool) or not isinstance(id, int) or id <= 0:
        raise SettingsInvalid(f"{where} people: {id!r} is no number of GitHub's", next_step=_WRITE)
    if not (isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST):
        raise SettingsInvalid(f"{where} people: {id} has no name that can be shown", next_step=_WRITE)
    if scope not in _SCOPES:
        raise SettingsInvalid(f"{where} people: {name} has scope {scope!r}, and may have {', '.join(_SCOPES)}")
    listed = cast("list[object]", teams) if isinstance(teams, list) else [None]
    if not all(isinstance(one, str) and one for one in listed):
        raise SettingsInvalid(f"{where} people: teams of {name} is no list of names", next_step=_WRITE)
    return GithubPerson(id, name, Scope(scope), tuple(cast("list[str]", listed)))
