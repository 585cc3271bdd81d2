"""`odmd token`: who may do what at the server, until when."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Protocol

import typer

from odmd.cli.options import Json, Server, StateFolder
from odmd.control.access.tokens import NewToken, Scope, Token

if TYPE_CHECKING:
    from odmd.store.tokens import SqlTokens

token = typer.Typer(no_args_is_help=True, help="Make, list and revoke the tokens that a server takes.")
_COLUMNS: Final = ("token", "name", "scope", "teams", "state", "expires", "made by", "used")


@token.command("create")
def create(
    name: Annotated[str, typer.Option(help="Who acts with it: every change says so.")],
    scope: Annotated[
        Scope,
        typer.Option(help="`write` includes `read` and `run` (carrying out runs), `admin` all."),
    ] = Scope.READ,
    expires: Annotated[
        str, typer.Option(metavar="WHEN", help="`30d`, `12h`, or a time such as 2030-01-31T18:00.")
    ] = "30d",
    run: Annotated[int | None, typer.Option(min=1, help="Good for carrying out this run, and nothing else.")] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="TEAM", help="A team for which it approves; may be given several times.")
    ] = None,
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Make a token; its text is shown this once."""
    from odmd.cli.output import console, errors_as, print_json, write
    from odmd.cli.pause import moment

    until = moment(expires)
    with errors_as(json=json), _tokens(server, state) as tokens:
        made = tokens.create_token(name, scope, until, run, tuple(team or ()))
    if json:
        print_json(made)
        return
    write(f"{made.text}\n")
    console(stderr=True).print(f"good for {made.token.scope.value} until {_day(made.token.expires)}; shown this once")


@token.command("list")
def list_tokens(state: StateFolder = None, server: Server = None, json: Json = False) -> None:
    """Show all tokens, revoked and expired ones included; their texts are nowhere."""
    from odmd.cli.output import console, errors_as, print_json, show_rows

    with errors_as(json=json), _tokens(server, state) as tokens:
        found = tokens.tokens()
    if json:
        print_json(found)
    elif found:
        show_rows(_COLUMNS, [_row(one) for one in found])
    else:
        console().print("there are no tokens")


@token.command("revoke")
def revoke(
    id: Annotated[str, typer.Argument(metavar="TOKEN", help="Its id, as `odmd token list` shows it.")],
    state: StateFolder = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """End a token at once."""
    from odmd.cli.output import console, errors_as, print_json

    with errors_as(json=json), _tokens(server, state) as tokens:
        tokens.revoke_token(id)
    if json:
        print_json({"revoked": id})
    else:
        console().print(f"[green]✓[/] token {id} is good for nothing any more")


class _Tokens(Protocol):
    """Where tokens are made: here, or at a server."""

    def create_token(
        self, name: str, scope: Scope, expires: float, run: int | None, teams: tuple[str, ...]
    ) -> NewToken: ...

    def tokens(self) -> Sequence[Token]: ...

    def revoke_token(self, id: str) -> None: ...


@contextmanager
def _tokens(server: str | None, state: Path | None) -> Generator[_Tokens]:
    if server is not None:
        from odmd.client import Client

        with Client(server) as client:
            yield client
        return
    from odmd.bootstrap.planning import database
    from odmd.bootstrap.settings import read_settings
    from odmd.store.tokens import SqlTokens

    kept = SqlTokens(database(read_settings(state=state)))
    try:
        yield _Here(kept)
    finally:
        kept.close()


class _Here:
    """The tokens of a state folder."""

    def __init__(self, kept: SqlTokens) -> None:
        self._kept = kept

    def create_token(
        self, name: str, scope: Scope, expires: float, run: int | None, teams: tuple[str, ...]
    ) -> NewToken:
        from odmd.cli.act import who
        from odmd.control.access.tokens import make_token

        return make_token(self._kept, name, scope, who(), time.time(), expires, run, teams)

    def tokens(self) -> Sequence[Token]:
        found, after = list[Token](), ""
        while page := self._kept.all(after=after):
            found += page
            after = page[-1].id
        return found

    def revoke_token(self, id: str) -> None:
        from odmd.errors import TokenUnknown

        if not self._kept.revoke(id, time.time()):
            raise TokenUnknown(f"there is no token {id}", next_step="`odmd token list` lists them")


def _row(one: Token) -> tuple[str, ...]:
    from odmd.cli.output import ago

    state = "revoked" if one.revoked else "good" if one.is_good(time.time()) else "expired"
    teams, used = ", ".join(one.teams) or "–", ago(one.used) if one.used else "–"
    return (one.id, one.name, one.scope.value, teams, state, _day(one.expires), one.by, used)


def _day(at: float) -> str:
    from odmd.plan.words import clock

    return clock(at)
