"""`odmd can-i-deploy`: does it fit what runs beside it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Caged, Contracts, Json, Message, Server, StateFolder

if TYPE_CHECKING:
    from rich.text import Text

    from odmd.plan.fitting import FitAnswer, LinkView

_WITH_COMMIT: Final = re.compile(r"(?P<enver>.+)@(?P<commit>[0-9a-f]{7,64})")
_MARKS: Final = {"fits": ("✓", "green"), "does not fit": ("✗", "red"), "not known": ("?", "yellow")}


def can_i_deploy(
    enver: Annotated[
        str,
        typer.Argument(
            metavar="ENVER[@COMMIT]",
            help="What would be deployed (orders@main); with a commit, that source of it.",
            autocompletion=complete_enver,
        ),
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="STAGE", help="Ask for the stage that it would be promoted to.")
    ] = "",
    hold: Annotated[
        str | None,
        typer.Option("--hold", metavar="WHEN", help="Hold a yes: `30m`, or a time; the deployment's end lets it go."),
    ] = None,
    let_go: Annotated[bool, typer.Option("--let-go", help="Hold the answer for this enver no longer.")] = False,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say whether something can be deployed beside what runs: who writes what, who reads what, now and then.

    Moves nothing. Ends with 1 when it breaks somebody. What nobody can tell is said, and does not count."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as, print_json
    from odmd.cli.pause import moment
    from odmd.control.leading.in_use import DeployAsked

    until = moment(hold) if hold else None
    with errors_as(json=json), plane(server, state, contracts, isolation) as there:
        if let_go:
            _say_let_go(enver, there.let_go(enver, message), json=json)
            return
        found = there.can_deploy(DeployAsked(*split(enver), to), until)
    if json:
        print_json(found)
    else:
        _show(found)
    if not found.possible:
        raise typer.Exit(1)


def _say_let_go(enver: str, was_held: bool, *, json: bool) -> None:
    from odmd.cli.output import console, print_json

    if json:
        print_json({"let_go": was_held})
    else:
        console().print(f"{enver} is held no longer" if was_held else f"no answer for {enver} was held", markup=False)


def split(typed: str) -> tuple[str, str]:
    """An enver, and the commit behind it; a branch may be called like one, so an enver's own `@` comes first."""
    found = _WITH_COMMIT.fullmatch(typed)
    if found is None or not re.search("[@/]", found["enver"]):
        return typed, ""
    return found["enver"], found["commit"]


def _show(found: FitAnswer) -> None:
    from odmd.cli.output import console

    out = console()
    for line in lines(found):
        out.print(line, soft_wrap=True)


def lines(found: FitAnswer) -> Iterator[Text]:
    """An answer for people."""
    from rich.text import Text

    from odmd.cli.output import next_step, plural
    from odmd.plan.words import clock

    if found.possible:
        doubts = sum(bool(one.doubts) for one in found.links)
        already = sum(bool(one.already) for one in found.links)
        perhaps = f", {already} of which do not fit already" if already else ""
        perhaps += f", and of {plural(doubts, 'link')} nobody can tell" if doubts else ""
        count = plural(len(found.links), "link")
        yield Text("✓ ", "green").append(f"{found.to} can be deployed: {count} looked at{perhaps}", "default")
    else:
        broken = sum(bool(one.breaks) for one in found.links)
        count = f"{broken} of {plural(len(found.links), 'link')}"
        yield Text("✗ ", "red").append(f"{found.to} cannot be deployed: it breaks {count}", "default")
    if found.held_until is not None:
        yield Text(f"  held until {clock(found.held_until)}, or until that deployment has ended", "dim")
    for one in found.links:
        yield from _link(one)
    if found.proposal:
        yield Text()
        yield Text("  an order in which nobody breaks:")
        yield from (next_step(f"{number}. {step.says}") for number, step in enumerate(found.proposal, start=1))


def _link(one: LinkView) -> Iterator[Text]:
    from rich.text import Text

    from odmd.cli.output import product_label
    from odmd.model.naming import enver_label

    writer, reader = (f"{enver_label(e)} ({team})" for e, team in zip((one.writer, one.reader), one.teams, strict=True))
    yield Text()
    yield Text(f"  {product_label(one.product)}", "bold").append(f"  {writer} writes → {reader} reads", "default")
    line = Text("    ")
    for when, word in (("now", one.now), ("while it moves", one.meanwhile), ("after", one.after)):
        mark, style = _MARKS[word]
        line.append(f"{mark} ", style).append(f"{when}: {word}   ")
    yield line
    for said, lines in (("", one.breaks), ("perhaps: ", one.doubts), ("already: ", () if one.breaks else one.already)):
        yield from (Text(f"    {said}{text}") for text in lines)
    if one.held_by:
        yield Text(f"    {one.held_by} holds an answer for one of them", "yellow")
    if one.fitting:
        yield Text(f"    would fit: {', '.join(one.fitting)}")
