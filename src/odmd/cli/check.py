"""`odmd check`: are the contracts sound?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Caged, Contracts, Json
from odmd.errors import Diagnostic, OdmdError

if TYPE_CHECKING:
    from odmd.graph import Graph


class CheckFormat(StrEnum):
    """How `check` says what it found."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def check(
    contracts: Contracts = None,
    isolation: Caged = None,
    json: Json = False,
    format: Annotated[
        CheckFormat, typer.Option(help="`github`: annotations of a workflow's log; `sarif`: for code scanning.")
    ] = CheckFormat.TEXT,
) -> None:
    """Prove the contracts: every mistake at once, with file and line. Moves nothing."""
    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings

    began = time.perf_counter()
    graph: Graph | None = None
    try:
        compiled = load_contracts(read_settings(contracts, isolation=isolation))
        graph, found, code = compiled.graph, compiled.warnings, 0
    except OdmdError as error:
        found, code = error.diagnostics(), error.exit_code
    milliseconds = round((time.perf_counter() - began) * 1000)
    _say(CheckFormat.JSON if json else format, graph, found, milliseconds)
    if code:
        raise typer.Exit(code)


def _say(format: CheckFormat, graph: Graph | None, found: Sequence[Diagnostic], milliseconds: int) -> None:
    from odmd.cli import annotations
    from odmd.cli.output import print_json, show_diagnostics, write

    match format:
        case CheckFormat.JSON:
            facts = _facts(graph) if graph else {}
            print_json({"sound": graph is not None, **facts, "milliseconds": milliseconds, "diagnostics": list(found)})
        case CheckFormat.SARIF:
            print_json(annotations.sarif(found))
        case CheckFormat.GITHUB:
            for line in annotations.github(found):
                write(f"{line}\n")
        case CheckFormat.TEXT:
            show_diagnostics(found)
            if graph is not None:
                _say_sound(graph, milliseconds)


def _say_sound(graph: Graph, milliseconds: int) -> None:
    from rich.markup import escape

    from odmd.cli.output import console, plural, short

    version = f"{escape(graph.version)}, " if graph.version else ""
    counted = ", ".join(plural(count, noun.removesuffix("s")) for noun, count in _counts(graph).items())
    console().print(f"[green]✓[/] {escape(graph.organisation)} is sound: {counted} ({milliseconds} ms)")
    console().print(f"  [dim]{version}digest {short(graph.digest())}[/]")


def _facts(graph: Graph) -> dict[str, object]:
    return {
        "organisation": graph.organisation,
        "version": graph.version,
        "digest": graph.digest(),
        **_counts(graph),
    }


def _counts(graph: Graph) -> dict[str, int]:
    envers = list(graph.envers.values())
    return {
        "builds": len({enver.build for enver in envers}),
        "envers": len(envers),
        "products": sum(len(enver.products) for enver in envers),
        "wires": sum(len(enver.wires) for enver in envers),
    }
