"""`odmd secret`: where the secrets are that envers need, and how they stand there; never what they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import Contracts, Json, Message, OfBuild, OfOrganisation, OfStage, Server, StateFolder

if TYPE_CHECKING:
    from odmd.cli.moved import MovedConfig
    from odmd.control.config.layers import Layer
    from odmd.control.leading.secret_desk import Bound, SecretView

secret = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Say where the secrets are that envers need, and see how they stand there. Their texts are never shown.",
)
_COLUMNS: Final = ("enver", "secret", "where", "from", "version", "rotated", "is")
_REFUSED: Final = 1

Why = Annotated[str, typer.Option("--why", hidden=True, help="What --message was called before.")]
Envers = Annotated[
    list[str] | None, typer.Argument(metavar="[ENVER]...", help="Nothing: all of them.", autocompletion=complete_enver)
]


@secret.command("bind")
def bind(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[ENVER] NAME REFERENCE",
            help="Of one enver, or of a layer by its option: what the contract calls the secret, and where it is "
            "(secretsmanager:NAME, ssm:/PATH, an ARN, github:…, op://…, vault://…).",
        ),
    ],
    organisation: OfOrganisation = False,
    stage: OfStage = None,
    build: OfBuild = None,
    message: Message = "",
    why: Why = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say where a secret is. Nothing is deployed: the next plan shows whom it moves."""
    layer, (name, reference) = _of(words, organisation, stage, build, "NAME REFERENCE")
    if not reference:
        raise typer.BadParameter("an empty reference binds nothing: `odmd secret unbind` takes a binding back")
    _tell(layer, name, reference, message or why, (contracts, state, server), json=json)


@secret.command("unbind")
def unbind(
    words: Annotated[list[str], typer.Argument(metavar="[ENVER] NAME", help="As for `odmd secret bind`.")],
    organisation: OfOrganisation = False,
    stage: OfStage = None,
    build: OfBuild = None,
    message: Message = "",
    why: Why = "",
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Take back what a layer says of a secret: what more general ones say counts again."""
    layer, (name,) = _of(words, organisation, stage, build, "NAME")
    _tell(layer, name, "", message or why, (contracts, state, server), json=json)


@secret.command("list")
def list_secrets(
    envers: Envers = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show which secrets envers need, where each is, and which layer says so. No store is asked."""
    _show(envers, (contracts, state, server), look=False, json=json)


@secret.command("check")
def check(
    envers: Envers = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Ask the stores: whether each secret is there, in which version, since when. Exit code 1 where one is not."""
    if any(one.code for one in _show(envers, (contracts, state, server), look=True, json=json)):
        raise typer.Exit(_REFUSED)


@secret.command("rotate-seen")
def rotate_seen(
    envers: Envers = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Look at versions again, and plan the consumers that must restart: no new commit is looked for, nothing moves."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.moved import in_words, moved_config
    from odmd.cli.output import console, errors_as, print_json
    from odmd.cli.plan_text import show_plan
    from odmd.plan.build import Limited
    from odmd.plan.data import as_data

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = there.secrets.secrets(envers or (), look=False)
        targets = tuple(dict.fromkeys(one.enver for one in found if one.restarts))
        plan = there.plan(Limited(targets), refresh=False, look=False) if targets else None
        config: MovedConfig = moved_config(there, plan) if plan else {}
    if json:
        print_json({"digest": plan.digest(), "plan": as_data(plan)} if plan else {"digest": None, "plan": None})
    elif plan is None:
        console().print("nobody here restarts for a secret: no contract says needed(…, restarts=True)")
    else:
        show_plan(plan, values=in_words(config))


def _of(
    words: Sequence[str], organisation: bool, stage: str | None, build: str | None, wanted: str
) -> tuple[Layer, Sequence[str]]:
    """The layer that is meant, and the words that are left."""
    from odmd.control.config.layers import Layer, LayerKind, named_layers
    from odmd.model import naming

    count, named = len(wanted.split()), named_layers(stage, build, organisation=organisation)
    if len(named) > 1 or len(words) - count != (not named):
        one = "ENVER, --organisation, --stage STAGE or --build BUILD"
        raise typer.BadParameter(f"say one of {one}, and {wanted}")  # the words are not repeated: one may be a secret
    layer = named[0] if named else Layer(LayerKind.ENVER, naming.enver_address(words[0]))
    return layer, words[-count:]


_Where = tuple[str | None, Path | None, str | None]


def _tell(layer: Layer, name: str, reference: str, why: str, where: _Where, *, json: bool) -> None:
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json

    contracts, state, server = where
    with errors_as(json=json), plane(server, state, contracts) as there:
        made = there.secrets.bind(layer, name, reference, why)
    if json:
        print_json(made)
    else:
        console().print(_said(made), highlight=False)


def _said(made: Bound) -> str:
    from rich.markup import escape

    from odmd.model import naming

    whom = ", ".join(map(naming.enver_label, made.envers)) or "nobody"
    what = f"{made.name} is at {made.reference}" if made.reference else f"{made.name} is not said any more"
    return f"[green]✓[/] {escape(made.layer)}: {escape(what)} (for {escape(whom)}); `odmd plan` shows what moves"


def _show(envers: Sequence[str] | None, where: _Where, *, look: bool, json: bool) -> Sequence[SecretView]:
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, next_step, print_json, show_rows

    contracts, state, server = where
    with errors_as(json=json), plane(server, state, contracts) as there:
        found = there.secrets.secrets(envers or (), look=look)
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS if look else _COLUMNS[:4], [_row(one, look=look) for one in found])
        for step in dict.fromkeys(one.next_step for one in found if one.code and one.next_step):
            console().print(next_step(step), soft_wrap=True)
    else:
        console().print("no secret is needed")
    return found


def _row(one: SecretView, *, look: bool) -> tuple[str, ...]:
    from odmd.cli.output import ago

    name = f"{one.name} (restarts)" if one.restarts else one.name
    bound = one.enver, name, one.reference or "nowhere", one.layer or "–"
    if not look:
        return bound
    rotated = ago(one.rotated_at) if one.rotated_at else "–"
    return (*bound, one.version[:12] or "–", rotated, f"{one.code} {one.why}" if one.code else one.standing)
