"""`odmd config`: private config, a layer at a time; and where each value of an enver comes from."""

from __future__ import annotations

import difflib
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.names import complete_enver
from odmd.cli.options import (
    Contracts,
    Json,
    Limit,
    Message,
    OfBuild,
    OfOrganisation,
    OfStage,
    Server,
    StateFolder,
)
from odmd.errors import ConfigLacking, ConfigRefused, ConfigUnreadable
from odmd.texts import first_of

if TYPE_CHECKING:
    from odmd.control.leading.config_desk import ConfigDesk
    from odmd.control.leading.config_views import ConfigChange, ConfigView, Edited, LayerView

config = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Show and edit private config: typed by the contracts, kept outside of them, in layers.",
)
_COLUMNS: Final = ("config", "field", "value", "from")

Whose = Annotated[
    str | None, typer.Argument(metavar="ENVER", help="Its own layer, e.g. orders@main.", autocompletion=complete_enver)
]
Lacking = Annotated[
    bool, typer.Option("--allow-lacking", help="Although envers lack afterwards what they have and need now.")
]
FromFile = Annotated[
    Path | None, typer.Option("--from-file", metavar="FILE", help="All that the layer is to say: YAML or JSON.")
]


@config.command("get")
def get(
    whose: Annotated[
        str | None,
        typer.Argument(metavar="ENVER", help="What it would be handed now.", autocompletion=complete_enver),
    ] = None,
    organisation: OfOrganisation = False,
    stage: OfStage = None,
    build: OfBuild = None,
    own: Annotated[bool, typer.Option("--own", help="Only what the enver's own layer says.")] = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show each value of an enver's config with the layer that says it; or what one layer says."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, write

    with errors_as(json=json), plane(server, state, contracts) as there:
        if whose is None or organisation or stage or build or own:
            newest = _newest(there.config, _layer(whose, stage, build, organisation=organisation))
            if json:
                print_json(newest)
            elif newest.text:
                write(newest.text)
            else:
                console().print(f"{newest.label} says nothing")
            return
        found = there.config.config_of(whose)
    if json:
        print_json(found)
    elif found:
        _show(found)
    else:
        console().print(f"{whose} has no config")


@config.command("set")
def set_values(
    arguments: Annotated[
        list[str],
        typer.Argument(metavar="[ENVER] CONFIG.FIELD=VALUE…", help="Whose layer, and the values: prices.latte=4.5."),
    ],
    organisation: OfOrganisation = False,
    stage: OfStage = None,
    build: OfBuild = None,
    message: Message = "",
    expect: Annotated[
        int | None, typer.Option("--expect", metavar="VERSION", help="Only if the layer is at this version.")
    ] = None,
    allow_lacking: Lacking = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Have a layer say some values; `CONFIG.FIELD-` has it say one no more."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as

    with errors_as(json=json):
        whose, values = _split(arguments)
        layer = _layer(whose, stage, build, organisation=organisation)
        changes = [_change(one) for one in values]
        with plane(server, state, contracts) as there:
            done = there.config.change_layer(layer, changes, expect, message, allow_lacking=allow_lacking)
    _said(done, json=json)


@config.command("edit")
def edit(
    whose: Whose = None,
    organisation: OfOrganisation = False,
    stage: OfStage = None,
    build: OfBuild = None,
    from_file: FromFile = None,
    message: Message = "",
    allow_lacking: Lacking = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Edit all that a layer says, in $EDITOR or from a file; what is hidden stays where `•••` stays."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as

    with errors_as(json=json):
        layer = _layer(whose, stage, build, organisation=organisation)
        with plane(server, state, contracts) as there:
            before = _newest(there.config, layer)
            text = _read(from_file) if from_file else _edited(before)
            done = there.config.write_layer(layer, text, before.version, message, allow_lacking=allow_lacking)
    _said(done, json=json)


@config.command("diff")
def diff(
    one: Annotated[str, typer.Argument(metavar="ENVER", autocompletion=complete_enver)],
    other: Annotated[str, typer.Argument(metavar="ENVER", autocompletion=complete_enver)],
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show where the config of two envers differs, and which layers say so."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state, contracts) as there:
        before, after = (_by_path(there.config.config_of(enver)) for enver in (one, other))
    paths = [path for path in {**before, **after} if before.get(path, _NONE)[0] != after.get(path, _NONE)[0]]
    if json:
        print_json([{"path": path, "before": before.get(path), "after": after.get(path)} for path in paths])
    elif paths:
        rows = [(path, *(" from ".join(side.get(path, ("–", "nobody"))) for side in (before, after))) for path in paths]
        show_rows(("field", one, other), rows)
    else:
        console().print("[green]✓[/] no difference")


@config.command("history")
def history(
    whose: Whose = None,
    organisation: OfOrganisation = False,
    stage: OfStage = None,
    build: OfBuild = None,
    limit: Limit = 20,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Show the versions of a layer: who said what, when and why."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import ago, console, errors_as, print_json, write

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = there.config.layer_history(_layer(whose, stage, build, organisation=organisation), limit + 1)
    if json:
        print_json(found[:limit])
        return
    if not found:
        console().print("nothing was said there yet")
    for n, one in enumerate(found[:limit]):
        before = found[n + 1].text if n + 1 < len(found) else ""
        why = f": {one.why}" if one.why else ""
        console().print(f"{_version(one)}, {ago(one.at)}, by {one.by}{why}", markup=False)
        if one.unreadable:
            console().print(f"    {one.unreadable}", markup=False)
        lines = list(difflib.unified_diff(before.splitlines(), one.text.splitlines(), lineterm="", n=0))[2:]
        write("".join(f"    {line}\n" for line in lines if not line.startswith("@@")))


@config.command("copy")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Whose own layer.", autocompletion=complete_enver)],
    to: Annotated[str, typer.Argument(metavar="TO", help="Into whose.", autocompletion=complete_enver)],
    message: Message = "",
    allow_lacking: Lacking = False,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Have an enver's own layer say what another one's says; what is hidden is not copied, and has to be said."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import errors_as

    with errors_as(json=json), plane(server, state, contracts) as there:
        text, before = _newest(there.config, f"enver:{source}").text, _newest(there.config, f"enver:{to}")
        why = message or f"as {source} has it"
        done = there.config.write_layer(f"enver:{to}", text, before.version, why, allow_lacking=allow_lacking)
    _said(done, json=json)


@config.command("list")
def list_layers(
    contracts: Contracts = None, state: StateFolder = None, server: Server = None, json: Json = False
) -> None:
    """Show the layers that say something."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import ago, console, errors_as, print_json, show_rows

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = there.config.layers()
    if json:
        print_json(found)
    elif found:
        rows = [(one.label, one.revision or str(one.version), ago(one.at), one.by, one.why or "–") for one in found]
        show_rows(("layer", "version", "since", "by", "why"), rows)
    else:
        console().print("no layer says anything")


@config.command("check")
def check(
    whose: Annotated[
        str | None, typer.Argument(metavar="ENVER", help="Only this one.", autocompletion=complete_enver)
    ] = None,
    contracts: Contracts = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Say all that keeps envers from having their config."""
    from odmd.bootstrap.plane import plane
    from odmd.cli.output import console, errors_as, print_json

    with errors_as(json=json), plane(server, state, contracts) as there:
        found = there.config.config_problems(whose or "")
        if json:
            print_json(found)
        elif found:
            raise ConfigLacking("\n".join(found), next_step="`odmd config set ENVER CONFIG.FIELD=VALUE`")
        else:
            console().print("[green]✓[/] every config is there, and of its type")
    if found:
        raise typer.Exit(1)


@config.command("rotate-key")
def rotate(
    to: Annotated[
        str, typer.Option("--to", metavar="KEY", help="file, or kms: and the ARN of a key; else as it is now.")
    ] = "",
    state: StateFolder = None,
    json: Json = False,
) -> None:
    """Put another key in the place of the one that seals config here; an old file stays beside it, for backups."""
    from odmd.bootstrap.keys import rotate_key_of
    from odmd.bootstrap.settings import read_settings
    from odmd.cli.output import console, errors_as, next_step, print_json

    with errors_as(json=json):
        done = rotate_key_of(read_settings(state=state), to)
    if json:
        print_json({"key": done})
    else:
        console().print(f"[green]✓[/] sealed by {done} from now on")
        if done != (said := os.environ.get("ODMD_KEY", "")) and (done.startswith("kms:") or said):
            wanted = f"set ODMD_KEY={done}" if done.startswith("kms:") else "unset ODMD_KEY"
            console().print(next_step(f"{wanted} wherever odmd runs"), soft_wrap=True)


_NONE: Final = ("", "")


def _version(one: LayerView) -> str:
    return one.revision or f"version {one.version}"


def _layer(whose: str | None, stage: str | None, build: str | None, *, organisation: bool) -> str:
    from odmd.control.config.layers import named_layers

    named = [*map(str, named_layers(stage, build, organisation=organisation)), *([f"enver:{whose}"] if whose else [])]
    if len(named) != 1:
        raise ConfigRefused(
            f"{' and '.join(named)} are more than one layer" if named else "no layer is named",
            next_step="name one: ENVER, --build BUILD, --stage STAGE or --organisation",
        )
    return named[0]


def _newest(desk: ConfigDesk, layer: str) -> LayerView:
    from odmd.control.leading.config_views import nothing_said

    return next(iter(desk.layer_history(layer, 1)), nothing_said(layer))


def _split(arguments: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    first, rest = arguments[0], arguments[1:]
    return (None, arguments) if "=" in first or first.endswith("-") else (first, rest)


def _change(argument: str) -> ConfigChange:
    from odmd.control.leading.config_views import ConfigChange

    path, says, text = argument.partition("=")
    if says:
        return ConfigChange(path, text)
    if argument.endswith("-"):
        return ConfigChange(argument[:-1], None)
    raise ConfigRefused(f"{argument} says no value", next_step="write CONFIG.FIELD=VALUE, or CONFIG.FIELD- for none")


def _read(file: Path) -> str:
    from odmd.foreign import read_bytes

    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else read_bytes(file)).decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise ConfigUnreadable(f"{file} is no UTF-8: byte {wrong.start}", next_step="save it as UTF-8") from wrong


def _edited(before: LayerView) -> str:
    """What somebody makes of it in an editor; the file that he edits is his alone, and goes."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise ConfigRefused("no editor is known", next_step="set EDITOR, or give --from-file FILE")
    with tempfile.TemporaryDirectory(prefix="odmd-") as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(before.text or f"# {before.label} says nothing yet\nconfig: {{}}\n", encoding="utf-8")
        subprocess.run([*shlex.split(editor), str(file)], check=True)  # noqa: S603  # his own editor
        return _read(file)


def _said(done: Edited, *, json: bool) -> None:
    from odmd.cli.output import console, print_json

    if json:
        print_json(done)
        return
    if not done.paths:
        console().print(f"{done.layer.label} says that already")
        return
    console().print(f"[green]✓[/] {done.layer.label} is at version {done.layer.version}: {', '.join(done.paths)}")
    if done.concerns:
        console().print(f"it concerns {first_of(done.concerns, 5)}; `odmd plan` shows what that means")
    for one in done.lacking:
        console().print(f"[yellow]![/] {one}")


def _show(found: Sequence[ConfigView]) -> None:
    from odmd.cli.output import console, show_rows
    from odmd.control.leading.config_views import spelled

    rows = [(one.name, said.path, spelled(said.value), said.layer) for one in found for said in one.values]
    rows += [(one.name, "–", "as its type says", "–") for one in found if not one.values]
    show_rows(_COLUMNS, rows)
    for one in found:
        if one.parameter:
            console().print(f"{one.name} is read live, at {one.parameter}", soft_wrap=True)
    for problem in (problem for one in found for problem in one.problems):
        console().print(f"[yellow]![/] {problem}")


def _by_path(found: Sequence[ConfigView]) -> dict[str, tuple[str, str]]:
    from odmd.control.leading.config_views import spelled

    return {f"{one.name}.{said.path}": (spelled(said.value), said.layer) for one in found for said in one.values}
