"""`odmd experiment`: variants of an enver, tried side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts, Json, Server, StateFolder

if TYPE_CHECKING:
    from odmd.cli.experiment.design import Experiment
    from odmd.cli.experiment.standing import Begun
    from odmd.control.leading.plane import Plane
    from odmd.isolation import Isolation

experiment = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Try variants of an enver side by side: clones with other config or revisions, held against the same tests.",
)
_COLUMNS: Final = ("experiment", "of", "variants", "begun", "by", "goes")

Named = Annotated[str, typer.Argument(metavar="NAME", help="What the experiment is called: `odmd experiment list`.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric", metavar="NAME", help="A number that a test records, or how long a test of that name took; again."
    ),
]


@experiment.command("run")
def run(
    what: Annotated[
        str, typer.Argument(metavar="FILE|ORIGIN", help="Its file; or, with --matrix, the enver to clone.")
    ],
    matrix: Annotated[
        list[str] | None,
        typer.Option(
            "--matrix",
            metavar="AXIS=A,B",
            help="A variant for each: `config.prices.latte=3,4`, `revision=main,fix-1`; may be given several times.",
        ),
    ] = None,
    suite: Annotated[
        str | None, typer.Option("--suite", metavar="PATH", help="The tests, from the build's folder; else its checks.")
    ] = None,
    network: Annotated[bool, typer.Option("--network", help="The tests may reach the network.")] = False,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What it is called.")] = None,
    at: Annotated[int | None, typer.Option("--at", min=1, max=100, help="So many variants at once; else 4.")] = None,
    ttl: Annotated[
        str | None, typer.Option("--ttl", metavar="TIME", help="When clones go that nobody removed; else 6h.")
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="ENVER", help="Clone this one, too; may be given several times."),
    ] = None,
    with_consumers: Annotated[
        bool, typer.Option("--with-consumers", help="Clone all that consume of it, too, in its stage.")
    ] = False,
    share_data: Annotated[
        bool, typer.Option("--share-data", help="Let them write to data that others use, too.")
    ] = False,
    metric: Metrics = None,
    best: Annotated[
        list[str] | None, typer.Option("--best", metavar="min:METRIC", help="Mark the best: `min:suite`, `max:sold`.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the clones until their time is over.")] = False,
    yes: Yes = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Make a clone for each variant, hold all against the same tests, tell how they did, and remove them.

    The same command goes on where one was stopped. Ends with 1 where a variant did not pass."""
    from odmd.cli.experiment.options import Typed, read
    from odmd.cli.output import errors_as

    said = Typed(
        what, matrix, suite, network, name, at, ttl, also, with_consumers, share_data, metric or (), best or ()
    )
    with errors_as(json=json):
        wanted = read(said)
        _run(wanted, contracts, state, isolation, server, keep=keep, yes=yes, json=json)


@experiment.command("list")
def list_experiments(
    contracts: Contracts = None, state: StateFolder = None, server: Server = None, json: Json = False
) -> None:
    """Show the experiments of which clones are there."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.experiment.standing import standing
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = standing(there.past.clones())
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, list(map(_row, found)))
    else:
        console().print("there are no experiments of which anything is there")


@experiment.command("show")
def show(
    name: Named,
    metric: Metrics = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show how far the variants are whose clones are there."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.experiment.results import Looked
    from odmd.cli.experiment.standing import by_label, found_again
    from odmd.cli.experiment.table import show_results
    from odmd.cli.output import errors_as, print_json

    with errors_as(json=json), plane(server, state, contracts) as there:
        known = _known(there, name)
        wanted = found_again(known, tuple(metric or ()))
        results = Looked(there.past, wanted, known.origin, known.begun, by_label(known.sets)).results()
    if json:
        print_json({"experiment": name, "origin": known.origin, "begun": known.begun, "variants": results})
    else:
        show_results(wanted, results)


@experiment.command("delete")
def delete(
    name: Named,
    yes: Yes = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Remove the clones of an experiment, with what their layers of config say."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.confirm import confirm
    from odmd.cli.experiment.carrying import Carrying
    from odmd.cli.experiment.standing import found_again
    from odmd.cli.experiment.table import conclude
    from odmd.cli.live import Live
    from odmd.cli.output import errors_as, plural

    with errors_as(json=json), plane(server, state, contracts, isolation) as there:
        known = _known(there, name)
        if not yes:
            many = plural(sum(len(one.clones) for one in known.sets), "clone")
            confirm(f"Remove {many} of {known.origin}?", can_ask=not json)
        live = Live(quiet=json)
        carrying = Carrying(there, found_again(known), known.origin, known.begun, live, yes=True, quiet=json)
        conclude(name, carrying.remove(), [], json=json)


def _run(
    wanted: Experiment,
    contracts: str | None,
    state: Path | None,
    isolation: Isolation | None,
    server: str | None,
    *,
    keep: bool,
    yes: bool,
    json: bool,
) -> None:
    from odmd.bootstrap.plane import plane
    from odmd.cli.experiment.carrying import Carrying
    from odmd.cli.experiment.table import conclude, show_results
    from odmd.cli.live import Live
    from odmd.cli.whose import say_whose_contracts

    with plane(server, state, contracts, isolation) as there:
        say_whose_contracts(there)
        try:
            carrying = Carrying.begin(there, wanted, Live(quiet=json), yes=yes, quiet=json)
            results = carrying.carry_out()
            if not json:
                show_results(wanted, results)
            left = None if keep else carrying.remove()
        except KeyboardInterrupt as stop:
            raise _stopped(wanted.name) from stop
    conclude(wanted, left, results, json=json)


def _stopped(name: str) -> BaseException:
    from odmd.errors import Interrupted

    return Interrupted(
        "stopped; its clones stay until their time is over",
        next_step=f"the same command goes on; `odmd experiment delete {name}` removes them",
    )


def _known(there: Plane, name: str) -> Begun:
    from odmd.cli.experiment.standing import standing
    from odmd.errors import ExperimentRefused

    found = [one for one in standing(there.past.clones()) if one.name == name]
    if not found:
        raise ExperimentRefused(
            f"nothing is there of an experiment {name}", next_step="`odmd experiment list` shows those that there are"
        )
    if len(found) > 1:
        raise ExperimentRefused(
            f"{name} is an experiment with {', '.join(one.origin for one in found)}",
            next_step="`odmd clone delete` removes the clones of one",
        )
    return found[0]


def _row(one: Begun) -> tuple[str, ...]:
    from odmd.cli.output import ago
    from odmd.plan.words import clock

    until = max((each.until for each in one.sets if each.until), default=None)
    going = all(each.ended for each in one.sets)
    goes = "now" if going else clock(until) if until else "when deleted"
    return one.name, one.origin, str(len(one.sets)), ago(one.begun), one.sets[0].by, goes
