"""New organisations and services as files; nothing that exists is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.errors import InitRefused
from odmd.templates import rendered
from odmd.templates.names import TEAM, Names, python_name, refuse_wrong_names
from odmd.templates.wiring import (
    bound_names,
    declared_team,
    first_team,
    lines_to_add,
    organisation_name,
    with_enver,
)

SERVICES: Final = "services"
_SHOWN: Final = 3
_BY_HAND: Final = "declare its class and its enver by hand, as docs/guides/contracts.md shows"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    names: Names
    service: Path
    """The service's folder."""
    to_add: tuple[str, str] | None = None
    """An import and an enver that the user has to add to the contracts, where it could not be seen how."""


def new_organisation(folder: Path, names: Names) -> Written:
    """Writes an organisation with its first service.

    Raises:
        InitRefused: a name is wrong, or a file exists.
    """
    refuse_wrong_names(names, folder)
    words, service = names.words(), folder / SERVICES / names.repo
    contracts = {**rendered("organisation", words), **rendered("contract", words)}
    _write({**_in(folder, contracts), **_in(service, rendered("service", words))}, folder)
    return Written(names, service)


def new_service(folder: Path, contracts: str, service: str, team: str | None, locate: Callable[[str], str]) -> Written:
    """Writes a service, and its contract into the organisation that has `folder`.

    Args:
        contracts: where the settings say that they are.
        locate: a repository's declared name → a path or URL.

    Raises:
        InitRefused: a name is wrong, a file exists, or the contracts are not laid out as `odmd init` lays them out.
    """
    package, _, attribute = contracts.rpartition(":")
    source = folder / "src" / package
    wired, teams = _python(source / "__init__.py"), _python(source / "teams.py")
    organisation = organisation_name(wired, attribute)
    if organisation is None:
        raise InitRefused(f'{source / "__init__.py"} has no {attribute} = Organisation("…", …)', next_step=_BY_HAND)
    team = team or first_team(teams) or TEAM
    names = Names(organisation, package, service, team, declared_team(teams, team) or python_name(team))
    refuse_wrong_names(names, kept=bound_names(wired))
    where = locate(names.repo)
    place = folder / SERVICES / names.repo if "://" in where or ":" in where else Path(where)
    words = names.words()
    new = {**_in(folder, rendered("contract", words)), **_in(place, rendered("service", words))}
    changed = _with_team(source / "teams.py", teams, names)
    if (made := with_enver(wired, attribute, names)) is not None:
        changed[source / "__init__.py"] = made
    _write(new, folder)
    for file, text in changed.items():
        file.write_text(text, "utf-8")
    return Written(names, place, None if made is not None else lines_to_add(names))


def _python(file: Path) -> str:
    try:
        text = file.read_text("utf-8")
        compile(text, file, "exec", dont_inherit=True)
    except (OSError, ValueError, SyntaxError) as wrong:
        said = wrong.strerror if isinstance(wrong, OSError) else wrong
        raise InitRefused(f"{file} cannot be read: {said}", next_step=_BY_HAND) from wrong
    return text


def _with_team(file: Path, teams: str, names: Names) -> dict[Path, str]:
    """`teams.py` with a team more, if it has not got it."""
    if declared_team(teams, names.team):
        return {}
    there = bound_names(teams)
    if "Team" not in there or names.team_variable in there:
        raise InitRefused(
            f'{file} has no team "{names.team}"', next_step=f'add {names.team_variable} = Team("{names.team}") there'
        )
    return {file: f'{teams.rstrip()}\n{names.team_variable} = Team("{names.team}")\n'}


def _in(folder: Path, files: Mapping[str, str]) -> dict[Path, str]:
    return {folder / path: text for path, text in files.items()}


def _write(files: Mapping[Path, str], folder: Path) -> None:
    there = [str(_below(file, folder)) for file in files if file.exists() or file.is_symlink()]
    if there:
        shown = [*there[:_SHOWN], *([f"{len(there) - _SHOWN} more"] if len(there) > _SHOWN else [])]
        raise InitRefused(
            f"{', '.join(shown)} {'is' if len(there) == 1 else 'are'} there already in {folder}",
            next_step="choose another folder or name; in an organisation, --service NAME adds a service",
        )
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except OSError as wrong:
        raise InitRefused(f"{wrong.filename} cannot be written: {wrong.strerror}") from wrong


def _below(file: Path, folder: Path) -> Path:
    return file.relative_to(folder) if file.is_relative_to(folder) else file
