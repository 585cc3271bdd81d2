"""The token of a server that only this machine reaches: in a file of its user, where his own commands find it.

Its name is the address that the server listens at: who asks elsewhere, or by a name that may lead elsewhere, sends
nothing. It is another one at each start, so that what is left of a killed server is good for nothing.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from odmd.control.access.state_home import state_home
from odmd.private import private_file, private_folder

_LOOPBACK: Final = ("127.0.0.1", "::1")
_OTHERS: Final = 0o077


@contextmanager
def kept_token(host: str, port: int, text: str) -> Generator[Path]:
    """Its file, which is there while inside.

    Raises:
        OSError: it cannot be made, or its folder is not this user's alone.
    """
    file = private_folder(state_home("servers")) / _name(host, port)
    about = file.parent.stat()
    if about.st_uid != os.geteuid() or about.st_mode & _OTHERS:
        raise PermissionError(0, "the folder is not this user's alone", str(file.parent))
    new = private_file(file.with_suffix(f".{secrets.token_hex(4)}"))
    new.write_text(text)
    new.replace(file)  # whole at once
    try:
        yield file
    finally:
        with suppress(OSError):
            if file.read_text() == text:
                file.unlink()


def found_token(server: str) -> tuple[str, str] | None:
    """The address of a server of this machine and its token, where that is ours to read."""
    parts = urlsplit(server)
    if parts.scheme != "http" or not parts.hostname:
        return None
    for host in _LOOPBACK if parts.hostname.lower() == "localhost" else (parts.hostname,):
        with suppress(OSError, ValueError, RuntimeError):
            text = (state_home("servers") / _name(host, parts.port or 80)).read_text("ascii")
            return parts._replace(netloc=_netloc(host, parts.port or 80)).geturl(), text
    return None


def _name(host: str, port: int) -> str:
    """Raises:
    ValueError: it is no address.
    """
    return f"{str(ipaddress.ip_address(host)).replace(':', '-')}_{port}.token"


def _netloc(host: str, port: int) -> str:
    return f"{f'[{host}]' if ':' in host else host}:{port}"
