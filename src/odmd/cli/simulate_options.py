"""What `odmd simulate` can be asked: its options, one a line of the command."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from odmd.cli.names import complete_enver, complete_product


class From(StrEnum):
    """What a simulation begins with."""

    RECORDED = "recorded"
    DEPLOYED = "deployed"
    NOTHING = "nothing"


_Names = list[str] | None

Pushed = Annotated[
    _Names,
    typer.Option(metavar="BUILD@REV", autocompletion=complete_enver, help="A push; each is a change of its own."),
]
NewValues = Annotated[
    _Names,
    typer.Option(
        metavar="PRODUCT",
        autocompletion=complete_product,
        help="A product gets a new value: its enver runs, and publishes only this anew.",
    ),
]
Everything = Annotated[bool, typer.Option("--everything", help="Every enver is pushed, in one change.")]
NewContracts = Annotated[
    str | None,
    typer.Option(
        metavar="NEW",
        help="These contracts take effect: package.module:attribute, FILE:attribute or a git revision.",
    ),
]
Failing = Annotated[
    _Names, typer.Option(metavar="ENVER", autocompletion=complete_enver, help="Its runs fail, each time.")
]
Dropped = Annotated[_Names, typer.Option(metavar="ENVER.INPUT", help="As if this wire had never been.")]
Durations = Annotated[
    _Names,
    typer.Option(
        metavar="[WHAT=]TIME",
        help="How long runs take: 3m, 3m..8m (half below 3m, one in ten above 8m) or 90s~20s (mean, deviation). "
        "WHAT is an enver, a build or a build type; with :full or :values behind it, only such runs.",
    ),
]
ApproverTakes = Annotated[
    str | None, typer.Option(metavar="TIME", help="How long an approver takes; without it, nobody approves.")
]
ChanceOfSource = Annotated[
    float, typer.Option(min=0.0, max=1.0, metavar="P", help="Chance that a new source changes a product.")
]
ChanceOfValues = Annotated[
    float, typer.Option(min=0.0, max=1.0, metavar="P", help="Chance that new consumed values change a product.")
]
Apart = Annotated[str, typer.Option(metavar="TIME", help="From one change to the next.")]
AtOnce = Annotated[
    _Names,
    typer.Option(
        metavar="[WHAT=]N",
        help="How many runs at once; 0 is any number. WHAT is `place` (each account and region) or a build type. "
        "Default: as set.",
    ),
]
Paused = Annotated[
    _Names,
    typer.Option(
        metavar="SCOPE[=TIME..TIME]",
        help="Nothing new starts from the one time to the other, or to the end. SCOPE is an enver, `team:NAME` or "
        "`everything`.",
    ),
]
Begin = Annotated[
    From | None, typer.Option("--from", help="What it begins with. Default: what is recorded, if anything is.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same.")]
Seeds = Annotated[int, typer.Option(min=1, metavar="N", help="Simulate N seeds, for percentiles.")]
Html = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it as one page for a browser.")]
