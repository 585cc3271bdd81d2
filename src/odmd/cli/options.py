"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from odmd.isolation import Isolation

Contracts = Annotated[
    str | None,
    typer.Option(
        "--contracts",
        metavar="WHERE",
        help="package.module:attribute or path/to/file.py:attribute of the organisation.",
    ),
]
StateFolder = Annotated[
    Path | None,
    typer.Option("--state", metavar="FOLDER", help="The state folder; default .odmd beside pyproject.toml."),
]
Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        envvar="ODMD_SERVER",
        help="Ask this server instead of the state folder; ODMD_TOKEN holds the token; one of yours here needs none.",
    ),
]
Caged = Annotated[
    Isolation | None,
    typer.Option(
        "--isolation",
        help="Whether foreign code (services' apps, contracts) runs in a cage: `required`, or nothing of it runs; "
        "`preferred`, where one can be had, but the contracts here are your own; `off`. Else as ODMD_ISOLATION or the "
        "settings say; `odmd serve` and `odmd worker` require it.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print data for machines instead of text for people.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why; kept with it, and told to whom it concerns.")]
OfOrganisation = Annotated[bool, typer.Option("--organisation", help="The layer of all envers.")]
OfStage = Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="The layer of a stage.")]
OfBuild = Annotated[str | None, typer.Option("--build", metavar="BUILD", help="The layer of a build.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to show at most.")]


class PictureFormat(StrEnum):
    """How a picture of what comes from what is written."""

    MERMAID = "mermaid"
    DOT = "dot"
    HTML = "html"


PictureOf = Annotated[
    PictureFormat | None, typer.Option("--format", help="Draw it; `html` is one file to open in a browser.")
]
