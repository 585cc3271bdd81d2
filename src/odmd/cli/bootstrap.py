"""`odmd bootstrap`: gives accounts the roles that the contracts need, and says who gains what before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.confirm import confirm
from odmd.cli.options import Caged, Contracts, Json

if TYPE_CHECKING:
    from odmd.bootstrap.roles import LeftBehind, RoleStacks, StackOfRoles
    from odmd.graph.rights.roles import AccountRoles
    from odmd.model.targets import Target

_DRIFTED: Final = 1
_STAYS: Final = (
    "CloudFormation goes on with the role that a stack was last changed with: remove roles when the stacks that were "
    "deployed with them are gone, or give those another role first"
)
_DONE: Final = {"make": "is made", "change": "is changed", "remove": "is removed"}


def bootstrap(
    places: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT[/REGION]]…", help="Where; by the account's 12 digits.")
    ] = None,
    everywhere: Annotated[bool, typer.Option("--all", help="Wherever envers of the contracts live.")] = False,
    show: Annotated[bool, typer.Option("--print", help="Print the templates; ask AWS nothing.")] = False,
    stackset: Annotated[
        bool,
        typer.Option("--stackset", help="Print one template for an organisation's account; ask AWS nothing."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Compare what IAM has with the contracts; exit code 1 where it differs.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove them; runs act as before, with the account's.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    contracts: Contracts = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Give accounts the roles that runs act with, which may do what the contracts need; says before who gains what."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.roles import left, look, needed, picked, role_stacks
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import errors_as

    if bool(places) is everywhere:
        raise typer.BadParameter("say which account, or --all")
    if sum((show, stackset, check, remove)) > 1:
        raise typer.BadParameter("--print, --stackset, --check and --remove are four things to do")
    with errors_as(json=json):
        settings = read_settings(contracts, isolation=isolation)
        compiled = load_contracts(settings)
        needs, organisation = needed(settings, compiled), compiled.graph.organisation
        if show:
            _print([needs[at] for at in picked(list(needs), places or ())], organisation)
            return
        if stackset:
            _print_set([needs[at] for at in picked(list(needs), places or ())], organisation)
            return
        stacks = role_stacks(settings)
        gone = left(stacks, settings, needs, places or (), organisation)
        _warn(gone.unseen)
        at = picked([*needs, *(gone.places if check or remove else ())], places or ())
        if check:
            _check(stacks, needs, at, organisation, json=json)
            return
        found = look(stacks, needs, at, organisation, remove=remove)
        stays = [_STAYS] if any(found.values()) else []
        _change(stacks, found, stays if remove else [*stacks.above_quotas(found), *_of_left(gone)], yes=yes, json=json)


def _print(wanted: Sequence[AccountRoles], organisation: str) -> None:
    from json import loads

    from odmd.bootstrap.roles import templates
    from odmd.cli.output import print_json

    print_json(
        {
            f"{one.target.account}/{one.target.region}": {
                name: loads(text) for name, text in templates(one, organisation).items()
            }
            for one in wanted
        }
    )


def _print_set(wanted: Sequence[AccountRoles], organisation: str) -> None:
    from odmd.bootstrap.roles import organisation_template
    from odmd.cli.output import write

    text, needs_bucket = organisation_template(wanted, organisation)
    write(text)
    if needs_bucket:
        _warn(["it is longer than CloudFormation takes by itself: `aws cloudformation deploy --s3-bucket BUCKET …`"])


def _of_left(gone: LeftBehind) -> Iterator[str]:
    for at in gone.places:
        yield f"{at} has roles, and nothing in the contracts lives there any more: " + (
            f"`odmd bootstrap {at.account}/{at.region} --remove`"
        )


def _check(
    stacks: RoleStacks,
    needs: Mapping[Target, AccountRoles],
    places: Sequence[Target],
    organisation: str,
    *,
    json: bool,
) -> None:
    from odmd.bootstrap.roles import drift, left_stacks
    from odmd.cli.output import console, next_step, plural, print_json

    found = {
        at: drift(stacks, needs[at], organisation) if at in needs else left_stacks(stacks, at, organisation)
        for at in places
    }
    if json:
        print_json([{"account": at.account, "region": at.region, "differs": lines} for at, lines in found.items()])
    for at, lines in found.items() if not json else ():
        mark = "[red]✗[/]" if lines else "[green]✓[/]"
        console().print(f"{mark} {at}: {plural(len(lines), 'difference') if lines else 'as the contracts say'}")
        for line in lines:
            console().print(f"  {_short(line, at)}", soft_wrap=True, markup=False)
        if lines:
            console().print(
                next_step(
                    f"`odmd bootstrap {at.account}/{at.region}` says whether the contracts moved; what "
                    "somebody changed in IAM by hand, he has to take back"
                    if at in needs
                    else f"`odmd bootstrap {at.account}/{at.region} --remove`"
                ),
                soft_wrap=True,
            )
    if any(found.values()):
        raise typer.Exit(_DRIFTED)


def _change(
    stacks: RoleStacks,
    found: Mapping[Target, Sequence[StackOfRoles]],
    warnings: Sequence[str],
    *,
    yes: bool,
    json: bool,
) -> None:
    from odmd.cli.output import console, print_json

    todo = [one for of_place in found.values() for one in of_place if one.does]
    for at, of_place in found.items() if not json else ():
        _show(at, [one for one in of_place if one.does])
    _warn(warnings)
    if todo and not yes:
        confirm("\nDo this?", can_ask=not json)
    for one in todo:
        stacks.carry_out(one)
        if not json:
            console().print(f"[green]✓[/] {one.at}: {one.name} {_DONE[one.does]}")
    if json:
        print_json([_as_data(one) for one in todo])


def _warn(lines: Sequence[str]) -> None:
    from rich.markup import escape

    from odmd.cli.output import console

    for line in lines:
        console(stderr=True).print(f"[yellow]![/] {escape(line)}", soft_wrap=True)


def _show(at: Target, found: Sequence[StackOfRoles]) -> None:
    from odmd.cli.output import console

    if not found:
        console().print(f"[green]✓[/] {at}: nothing to do")
        return
    console().print(f"{at}:")
    for one in found:
        console().print(f"  {one.does} stack {one.name}", markup=False, style="bold")
        for line in one.changes:
            console().print(f"    {_short(line, at)}", soft_wrap=True, markup=False)


def _short(line: str, at: Target) -> str:
    """Without what all ARNs of a place have in common."""
    import re

    place = f"({re.escape(at.region)})?:({at.account})?"
    return re.sub(rf"arn:aws[a-z-]*:[a-z0-9-]+:{place}:(?!root)", "", line)


def _as_data(one: StackOfRoles) -> object:
    where = {"account": one.at.account, "region": one.at.region}
    return {**where, "stack": one.name, "does": one.does, "changes": one.changes}
