"""`odmd github`: the App as which odmd is known at GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Caged, Contracts, Json, StateFolder
from odmd.cli.workflows import workflows

if TYPE_CHECKING:
    from odmd.bootstrap.github import GithubApp, GithubStanding

github = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Make odmd known to GitHub as an App of your organisation, and see how it stands there.",
)


@github.command("setup")
def setup(
    org: Annotated[
        str, typer.Option(metavar="ORG", help="The organisation at GitHub; one of its owners has to click.")
    ],
    enterprise: Annotated[
        str, typer.Option(metavar="URL", help="Your GitHub Enterprise Server; else github.com.")
    ] = "",
    webhooks_to: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Where GitHub reaches `odmd serve`, to say at once what happens; else it looks."
        ),
    ] = "",
    brings_workflows: Annotated[
        bool,
        typer.Option(
            "--brings-workflows",
            help="Let it write workflow files, for `odmd github workflows --propose`: contents and workflows, write.",
        ),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Make another App in the place of the one that is known.")
    ] = False,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Have an owner make the App, by one click in the browser; its key is kept in odmd's state, encrypted."""
    from odmd.bootstrap.github import make, wanted_app
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, print_json

    def say(url: str) -> None:
        console(stderr=True).print(f"go on in your browser: {url}", soft_wrap=True, markup=False, highlight=False)

    with errors_as(json=json):
        settings = read_settings(state=state)
        wanted = wanted_app(org, enterprise, webhooks_to, brings_workflows=brings_workflows)
        app = make(settings, wanted, say, again=again)
    if json:
        print_json(_as_data(app))
        return
    console().print(f"[green]✓[/] {app.slug} is an App of {app.owner}; its key is in the state, encrypted")
    console().print(f"install it now, where the browser is: {app.install_page}", soft_wrap=True, markup=False)
    console().print("then `odmd github status` says how it stands; start `odmd serve` anew, so that it takes it up")


@github.command("status")
def status(contracts: Contracts = None, state: StateFolder = None, isolation: Caged = None, json: Json = False) -> None:
    """Say what the App may, where it is installed, and which of the contracts' repositories it reaches."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.github import standing
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, print_json
    from odmd.errors import ContractsNotLoaded, ContractsUnsound

    unread, declared = "", set[str]()
    with errors_as(json=json):
        settings = read_settings(contracts, state, isolation)
        try:
            if settings.contracts:
                declared = set(load_contracts(settings).graph.repositories)
        except (ContractsNotLoaded, ContractsUnsound) as wrong:
            unread = wrong.fact
        found = standing(settings, declared)
    if json:
        print_json(found)
    else:
        _show(found)
        if unread:
            console().print(
                f"[yellow]![/] which repositories the contracts name is not known: {unread}", soft_wrap=True
            )
    if not found.is_good:
        raise typer.Exit(1)


@github.command("accept")
def accept(
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="As the contracts name it.")],
    id: Annotated[int, typer.Option("--id", help="Its number at GitHub now, as `odmd github status` says it.")],
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Take a repository that was made anew under its name for the one before; until then nothing of it is read."""
    from odmd.bootstrap.github import accept as take
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, print_json

    with errors_as(json=json):
        take(read_settings(state=state), repository, id)
    if json:
        print_json({"repository": repository, "id": id})
    else:
        console().print(f"[green]✓[/] {repository} is repository {id} from now on")


def _show(found: GithubStanding) -> None:
    from odmd.cli.output import console, next_step

    console().print(f"{found.app}, an App of {found.owner}", style="bold")
    console().print(f"[green]✓[/] installed; repositories that it reaches: {len(found.repositories)}")
    for name, level in found.lacking.items():
        console().print(f"[red]✗[/] lacks {name}: {level}")
    for name, level in found.beyond.items():
        console().print(f"[yellow]![/] has {name}: {level}, which nothing needs")
    for name in found.deaf:
        console().print(f"[red]✗[/] is not told of {name}")
    for name in found.unreached:
        console().print(f"[red]✗[/] does not reach {name}, which the contracts name", soft_wrap=True)
    for name, id in found.made_anew.items():
        console().print(
            f"[red]✗[/] {name} is another repository now, {id}, and not taken for the one before: "
            f"`odmd github accept {name} --id {id}` takes it",
            soft_wrap=True,
        )
    for name in found.elsewhere:
        console().print(
            f"[yellow]![/] {name} is not of {found.owner}: nothing of it is shown or heard there", soft_wrap=True
        )
    for name in found.archived:
        console().print(f"[yellow]![/] {name} is archived: nothing can be shown there", soft_wrap=True)
    if not found.is_good:
        console().print(next_step(f"change it at {found.page}, and accept it where it is installed"), soft_wrap=True)


def _as_data(app: GithubApp) -> object:
    """Without what is secret."""
    return {"id": app.id, "app": app.slug, "owner": app.owner, "page": app.page, "install": app.install_page}


github.command("workflows")(workflows)
