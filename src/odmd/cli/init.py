"""`odmd init`: a new organisation that deploys, or another service in one."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.discreet import for_the_user

if TYPE_CHECKING:
    from odmd.templates.make import Written
    from odmd.templates.names import Names

_COMMIT: Final = "git init -q -b main && git add . && git commit -q -m"


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Of the organisation; without it, the working folder.")
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Another service of an existing organisation, or the first of a new one."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The organisation; default: the folder's name.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who owns the service; default: platform, or the first team.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(metavar="ID", help="AWS account of the first stage; default: 111122223333, an example."),
    ] = None,
    region: Annotated[
        str | None, typer.Option(metavar="REGION", help="Region of the first stage; default: us-east-1.")
    ] = None,
) -> None:
    """Make a new organisation: contracts and a first service; with --service, another service. Overwrites nothing."""
    there = _organisation(folder)
    if service and there:
        _refuse_what_is_said_already(name, account, region)
        _show_service(_service(there, service, team))
    elif service and folder is None:
        from odmd.errors import InitRefused

        raise InitRefused(
            "there is no organisation here", next_step=f"say odmd init FOLDER --service {service} for a new one"
        )
    else:
        from odmd.templates.make import new_organisation

        folder = folder or Path()
        names = _names(folder, service, name, team, account, region)
        with for_the_user():
            made = new_organisation(folder, names)
        _show_organisation(made, folder)


def _organisation(folder: Path | None) -> Path | None:
    """The folder of an organisation: that one, or with none given the nearest above the working folder."""
    header = re.compile(r"^\s*\[tool\.odmd\]", re.MULTILINE)
    candidates = [folder.absolute()] if folder else [Path.cwd(), *Path.cwd().parents]
    for candidate in candidates:
        file = candidate / "pyproject.toml"
        if file.is_file() and header.search(file.read_text("utf-8", "replace")):
            return candidate
    return None


def _service(folder: Path, service: str, team: str | None) -> Written:
    import contextlib

    from odmd.bootstrap.settings import read_settings
    from odmd.templates.make import new_service

    with contextlib.chdir(folder):
        settings = read_settings()
        contracts = settings.contracts_or_refuse()
    with for_the_user():
        return new_service(folder, contracts, service, team, settings.locate)


def _refuse_what_is_said_already(name: str | None, account: str | None, region: str | None) -> None:
    given = {"--name": name, "--account": account, "--region": region}
    if useless := [option for option, said in given.items() if said is not None]:
        raise typer.BadParameter(f"{', '.join(useless)}: the organisation says that already")


def _names(
    folder: Path, service: str | None, name: str | None, team: str | None, account: str | None, region: str | None
) -> Names:
    from odmd.templates.names import ACCOUNT, FIRST_SERVICE, REGION, TEAM, Names, python_name

    of_folder = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")
    name = _asked("Organisation", name, of_folder or "acme")
    service = _asked("First service", service, FIRST_SERVICE)
    team = _asked("Team that owns it", team, TEAM)
    account = _asked("AWS account", account, ACCOUNT)
    region = _asked("AWS region", region, REGION)
    return Names(name, python_name(name), service, team, python_name(team), account, region)


def _asked(question: str, given: str | None, default: str) -> str:
    """What was given, else what a person at a terminal answers, else the default."""
    if given is not None:
        return given
    if sys.stdin.isatty() and sys.stdout.isatty():
        return str(typer.prompt(question, default=default))
    return default


def _show_organisation(made: Written, folder: Path) -> None:
    from odmd.cli.output import console

    names = made.names
    console().print(f"[green]✓[/] organisation {names.organisation} with service {names.service}")
    console().print()
    _show_steps(
        (
            *([f"cd {shlex.quote(str(folder))}"] if folder != Path() else []),
            "pip install -e . pytest",
            "odmd check",
            f'{_COMMIT} "Contracts of {names.organisation}"',
            _commit(made, folder),
            "odmd emulator        # in another terminal: an AWS to try it on; run here what it prints",
            "odmd apply",
        )
    )


def _show_service(made: Written) -> None:
    from rich.markup import escape

    from odmd.cli.output import console

    names = made.names
    module = f"src/{names.package}/services/{names.module}.py"
    console().print(f"[green]✓[/] service {names.service}: its contract in {escape(module)}, its app in {made.service}")
    console().print()
    if made.to_add:
        console().print(f"add these lines to src/{names.package}/__init__.py, and {names.module} to its envers:")
        console().print()
        _show_steps(made.to_add)
        console().print()
    _show_steps(("odmd check", _commit(made, Path.cwd()), "odmd apply"))


def _commit(made: Written, folder: Path) -> str:
    service, base = made.service.absolute(), folder.absolute()
    path = service.relative_to(base) if service.is_relative_to(base) else service
    return f'(cd {shlex.quote(str(path))} && {_COMMIT} "First commit of {made.names.service}")'


def _show_steps(lines: Sequence[str]) -> None:
    from rich.text import Text

    from odmd.cli.output import console

    for line in lines:
        console().print(Text(f"    {line}", "cyan"), soft_wrap=True)
