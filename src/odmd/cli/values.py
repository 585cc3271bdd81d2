"""`odmd values`: what was published, and who runs with it."""

from __future__ import annotations

from typing import Annotated

import typer

from odmd.cli.options import Json, StateFolder


def values(
    product: Annotated[
        str | None, typer.Argument(metavar="PRODUCT", help="An enver (orders@main) or a product (orders@main/bus).")
    ] = None,
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Show published values: number, text, whether current, superseded or retired, and who runs with each."""
    from odmd.cli.history import history
    from odmd.cli.output import ago, cells, console, print_json, product_label, table
    from odmd.errors import EnverUnknown
    from odmd.model import naming

    with history(state) as store:
        found = list(store.values())
        users = store.load().leased
    if product:
        wanted = naming.enver_address(product) if product.count("/") == 0 else _product_address(product)
        found = [value for value in found if f"{value.product}/".startswith(f"{wanted}/")]
        if not found:
            raise EnverUnknown(f"{product} never published anything", next_step="`odmd values` lists what there is")
    if json:
        print_json([{"value": value, "used_by": sorted(users.get(value.ref, ()))} for value in found])
        return
    shown = table("product", "#", "status", "value", "by run", "used by", "since")
    for value in found:
        used_by = ", ".join(naming.enver_label(user) for user in sorted(users.get(value.ref, ())))
        kept = f" ({value.leftover})" if value.leftover else ""
        status = f"{value.status.value}{kept}"
        row = cells(
            product_label(value.product),
            str(value.version),
            status,
            value.text,
            str(value.run),
            used_by or "–",
            ago(value.at),
        )
        shown.add_row(*row)
    console().print(shown)


def _product_address(text: str) -> str:
    from odmd.model import naming

    enver, _, name = text.partition("/") if "@" in text else ("", "", "")
    return f"{naming.enver_address(enver)}/{name}" if enver else text
