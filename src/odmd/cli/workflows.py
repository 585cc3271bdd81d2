"""`odmd github workflows`: the workflows by which jobs of GitHub carry out runs, written from the contracts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Caged, Contracts, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from odmd.bootstrap.workflows import FileFound, WorkflowFile


def workflows(
    server: Annotated[
        str, typer.Option(metavar="URL", envvar="ODMD_SERVER", help="The server, as jobs of GitHub reach it.")
    ],
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
    contracts: Contracts = None,
    isolation: Caged = None,
    json: Json = False,
) -> None:
    """Show, write or check the workflow of each build that runs on GitHub Actions."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.bootstrap.workflows import bring_about, differing, workflow_files
    from odmd.cli.output import errors_as

    with errors_as(json=json):
        if write and check:
            raise typer.BadParameter("--write and --check: give one of them")
        settings = read_settings(contracts, isolation=isolation)
        graph = load_contracts(settings).graph
        files = workflow_files(graph, server, settings.contracts, repo)
        if (folder := write or check) is None:
            _show(files, json=json)
            return
        found = differing(files, folder, repo)
        if write:
            bring_about(found)
    _say(files, found, wrote=write is not None, json=json)
    if check and found:
        raise typer.Exit(1)


def _show(files: Sequence[WorkflowFile], *, json: bool) -> None:
    from odmd.cli.output import print_json

    if json:
        print_json([{"repo": one.repo, "path": str(one.path), "text": one.text} for one in files])
        return
    if not files:
        _say_none()
    for one in files:
        typer.echo(f"# {one.repo} {one.path}\n{one.text}")


def _say(files: Sequence[WorkflowFile], found: Sequence[FileFound], *, wrote: bool, json: bool) -> None:
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
