"""`odmd login`, `odmd logout`, `odmd whoami`: who you are to a server."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from odmd.cli.options import Json, Server
from odmd.errors import IdentityUnknown, SettingsInvalid, SignInFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from odmd.client.client import KnownByServer
    from odmd.control.access.identities import IdentityTold


def login(
    identity: Annotated[
        str | None, typer.Argument(help="By which of the server's identities; needed where it has several.")
    ] = None,
    device: Annotated[
        bool, typer.Option("--device", help="Sign in with a browser on another device: a code is shown to type there.")
    ] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A service account's token; else /var/run/secrets/odmd/token."),
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What the server is called in what is signed for it, if not by its address."),
    ] = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Prove to a server who you are, and get a session there, which your commands find until it is over."""
    from odmd.cli.output import console, errors_as, print_json
    from odmd.client import Client
    from odmd.client.proving import POD_TOKEN, Means, proof_for
    from odmd.control.access.addresses import host_of_url, is_safe
    from odmd.control.access.kept_session import keep_session

    with errors_as(json=json):
        url = server_or_refuse(server)
        if not is_safe(url):
            raise SignInFailed(f"{url} is neither https nor on this machine", next_step="proofs are sent to no other")
        say = partial(
            console(stderr=True).print, soft_wrap=True, markup=False, highlight=False
        )  # to be copied as it is
        means = Means(
            host_of_url(url), say, audience or "", on_another_device=device, token_file=token_file or POD_TOKEN
        )
        with Client(url, token="") as client:
            told = _meant(client.identities(), identity)
            made = client.sign_in(told.name, proof_for(told, means))
        try:
            keep_session(url, made.text, made.token.expires)
        except (OSError, RuntimeError, ValueError) as wrong:
            raise SignInFailed(f"the session cannot be kept: {wrong}", next_step="set XDG_STATE_HOME") from None
        with Client(url, made.text) as client:
            known = client.whoami()
    if json:
        print_json(known)
    else:
        console().print(f"[green]✓[/] {_said(known)}", soft_wrap=True)


def logout(server: Server = None, json: Json = False) -> None:
    """End your session at a server at once."""
    from odmd.cli.output import console, errors_as, print_json
    from odmd.client import Client
    from odmd.control.access.kept_session import forget_session, kept_session
    from odmd.control.access.tokens import id_of
    from odmd.errors import NotSignedIn

    with errors_as(json=json):
        url = server_or_refuse(server)
        text = kept_session(url, time.time())
        ended = id_of(text)
        if ended:
            try:
                with Client(url, text) as client:
                    client.end_session(ended)
            except NotSignedIn:
                ended = ""  # somebody ended it before
        forget_session(url)
    if json:
        print_json({"ended": ended or None})
    else:
        console().print("[green]✓[/] the session is over" if ended else "there was no session")


def whoami(server: Server = None, json: Json = False) -> None:
    """Say who you are to a server, how it knows, and how much you may do."""
    from odmd.cli.output import console, errors_as, print_json
    from odmd.client import Client

    with errors_as(json=json), Client(server_or_refuse(server)) as client:
        known = client.whoami()
    if json:
        print_json(known)
    else:
        console().print(_said(known))


def server_or_refuse(said: str | None) -> str:
    """Which server is meant.

    Raises:
        SettingsInvalid: nothing says it.
    """
    if said is None:
        raise SettingsInvalid("nothing says which server", next_step="give --server URL, or set ODMD_SERVER")
    return said


def _meant(found: Sequence[IdentityTold], name: str | None) -> IdentityTold:
    """Raises:
    IdentityUnknown
    """
    named = [one for one in found if name in (None, one.name)]
    if len(named) == 1:
        return named[0]
    if not found:
        raise IdentityUnknown(
            "the server knows nobody but by tokens",
            next_step="ask whoever runs it for one, or for [tool.odmd.identities] in its settings",
        )
    listed = ", ".join(f"{one.name} ({one.type})" for one in found)
    fact = f"the server has no identities {name}" if name else "the server has several identities"
    raise IdentityUnknown(fact, next_step=f"name one of {listed}")


def _said(known: KnownByServer) -> str:
    from odmd.plan.words import clock

    teams = f", answers for {', '.join(known.teams)}" if known.teams else ""
    until = f", until {clock(known.expires)}" if known.expires else ""
    return f"{known.name}: {known.proof}; may {known.scope.value}{teams}{until}"
