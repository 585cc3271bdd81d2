"""Kinds whose values are URLs."""

from __future__ import annotations

from typing import ClassVar, Final

from odmd.model.kinds.base import TextKind, cut

_AUTHORITY: Final = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(:[0-9]{1,5})?"
_PORTS: Final = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


class UrlKind(TextKind):
    """A kind whose value is a URL. It has no user and password in it: what opens doors belongs into a secret."""

    schemes: ClassVar[str] = "https?"
    """Pattern of the schemes."""
    pattern: ClassVar[str] = rf"https?://{_AUTHORITY}([/?#]\S*)?"
    looks_like: ClassVar[str] = "a URL like https://example.com/v1"

    def __init_subclass__(cls) -> None:
        if "schemes" in cls.__dict__:
            cls.pattern = rf"({cls.schemes})://{_AUTHORITY}([/?#]\S*)?"
        super().__init_subclass__()

    def identity(self) -> str:
        """Case of scheme and host, the scheme's own port and an empty path make no difference."""
        scheme, authority, rest = self._parts()
        scheme = scheme.lower()
        host, _, port = authority.lower().rpartition(":")
        if host and port == _PORTS.get(scheme):
            authority = host
        return f"{scheme}://{authority.lower()}{rest if rest.startswith('/') else f'/{rest}'}"

    def short(self) -> str:
        """Without query, which may carry a signature."""
        scheme, authority, rest = self._parts()
        return cut(f"{scheme}://{authority}{rest.partition('?')[0].partition('#')[0]}")

    def _parts(self) -> tuple[str, str, str]:
        """Scheme, authority and the rest."""
        scheme, _, after = self.value.partition("://")
        end = min((at for at in map(after.find, "/?#") if at >= 0), default=len(after))
        return scheme, after[:end], after[end:]
