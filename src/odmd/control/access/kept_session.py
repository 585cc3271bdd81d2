"""The session of a user at a server, in a file of his, where his commands find it by the server's address."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

from odmd.control.access.state_home import state_home
from odmd.private import private_file, private_folder

_LONGEST_NAME = 200


def keep_session(server: str, text: str, expires: float) -> Path:
    """In place of an earlier one.

    Raises:
        OSError: it cannot be kept.
        RuntimeError: nobody knows where the user is at home.
        ValueError: it is no address.
    """
    file = _file(server)
    private_folder(file.parent)
    new = private_file(file.with_suffix(f".{secrets.token_hex(4)}"))
    new.write_text(json.dumps({"token": text, "expires": expires}))
    return new.replace(file)  # whole at once


def kept_session(server: str, now: float) -> str:
    """Its text; empty where there is none that is good by now."""
    with suppress(OSError, ValueError, RuntimeError):
        said: object = json.loads(_file(server).read_text("ascii"))
        found = cast("dict[str, object]", said) if isinstance(said, dict) else {}
        text, expires = found.get("token"), found.get("expires")
        if isinstance(text, str) and isinstance(expires, (int, float)) and now < expires:
            return text
    return ""


def forget_session(server: str) -> None:
    """It is kept no more."""
    with suppress(OSError, ValueError, RuntimeError):
        _file(server).unlink()


def _file(server: str) -> Path:
    parts = urlsplit(server)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    name = quote(f"{parts.scheme}_{parts.hostname}_{port}{parts.path.rstrip('/')}", safe="")
    if len(name) > _LONGEST_NAME:
        raise ValueError("the address is too long for the name of a file")
    return state_home("sessions") / f"{name}.json"
