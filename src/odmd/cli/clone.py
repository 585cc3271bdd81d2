"""`odmd clone`: running environments of one's own, on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.options import Caged, Contracts, Json, Message, Server, StateFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from odmd.control.leading.config_desk import ConfigDesk
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.clones import CloneSetView, CloneView
    from odmd.isolation import Isolation
    from odmd.plan.clones import ClonesWish, CloneWish

clone = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Make running environments of your own from others, see what is shared and what is left, and delete them.",
)
_COLUMNS: Final = ("clone", "of", "follows", "runs", "made by", "goes", "now")

Clone = Annotated[str, typer.Argument(metavar="CLONE", help="One of them: `orders@main+fix-1`.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Ttl = Annotated[
    str, typer.Option("--ttl", metavar="TIME", help="How long they stay after they were used last: `12h`, `3d`.")
]


@clone.command("create")
def create(
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="The enver to clone: `orders@main`.")],
    on: Annotated[str, typer.Option("--on", metavar="BRANCH", help="The branch that the clone follows.")],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="What it is called by; else as the branch is.")
    ] = "",
    ttl: Ttl = "3d",
    pin: Annotated[bool, typer.Option("--pin", help="They stay until somebody deletes them.")] = False,
    with_consumers: Annotated[
        bool,
        typer.Option("--with-consumers", help="Clone all that consume of it, too, near and far, in its stage."),
    ] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="ENVER[=BRANCH]",
            help="Clone this one, too, on a branch of its own if one is named; may be given several times.",
        ),
    ] = None,
    share_data: Annotated[
        bool, typer.Option("--share-data", help="Let them write to data that others use, too.")
    ] = False,
    yes: Yes = False,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what a clone would be, what it shares and what it asks others for; then make it, if you say so.

    Envers that are not cloned are shared. Where a repository has no such branch, a clone that comes along follows the
    branch of its origin."""
    from odmd.cli.pause import lasting
    from odmd.plan.clones import CloneWish

    others = [one.partition("=") for one in also or ()]
    with_it = tuple(enver for enver, own, _ in others if not own)
    follow = tuple((enver, branch) for enver, own, branch in others if own)
    wish = CloneWish(origin, on, name, with_consumers, with_it, 0.0 if pin else lasting(ttl), share_data, follow)
    _carry_out(
        wish,
        message or f"odmd clone create {origin} --on {on}",
        (server, state, contracts, isolation),
        yes=yes,
        json=json,
    )


