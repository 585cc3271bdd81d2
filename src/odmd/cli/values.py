"""`odmd values`: what was published, and who runs with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_product
from odmd.cli.options import Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.control.reading.views import ValueView

_COLUMNS: Final = ("product", "#", "status", "value", "by run", "used by", "since")


def values(
    product: Annotated[
        str | None,
        typer.Argument(
            metavar="PRODUCT",
            help="An enver (orders@main) or a product (orders@main/bus).",
            autocompletion=complete_product,
        ),
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show published values: number, text, whether current, superseded or retired, and who runs with each."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state) as there:
        found = list(there.past.all_values(product))
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(one) for one in found])
    else:
        console().print(f"{product} has published nothing yet" if product else "nothing is published yet", markup=False)


def _row(one: ValueView) -> tuple[str, ...]:
    from odmd.cli.output import ago, product_label, shortened
    from odmd.model import naming

    value = one.value
    kept = f" ({value.leftover})" if value.leftover else ""
    return (
        product_label(value.product),
        str(value.version),
        f"{value.status.value}{kept}",
        shortened(value.text),
        str(value.run),
        ", ".join(naming.enver_label(user) for user in one.used_by) or "–",
        ago(value.at),
    )
