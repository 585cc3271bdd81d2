"""`odmd github workflows`: the workflows by which jobs of GitHub carry out runs, written from the contracts."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts, Json, StateFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from odmd.bootstrap.bringing import RepositoryBrought
    from odmd.bootstrap.settings import Settings
    from odmd.bootstrap.workflows import FileFound, WantedFile
    from odmd.graph import Graph

_HOW: Final = {
    "as wanted": "all is as the contracts want it",
    "proposed": "proposed",
    "proposed before": "waits to be merged",
    "committed": "committed",
    "declined": "somebody closed the pull request that says just this",
    "changed by others": "the branch odmd/workflows has commits of others: merge it, or delete it",
}
_NOT_AS_WANTED: Final = ("declined", "changed by others")


def workflows(
    server: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="ODMD_SERVER",
            help="The server, as jobs of GitHub reach it; else as the settings say.",
        ),
    ] = "",
    repo: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="Only those of one repository.")] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write them here: a checkout of --repo, or a folder with one at OWNER/NAME for each repository.",
        ),
    ] = None,
    check: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Only say what there is not as the contracts want it.")
    ] = None,
    propose: Annotated[
        bool, typer.Option("--propose", help="Propose at GitHub what differs there: a pull request a repository.")
    ] = False,
    commit: Annotated[
        bool, typer.Option("--commit", help="Commit at GitHub what differs there, to the default branches.")
    ] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Show, write, check, propose or commit the workflow of each build that runs on GitHub Actions."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.bootstrap.workflows import bring_about, builds_of, differing, workflow_files
    from odmd.cli.output import errors_as

    with errors_as(json=json):
        if sum((write is not None, check is not None, propose, commit)) > 1:
            raise typer.BadParameter("--write, --check, --propose and --commit: give one of them")
        settings = read_settings(contracts, state, isolation)
        graph = load_contracts(settings).graph
        at = server or (settings.actions.server if settings.actions else "")
        files = workflow_files(builds_of(graph, repo), at, settings.contracts)
        if propose or commit:
            _bring(settings, graph, files, repo, commit=commit, json=json)
            return
        if (folder := write or check) is None:
            _show(files, json=json)
            return
        found = differing(files, folder, repo)
        if write:
            bring_about(found)
    _say(files, found, wrote=write is not None, json=json)
    if check and found:
        raise typer.Exit(1)


def _show(files: Sequence[WantedFile], *, json: bool) -> None:
    from odmd.cli.output import print_json

    if json:
        print_json([{"repo": one.repo, "path": one.path, "text": one.text} for one in files])
        return
    if not files:
        _say_none()
    for one in files:
        typer.echo(f"# {one.repo} {one.path}\n{one.text}")


def _say(files: Sequence[WantedFile], found: Sequence[FileFound], *, wrote: bool, json: bool) -> None:
    from odmd.cli.output import console, print_json

    if json:
        print_json([{"path": str(one.path), "what": one.what, "wrote": wrote} for one in found])
        return
    if not files and not found:
        _say_none()
        return
    for one in found:
        done = "removed" if one.text is None else "written"
        console().print(f"{one.path} {done if wrote else one.what}", markup=False, highlight=False, soft_wrap=True)
    if not found:
        console().print("[green]✓[/] all workflows are as the contracts want them")


def _say_none() -> None:
    from odmd.cli.output import console

    console(stderr=True).print(
        "no build runs on GitHub Actions: say Build(…, runs_on=Actions()) of one that is to", markup=False
    )


def _bring(
    settings: Settings, graph: Graph, files: Sequence[WantedFile], repo: str | None, *, commit: bool, json: bool
) -> None:
    """Raises:
    HostUnknown, KeyMissing, typer.Exit
    """
    from odmd.bootstrap.bringing import bring, repositories_of, workflow_pulls
    from odmd.cli.output import console, print_json

    def wait(seconds: float, why: str) -> None:
        console(stderr=True).print(f"{why}: goes on in {seconds:.0f} s", markup=False, highlight=False, soft_wrap=True)
        sleep(seconds)

    came: list[RepositoryBrought] = []
    with workflow_pulls(settings) as pulls:
        for one in bring(pulls, repositories_of(graph, repo), files, wait, commit=commit):
            came.append(one)
            if not json:
                _say_brought(one)
    if json:
        print_json([_brought_as_data(one) for one in came if one.brought or one.error])
    if any(one.error or (one.brought and one.brought.how in _NOT_AS_WANTED) for one in came):
        raise typer.Exit(1)


def _say_brought(one: RepositoryBrought) -> None:
    from rich.markup import escape

    from odmd.cli.output import console, next_step

    shown = console()
    if one.error:
        shown.print(f"[red]✗[/] {escape(one.repo)}: {escape(one.error.fact)}", soft_wrap=True)
        shown.print(next_step(one.error.next_step), soft_wrap=True)
    elif one.brought:
        mark = "[yellow]![/]" if one.brought.how in _NOT_AS_WANTED else "[green]✓[/]"
        files = ", ".join(f"{change.what} {change.path.rpartition('/')[2]}" for change in one.brought.changes)
        said = "  ".join(filter(None, (_HOW[one.brought.how], one.brought.url, files and f"({files})")))
        shown.print(f"{mark} {escape(one.repo)}: {escape(said)}", soft_wrap=True, highlight=False)


def _brought_as_data(one: RepositoryBrought) -> object:
    if one.brought is None:
        return {"repo": one.repo, "error": one.error.code if one.error else None, "fact": str(one.error)}
    changes = [{"path": change.path, "what": change.what} for change in one.brought.changes]
    return {"repo": one.repo, "how": one.brought.how, "url": one.brought.url, "changes": changes}