@clone.command("delete")
def delete(
    which: Clone,
    yes: Yes = False,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show what goes with a clone and those that were made with it; then remove it all, if you say so."""
    from odmd.plan.clones import EndWish

    _carry_out(
        EndWish(which),
        message or f"odmd clone delete {which}",
        (server, state, contracts, isolation),
        yes=yes,
        json=json,
    )


@clone.command("list")
def list_clones(
    contracts: Contracts = None, state: StateFolder = None, server: Server = None, json: Json = False
) -> None:
    """Show the clones that there are, and what is left of those that go."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.clone_sleep import sleepers
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = there.past.clones()
        asleep = sleepers(there.config) if found and not json else frozenset[str]()
    if json:
        print_json(found)
    elif not found:
        console().print("there are no clones that were made on demand")
    else:
        show_rows(_COLUMNS, [_row(each, one, asleep) for each in found for one in each.clones])


@clone.command("show")
def show(
    which: Clone,
    as_contracts: Annotated[
        bool, typer.Option("--as-contracts", help="Print the lines that declare it in the contracts' text, for good.")
    ] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show one: what it runs, until when it stays, and all that is recorded to be there of it."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = _meant(which, there.past.clones())
    if json:
        print_json(found)
        return
    for line in _lines_to_paste(found) if as_contracts else _lines(found):
        console().print(line, markup=False, soft_wrap=True, highlight=False)


@clone.command("extend")
def extend(
    which: Clone,
    ttl: Ttl = "",
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Have it stay longer: as long as before from now on, or so long."""
    from odmd.cli.act import act
    from odmd.cli.pause import lasting
    from odmd.control.leading.wishes import KeepingClones

    act(KeepingClones(which, lasting(ttl) if ttl else None, message), server, contracts, state, json=json)


@clone.command("pin")
def pin(
    which: Clone,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Have it stay until somebody deletes it."""
    from odmd.cli.act import act
    from odmd.control.leading.wishes import KeepingClones

    act(KeepingClones(which, 0.0, message), server, contracts, state, json=json)


@clone.command("sleep")
def sleep(
    which: Clone,
    yes: Yes = False,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Have it, and those that were made with it, run as their contracts say for clones that sleep."""
    from odmd.cli.clone_sleep import put_to_sleep

    where = (server, state, contracts, isolation)
    _reconfigure(which, put_to_sleep, message or f"odmd clone sleep {which}", where, yes=yes, json=json)


@clone.command("wake")
def wake(
    which: Clone,
    yes: Yes = False,
    message: Message = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    isolation: Caged = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Have it, and those that were made with it, run as before they slept."""
    from odmd.cli.clone_sleep import woken

    where = (server, state, contracts, isolation)
    _reconfigure(which, woken, message or f"odmd clone wake {which}", where, yes=yes, json=json)


def _reconfigure(
    which: str,
    say: Callable[[ConfigDesk, CloneSetView, str], tuple[str, ...]],
    why: str,
    where: tuple[str | None, Path | None, str | None, Isolation | None],
    *,
    yes: bool,
    json: bool,
) -> None:
    """Has the config of clones say something else, and deploys that and nothing else."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.apply import carry_out
    from odmd.cli.applying import ApplyOptions
    from odmd.cli.output import errors_as
    from odmd.plan.build import Limited

    with errors_as(json=json), plane(*where) as there:
        moved = say(there.config, _meant(which, there.past.clones()), why)
        limited = Limited(targets=moved, only_values=True, alone=True)
        wanted = ApplyOptions(None, limited, refresh=True, look=False, yes=yes, allow_dirty=True, cause=why, json=json)
        carry_out(there, wanted)


def _carry_out(
    wish: ClonesWish,
    why: str,
    where: tuple[str | None, Path | None, str | None, Isolation | None],
    *,
    yes: bool,
    json: bool,
) -> None:
    from odmd.bootstrap.plane import plane
    from odmd.cli.apply import carry_out
    from odmd.cli.applying import ApplyOptions
    from odmd.cli.output import errors_as
    from odmd.plan.build import Limited
    from odmd.plan.clones import CloneWish

    wanted = ApplyOptions(
        None, Limited(clones=wish), refresh=True, look=False, yes=yes, allow_dirty=True, cause=why, json=json
    )
    with errors_as(json=json), plane(*where) as there:
        if isinstance(wish, CloneWish) and not json:
            _say_cost(there, wish)
        carry_out(there, wanted)


def _say_cost(there: Plane, wish: CloneWish) -> None:
    """What its origins cost, as far as that is known."""
    from odmd.cli.output import console
    from odmd.control.leading.costs import known_cost

    known = known_cost(there.costs, (wish.origin, *wish.also))
    if any(one.parts for one in known.envers):
        more = " without its consumers" if wish.consumers else ""
        console().print(f"roughly {known.a_day} {known.currency} a day{more}, as its origins cost", highlight=False)


def _meant(typed: str, found: Sequence[CloneSetView]) -> CloneSetView:
    """The set that one of its clones stands for."""
    from odmd.model.naming import enver_address
    from odmd.plan.clones import meant

    return meant(typed, {enver_address(one.enver): each for each in found for one in each.clones})


def _row(each: CloneSetView, one: CloneView, asleep: frozenset[str]) -> tuple[str, ...]:
    from odmd.plan.words import clock

    goes = "now" if each.ended else clock(each.until) if each.until else "when deleted"
    now = each.ended or one.why or ("asleep" if one.enver in asleep else "")
    return one.enver, one.origin, one.branch, one.commit[:7], each.by, goes, now


def _lines(found: CloneSetView) -> Iterator[str]:
    from odmd.plan.words import clock, duration

    after = f"or {duration(found.ttl)} after its next use"
    stays = f"until {clock(found.until)}, {after}" if found.until else "until somebody deletes it"
    yield f"{found.clone}  made by {found.by} at {clock(found.at)}{f': {found.why}' if found.why else ''}"
    yield f"  goes: {found.ended}" if found.ended else f"  stays {stays}"
    for one in found.clones:
        yield f"  {one.enver}, of {one.origin}, follows {one.branch}: {_now(one)}"
        yield from (f"    {left}" for left in one.left)
    if found.ended and not any(one.left for one in found.clones):
        yield "  nothing of it is left"


def _now(one: CloneView) -> str:
    return "; ".join(said for said in (f"runs {one.commit[:7]}" if one.commit else "", one.why) if said)


def _lines_to_paste(found: CloneSetView) -> Iterator[str]:
    names = [_name(one.origin.replace("@main", "")) for one in found.clones]
    slot = found.clone.rpartition("+")[2]
    first = found.clones[0]
    others = [(name, one) for name, one in zip(names, found.clones, strict=True) if one.branch != first.branch]
    follow = ", ".join(f"{name}: {_branch(one.branch, slot)}" for name, one in others)
    said = [_branch(first.branch, slot), *names, *([f"follow={{{follow}}}"] if follow else [])]
    yield "# each name stands for the variable of its enver"
    yield f"{_name(slot)} = CloneSet({', '.join(said)})"
    yield f"# and in Organisation(envers=[…]): {', '.join(f'{_name(slot)}[{name}]' for name in names)}"


def _branch(branch: str, slot: str) -> str:
    from odmd.model.naming import slug

    return f"Branch({_text(branch)})" if slug(branch) == slot else f"Branch({_text(branch)}, slot={_text(slot)})"


def _text(said: str) -> str:
    import json

    return json.dumps(said)


def _name(said: str) -> str:
    """A name that Python takes."""
    from keyword import iskeyword

    name = "".join(one if one.isalnum() else "_" for one in said)
    return f"_{name}" if not name.isidentifier() or iskeyword(name) else name
