"""`odmd docs`: the documents of what runs."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Json, Server, StateFolder

_COLUMNS: Final = ("document", "of", "digest")


def docs(
    enver: Annotated[str, typer.Argument(metavar="ENVER", help="One enver.", autocompletion=complete_enver)],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Print this one; the end of its name is enough.")
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show the documents of what an enver runs, or one of them: as they were when it was deployed."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, short, show_rows, write

    with errors_as(json=json), plane(server, state) as there:
        if name is not None:
            text = there.past.document(enver, name)
            if json:
                print_json({"name": name, "text": text})
            else:
                write(text)
            return
        found = there.past.documents(enver)
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [(one.name, one.of, short(one.digest)) for one in found])
    else:
        console().print(f"no document is kept of what {enver} runs", markup=False)
