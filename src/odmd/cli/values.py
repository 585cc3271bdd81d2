"""`odmd values`: what was published, and who runs with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_product
from odmd.cli.options import Json, StateFolder

if TYPE_CHECKING:
    from odmd.control.state import Value

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
    json: Json = False,
) -> None:
    """Show published values: number, text, whether current, superseded or retired, and who runs with each."""
    from odmd.cli.history import history
    from odmd.cli.names import find_product
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), history(state) as past:
        recorded, found = past.store.load(), list(past.store.values())
        if product:
            wanted = find_product(product, recorded, (value.product for value in found))
            found = [value for value in found if f"{value.product}/".startswith(f"{wanted}/")]
    users = recorded.leased
    if json:
        print_json([{"value": value, "used_by": sorted(users.get(value.ref, ()))} for value in found])
    elif found:
        show_rows(_COLUMNS, [_row(value, users.get(value.ref, ())) for value in found])
    else:
        console().print(f"{product} has published nothing yet" if product else "nothing is published yet", markup=False)


def _row(value: Value, users: Iterable[str]) -> tuple[str, ...]:
    from odmd.cli.output import ago, product_label
    from odmd.model import naming

    kept = f" ({value.leftover})" if value.leftover else ""
    return (
        product_label(value.product),
        str(value.version),
        f"{value.status.value}{kept}",
        value.text,
        str(value.run),
        ", ".join(naming.enver_label(user) for user in sorted(users)) or "–",
        ago(value.at),
    )
