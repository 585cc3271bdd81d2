"""`odmd drift`: whether what runs is still what was deployed; what others changed is let be, or brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from odmd.cli.names import complete_enver
from odmd.cli.options import Caged, Contracts, Json, Message, Server, StateFolder

if TYPE_CHECKING:
    from collections.abc import Collection

    from odmd.cli.applying import ApplyOptions
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.drift import DriftView, EnverDrift
    from odmd.control.reading.views import EnverView


class _LooksAtFirst(TyperGroup):
    """What is no command of this group is what to look at."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_command = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_command else ["look", *args])


drift = typer.Typer(
    cls=_LooksAtFirst,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Say whether what runs is still what was deployed; accept what others changed, or bring it back.",
)

Envers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ENVER]...", help="Which to look at; without any, all that run.", autocompletion=complete_enver
    ),
]
One = Annotated[
    str, typer.Argument(metavar="ENVER", help="Which one, e.g. orders@main.", autocompletion=complete_enver)
]


@drift.command("look")
def look(
    envers: Envers = None,
    resources: Annotated[
        bool,
        typer.Option("--resources", help="Also compare every resource with its template; takes a while for a stack."),
    ] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Look again, even where [tool.odmd.drift] says that an earlier look stands.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 if something drifted, or nobody could tell.")
    ] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say whether what runs is still what was deployed; `odmd drift` alone does this, too. Moves nothing.

    A stack is compared by its template, parameters, tags and outputs; with --resources CloudFormation compares what is
    in it, too."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.drift_text import say
    from odmd.cli.output import errors_as
    from odmd.control.leading.drift import DriftAsked

    with errors_as(json=json), plane(server, state, contracts, isolation) as there:
        found = there.drift(DriftAsked(tuple(envers or ()), resources, now))
    say(found, json=json)
    if exit_code and (found.drifted() or any(one.unknown for one in found.envers)):
        raise typer.Exit(1)


@drift.command("accept")
def accept(
    enver: One,
    findings: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FINDING]...", help="Ids, as `odmd drift` shows them; without any, all that nobody accepted."
        ),
    ] = None,
    message: Message = "",
    lasts: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="`7d`, `12h`, or until a time such as 2030-01-31T18:00."),
    ] = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Let be what others changed: it is told no more until something else is found there, or the time is over."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.act import act
    from odmd.cli.drift_text import say_findings
    from odmd.cli.output import errors_as
    from odmd.cli.pause import moment
    from odmd.control.leading.wishes import AcceptingDrift

    ids = tuple(findings or ())
    if not ids:
        with errors_as(json=json), plane(server, state, contracts) as there:
            known = all_open(there.past.enver(enver))
        if not json:
            say_findings(known)
        ids = tuple(one.id for one in known.findings)
    act(AcceptingDrift(enver, message, ids, moment(lasts) if lasts else None), server, contracts, state, json=json)


@drift.command("adopt")
def adopt(
    enver: One,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say where the code would have to say what others changed, so that it stays. Moves nothing.

    Once that is committed, `odmd apply` finds that it is so."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.drift_adopt import how_to_adopt, lines
    from odmd.cli.output import console, errors_as, next_step, print_json

    with errors_as(json=json), plane(server, state, contracts) as there:
        known = all_open(there.past.enver(enver))
    if json:
        print_json([{"finding": one.id, "how": list(how_to_adopt(one))} for one in known.findings])
        return
    for line in lines(known):
        console().print(line, soft_wrap=True, markup=False, highlight=False)
    console().print(next_step("commit it in the enver's repository, then `odmd apply`"))


def all_open(enver: EnverView) -> EnverDrift:
    """What is known of an enver and open now: what a look finds after this is not accepted along.

    Raises:
        FindingUnknown: there is nothing.
    """
    from odmd.control.leading.wishes import nothing_open

    if enver.drift is None or not enver.drift.findings:
        raise nothing_open(enver.enver)
    return enver.drift


@drift.command("revert")
def revert(
    envers: Annotated[
        list[str], typer.Argument(metavar="ENVER...", help="Which to bring back.", autocompletion=complete_enver)
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow_dirty: Annotated[
        bool,
        typer.Option("--allow-dirty", help="Deploy contracts with uncommitted changes, too; noted with the change."),
    ] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    message: Message = "",
    json: Json = False,
) -> None:
    """Bring back what others changed: looks again at everything of these envers, plans, shows, asks and deploys them.

    What is accepted of the same stack or release is brought back along. In the end it looks once more, and says what
    a deployment did not reach."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.applying import ApplyOptions
    from odmd.cli.drift_text import say
    from odmd.cli.output import errors_as
    from odmd.plan.build import Limited

    with errors_as(json=json), plane(server, state, contracts, isolation) as there:
        found = _looked(there, envers)
        if not (drifted := found.drifted()):
            say(found, json=json)
            raise typer.Exit(any(one.unknown for one in found.envers))
        limited = Limited(tuple(one.enver for one in drifted), alone=True)
        why = f"drift: {message}" if message else f"drift of {', '.join(map(_label, limited.targets))} is reverted"
        wanted = ApplyOptions(
            None, limited, refresh=True, look=False, yes=yes, allow_dirty=allow_dirty, cause=why, json=json
        )
        _reverted(there, wanted)


def _reverted(there: Plane, wanted: ApplyOptions) -> None:
    """Says last what is still not as it was deployed.

    Raises:
        typer.Exit: with 1, where there is something.
    """
    from odmd.cli.apply import carry_out
    from odmd.cli.drift_text import say_what_stayed

    carry_out(there, wanted)
    left = _looked(there, wanted.limited.targets)
    if not wanted.json:
        say_what_stayed(left)
    if left.drifted():
        raise typer.Exit(1)


def _looked(there: Plane, envers: Collection[str]) -> DriftView:
    from odmd.control.leading.drift import DriftAsked

    return there.drift(DriftAsked(tuple(envers), resources=True, now=True))


def _label(enver: str) -> str:
    from odmd.model import naming

    return naming.enver_label(enver)
