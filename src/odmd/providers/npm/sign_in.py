"""Who signs in to a registry of npm: as at a package index, or as an npmrc file says it."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from odmd.errors import FileUnfit, SettingsInvalid
from odmd.foreign import read_text
from odmd.providers.packages.credentials import TOKENS_NAME, may_be_told, sign_in

_LINE: Final = re.compile(r"\s*//([^\s=]+?)/?:(_authToken|_auth)\s*=\s*(\S+)\s*")
_VARIABLE: Final = re.compile(r"\$\{([^}]+)\}")


class _ToldRight(httpx.Auth):
    """A right as it stands in the header."""

    def __init__(self, said: str) -> None:
        self._said = said

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = self._said
        yield request


def sign_in_to_registry(url: str) -> httpx.Auth | tuple[str, str] | None:
    """A token, or user and password; None where nobody says them.

    Raises:
        SettingsInvalid: a file that says it cannot be read; no word of what it holds.
    """
    if not may_be_told(url):
        return None
    if (found := sign_in(url)) is not None:
        return _ToldRight(f"Bearer {found[1]}") if found[0] == TOKENS_NAME else found
    parts = urlsplit(url)
    at = f"{parts.netloc.rpartition('@')[2]}{parts.path}/"
    of_all = [(where, said) for where, said in _rights() if at.startswith(f"{where}/")]
    return _ToldRight(max(of_all, key=lambda one: len(one[0]))[1]) if of_all else None


def _rights() -> Iterator[tuple[str, str]]:
    """(host and path, what is said there) of the user's npmrc file."""
    file = Path(os.environ.get("NPM_CONFIG_USERCONFIG") or Path.home() / ".npmrc")
    if not file.is_file():
        return
    try:
        lines = read_text(file, most=1_000_000).splitlines()
    except (OSError, ValueError, FileUnfit) as wrong:
        raise SettingsInvalid(f"{file} cannot be read as an npmrc file: {type(wrong).__name__}") from None
    for line in lines:
        if found := _LINE.fullmatch(line):
            said = _VARIABLE.sub(lambda name: os.environ.get(name[1], ""), found[3].strip("\"'"))
            yield found[1], f"{'Bearer' if found[2] == '_authToken' else 'Basic'} {said}"
