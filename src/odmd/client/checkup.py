"""Looks at a server: is it there, of this release, does it lead, does it take the token, and what time is it there?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from email.utils import parsedate_to_datetime
from typing import Final

from odmd import __version__
from odmd.client.client import Client
from odmd.client.connection import Connection
from odmd.control.reading.checks import Check, Found, check

_SKEW_SECONDS: Final = 30.0


def check_server(server: str) -> Iterator[Check]:
    """Each as soon as it is known."""
    yield (there := check("server", lambda: _answers(server)))
    if there.state == "wrong":
        return
    yield check("leader", lambda: _leads(server))
    yield check("token", lambda: _lets_in(server))


def _answers(server: str) -> Found:
    with closing(Connection(server)) as connection:
        answer = connection.ask("/healthz")
    if "date" in answer.headers:
        skew = abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time())
        if skew > _SKEW_SECONDS:
            return Found(f"its clock and this one differ by {skew:.0f} s", "wrong", "set both by NTP")
    release = str(answer.json()["version"])
    if release != __version__:
        return Found(f"{server} has odmd {release}, and here is {__version__}", "note", "use the same release")
    return Found(f"{server} answers, odmd {release}")


def _leads(server: str) -> Found:
    with closing(Connection(server)) as connection:
        ready = connection.ask("/readyz").is_success
    if ready:
        return Found("it leads")
    return Found("it does not lead now", "note", "another server does, or its log says why nobody does")


def _lets_in(server: str) -> Found:
    with Client(server) as client:
        client.pauses()
    return Found("it may read")
