"""Where a state is kept: in a file, or in a Postgres database by its URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

SCHEMES: Final = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A Postgres database; nothing that it shows of itself holds the password.

    Raises:
        ValueError: the text is no `postgresql://` URL that names a database. It does not repeat the text.
    """

    url: str = field(repr=False)
    """With the password, for those who connect."""
    shown: str = field(init=False, compare=False)
    """User, host, port and database; no password, and no parameters, where one may stand too."""

    def __post_init__(self) -> None:
        scheme, found, rest = self.url.partition("://")
        if not found or scheme not in SCHEMES:
            raise ValueError("it does not begin with postgresql://")
        parts = urlsplit(f"{SCHEMES[0]}://{rest}")
        if not parts.path.strip("/"):
            raise ValueError("it names no database, as in postgresql://USER:PASSWORD@HOST/DATABASE")
        user, at, place = parts.netloc.rpartition("@")
        object.__setattr__(self, "url", f"{SCHEMES[0]}://{rest}")
        object.__setattr__(self, "shown", f"{SCHEMES[0]}://{user.partition(':')[0]}{at}{place}{parts.path}")

    def __str__(self) -> str:
        return self.shown

    def without_password(self, text: str) -> str:
        """A text of somebody else's, in which the password may stand."""
        said = urlsplit(self.url).password
        for secret in {said, unquote(said)} if said else ():
            text = text.replace(secret, "***")
        return text


Where = Path | Postgres
"""A SQLite file, or a Postgres database."""
