"""The group of all commands: who types one waits for the import of that one alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from odmd.cli.commands import COMMANDS


class Lazily(TyperGroup):
    """Lists commands as they are told of, carries out what is imported, and says in plain words what is wrong."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.commands.update({name: TyperCommand(name, short_help=one.about) for name, one in COMMANDS.items()})
        _understand_plainly(self)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, told, rest = super().resolve_command(ctx, args)
        return name, told if name is None else imported(name), rest

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as wrong:
            found: Callable[[], Sequence[Any]] | None = getattr(wrong.__cause__, "errors", None)
            if found is not None:  # pydantic's
                from odmd.plain import plain

                wrong.message = plain(found()[0])
            raise


def imported(name: str) -> TyperCommand | TyperGroup:
    """A command with its options, or a group of commands."""
    found: Callable[..., None] | typer.Typer = getattr(
        import_module(f"odmd.cli.{COMMANDS[name].module}"), name.replace("-", "_")
    )
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(rich_markup_mode=None, add_completion=False)
        alone.command(name)(found)
        found = alone
    made: Any = get_command(found)
    for command in (made, *getattr(made, "commands", {}).values()):
        command.short_help = command.help  # else a list of commands would cut it
        _understand_plainly(command)
    return made


def _understand_plainly(command: Any) -> None:
    """Typer asks pydantic even what to make of nothing, and of a text where a text is wanted; importing it takes longer
    than most commands."""
    parameters_of = command.get_params

    def parameters(ctx: Any) -> Any:
        found = parameters_of(ctx)
        for one in found:
            by_typer = getattr(one, "get_runtime_param", None)
            if by_typer is not None and one.nargs == 1 and not one.multiple and "get_runtime_param" not in vars(one):
                one.get_runtime_param = _Plainly(by_typer).itself
        return found

    command.get_params = parameters


class _Plainly:
    """Takes what is of its type already, and leaves anything else to Typer."""

    def __init__(self, by_typer: Callable[[], Any]) -> None:
        self._by_typer = by_typer

    def itself(self) -> _Plainly:
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None or type(value) is param.type_descriptor.annotation:
            return value
        return self._by_typer().coerce(value, param=param, ctx=ctx)
