"""The console: a page that asks the API what it shows. What is served here is the same for everybody."""

from __future__ import annotations

from fastapi import APIRouter, Response

from odmd.errors import NothingThere
from odmd.server.console import ASSETS, AT, NOT_BUILT, console_files
from odmd.server.rights import OPEN

router = APIRouter(include_in_schema=False)


@router.get(AT, dependencies=[OPEN])
@router.get(AT + "/{path:path}", dependencies=[OPEN])
def console(path: str = "") -> Response:
    """One of its files; else the page itself, which knows what the address means.

    Raises:
        NothingThere: it was not built.
    """
    found = console_files().get(path if path.startswith(ASSETS) else "index.html")
    if found is None:
        raise NothingThere("there is no such part of the console", next_step=NOT_BUILT)
    return Response(found.content, media_type=found.type, headers=dict(found.headers))
