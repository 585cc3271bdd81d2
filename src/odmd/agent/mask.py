"""Takes secrets out of what is said, before anybody reads or keeps it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

HIDDEN: Final = "***"
_SECRET_NAME: Final = re.compile(
    r"SECRET|TOKEN|PASSW(OR)?D|PASSPHRASE|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY$", re.IGNORECASE
)
_SHORTEST: Final = 8
"""Shorter ones are words that are said for other reasons too."""
_FORMS: Final = re.compile(
    r"(?P<head>(?i:\b(?:bearer|basic)\s+))\S+|(?P<user>://[^\s/:@]*:)[^\s/@]+(?=@)"
    r"|\bodmd_[0-9a-f]{12}_[\w-]{43}|\bgh[opsur]_\w{20,}|\bgithub_pat_\w{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)


class Mask:
    """Hides the secrets of an environment wherever they stand, and what has the form of one."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        secrets = {text for found in environment.items() for text in _secrets(*found) if len(text) >= _SHORTEST}
        known = sorted(map(re.escape, secrets), key=len, reverse=True)
        self._known = re.compile("|".join(known)) if known else None

    def __call__(self, text: str) -> str:
        text = self._known.sub(HIDDEN, text) if self._known else text
        return _FORMS.sub(lambda found: (found["head"] or found["user"] or "") + HIDDEN, text)


def _secrets(name: str, text: str) -> Iterable[str]:
    if _SECRET_NAME.search(name):
        yield text.strip()
    if "://" in text:
        try:
            password = urlsplit(text).password
        except ValueError:
            return
        yield from {password, unquote(password)} if password else ()
