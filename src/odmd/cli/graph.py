"""`odmd graph`: the organisation as a picture, in the terminal or for other programs."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.discreet import for_the_user
from odmd.cli.names import complete_enver
from odmd.cli.options import Caged, Contracts, Server, StateFolder
from odmd.errors import EnverUnknown, SettingsInvalid

if TYPE_CHECKING:
    from odmd.control.reading.views import EnverView
    from odmd.graph import Compiled
    from odmd.graph.views.scope import ViewScope
    from odmd.graph.views.versions import RecordedVersions
    from odmd.graph.views.view import View


class SeenFrom(StrEnum):
    """From which side the organisation is looked at."""

    DEPENDENCIES = "dependencies"
    NETWORK = "network"
    IAM = "iam"
    VERSIONS = "versions"


class GraphFormat(StrEnum):
    """How the picture is written."""

    TEXT = "text"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"
    CYPHER = "cypher"
    GRAPHML = "graphml"
    HTML = "html"


class Group(StrEnum):
    """What envers are drawn together by."""

    TEAM = "team"
    STAGE = "stage"
    ACCOUNT = "account"


_FILE_WIDTH = 100
_Steps = Annotated[int | None, typer.Option(min=0, metavar="N", help="With --focus: how many wires away; default 1.")]


def graph(
    view: Annotated[
        SeenFrom,
        typer.Option(help="Who consumes what; over which network; who may do what; which versions run."),
    ] = SeenFrom.DEPENDENCIES,
    format: Annotated[GraphFormat, typer.Option(help="`html` is one file to open in a browser.")] = GraphFormat.TEXT,
    focus: Annotated[
        str | None, typer.Option(metavar="ENVER", autocompletion=complete_enver, help="Only what is near one enver.")
    ] = None,
    up: _Steps = None,
    down: _Steps = None,
    constellation: Annotated[
        str | None,
        typer.Option(
            metavar="ENVER", autocompletion=complete_enver, help="Only what wires lead to from one enver, either way."
        ),
    ] = None,
    group: Annotated[Group | None, typer.Option(help="What envers are drawn together by.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there, not to the terminal.")
    ] = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
) -> None:
    """Show the organisation: envers and wires, networks, roles, or running versions. Moves nothing."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings

    _refuse_what_does_not_fit(focus, constellation, up, down)
    compiled = load_contracts(read_settings(contracts, state, isolation))
    scope = _scope(compiled, focus, constellation, 1 if up is None else up, 1 if down is None else down)
    made = _view(view, scope, group, lambda: _running(state, server))
    if output is None:
        _show(made, format)
    else:
        _write(made, format, output)


def _refuse_what_does_not_fit(focus: str | None, constellation: str | None, up: int | None, down: int | None) -> None:
    if focus is None and (up is not None or down is not None):
        raise typer.BadParameter("--up and --down say how far to look from an enver: give --focus ENVER too")
    if focus is not None and constellation is not None:
        raise typer.BadParameter("--focus and --constellation exclude each other")


def _scope(compiled: Compiled, focus: str | None, constellation: str | None, up: int, down: int) -> ViewScope:
    from odmd.graph.views import scope

    whole = compiled.graph, compiled.kinds
    if focus is not None:
        return scope.focus(*whole, _address(focus, compiled), up, down)
    if constellation is not None:
        return scope.constellation(*whole, _address(constellation, compiled))
    return scope.whole(*whole)


def _address(typed: str, compiled: Compiled) -> str:
    from odmd.control.reading.named import suggestion
    from odmd.model import naming

    envers = compiled.graph.envers
    address = naming.enver_address(typed, envers)
    if address not in envers:
        labels = [enver.label for enver in envers.values()]
        raise EnverUnknown(f"the contracts declare no enver {typed}", next_step=suggestion(typed, labels))
    return address


def _view(side: SeenFrom, scope: ViewScope, group: Group | None, running: Callable[[], RecordedVersions]) -> View:
    from odmd.graph.views.facts import Grouping

    grouping = Grouping(group) if group else None
    match side:
        case SeenFrom.DEPENDENCIES:
            from odmd.graph.views.dependencies import dependencies

            return dependencies(scope, grouping)
        case SeenFrom.NETWORK:
            from odmd.graph.views.network import network

            return network(scope, grouping)
        case SeenFrom.IAM:
            from odmd.graph.views.iam import iam

            return iam(scope, grouping)
        case SeenFrom.VERSIONS:
            from odmd.graph.views.versions import versions

            return versions(scope, running(), grouping)


def _running(state: Path | None, server: str | None) -> RecordedVersions:
    """What is recorded, as a view reads it."""
    from odmd.bootstrap.plane import plane
    from odmd.graph.views.versions import Consumed, Deployed, RecordedVersions

    with plane(server, state) as there:
        envers, values = list(there.past.all_envers()), list(there.past.all_values(None))

    def deployed(enver: EnverView) -> Deployed:
        inputs = {given.name: Consumed(given.product, given.version) for given in enver.inputs}
        return Deployed(enver.state, enver.commit or "", inputs)

    newest = {one.value.product: one.value.version for one in values}
    return RecordedVersions({enver.enver: deployed(enver) for enver in envers}, newest)


def written(view: View, format: GraphFormat) -> str:
    """The picture as text."""
    match format:
        case GraphFormat.TEXT:
            from odmd.graph.views.text import text

            return text(view, _FILE_WIDTH)
        case GraphFormat.MERMAID:
            from odmd.graph.views.mermaid import mermaid

            return mermaid(view)
        case GraphFormat.DOT:
            from odmd.graph.views.dot import dot

            return dot(view)
        case GraphFormat.JSON:
            from odmd.graph.views.as_json import as_json

            return as_json(view)
        case GraphFormat.CYPHER:
            from odmd.graph.views.cypher import cypher

            return cypher(view)
        case GraphFormat.GRAPHML:
            from odmd.graph.views.graphml import graphml

            return graphml(view)
        case GraphFormat.HTML:
            from odmd.graph.views.html import html

            return html(view)


def _show(view: View, format: GraphFormat) -> None:
    if format is GraphFormat.TEXT:
        _show_text(view)
    else:
        from odmd.cli.output import write

        write(written(view, format))


def _show_text(view: View) -> None:
    from rich.text import Text

    from odmd.cli.output import console, next_step
    from odmd.graph.views.text import is_short, lines

    out = console()
    for line in lines(view, out.width):
        out.print(Text.assemble(*((word, _COLOURS[ink]) for word, ink in line)), soft_wrap=True)
    if is_short(view):
        hint = "`odmd graph --focus ENVER` shows one of them in full; `--format html -o graph.html` all, to search"
        out.print()
        out.print(next_step(hint), soft_wrap=True)


_COLOURS = {
    "plain": "",
    "title": "bold",
    "head": "dim",
    "name": "bold",
    "faint": "dim",
    "in": "cyan",
    "out": "green",
    "marked": "bold yellow",
    "promoted": "magenta",
    "warning": "bold red",
}


def _write(view: View, format: GraphFormat, path: Path) -> None:
    from odmd.cli.output import console, plural

    try:
        with for_the_user():
            path.write_text(written(view, format), encoding="utf-8", errors="replace")
    except OSError as wrong:
        raise SettingsInvalid(
            f"--output: {path} cannot be written: {wrong.strerror}", next_step="name a file in a folder that exists"
        ) from wrong
    console().print(f"wrote {path}: {plural(len(view.nodes), 'node')}, {plural(len(view.edges), 'edge')}", markup=False)
