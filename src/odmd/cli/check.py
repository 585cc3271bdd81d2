"""`odmd check`: are the contracts sound?"""

from __future__ import annotations

import time

import typer

from odmd.cli.options import Contracts, Json
from odmd.errors import OdmdError


def check(contracts: Contracts = None, json: Json = False) -> None:
    """Prove the contracts: every mistake at once, with file and line. Moves nothing."""
    from rich.markup import escape

    from odmd.bootstrap.contracts import load_contracts
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, plural, print_json

    began = time.perf_counter()
    try:
        graph = load_contracts(read_settings(contracts)).graph
    except OdmdError as error:
        if not json:
            raise
        print_json({"sound": False, "diagnostics": list(error.diagnostics())})
        raise typer.Exit(error.exit_code) from error
    milliseconds = round((time.perf_counter() - began) * 1000)
    envers = list(graph.envers.values())
    counts = {
        "builds": len({enver.build for enver in envers}),
        "envers": len(envers),
        "products": sum(len(enver.products) for enver in envers),
        "wires": sum(len(enver.wires) for enver in envers),
    }
    if json:
        print_json({"sound": True, "organisation": graph.organisation, **counts, "milliseconds": milliseconds})
        return
    counted = ", ".join(plural(count, noun.removesuffix("s")) for noun, count in counts.items())
    console().print(f"[green]✓[/] {escape(graph.organisation)} is sound: {counted} ({milliseconds} ms)")
