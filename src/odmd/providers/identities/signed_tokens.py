"""Signed tokens (JWT) of one issuer, for one audience: what is not pinned here is no word of the token to choose."""

from __future__ import annotations

import base64
import binascii
import json
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, cast

from joserfc import jwt
from joserfc.errors import JoseError

from odmd.control.access.identities import NotProven
from odmd.providers.identities.issuer import Issuer

LEEWAY: Final = 60.0
"""Seconds by which clocks may disagree."""
_TYPES: Final = ("", "jwt")
"""Others are for other ends: access (RFC 9068), logout, requests."""
_LONGEST: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to be."""

    audience: str
    algorithms: Collection[str] = ("RS256",)
    oldest: float = math.inf
    """Seconds since it was issued."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token that is good says."""

    said: Mapping[str, object]
    until: float
    """From when on it is not good any more, whatever the clocks."""

    def text(self, name: str) -> str:
        """A claim that is a text, with something in it.

        Raises:
            NotProven: it is none.
        """
        if isinstance(found := self.said.get(name), str) and found:
            return found
        raise NotProven(f"claim {name} is missing")

    def facts(self) -> dict[str, frozenset[str]]:
        """Claims that are texts, numbers, or lists of texts."""
        found = {name: _texts(one) for name, one in self.said.items()}
        return {name: texts for name, texts in found.items() if texts}


class SignedTokens:
    """Reads those of one issuer."""

    def __init__(self, issuer: Issuer, expected: Expected, clock: Callable[[], float] = time.time) -> None:
        self.issuer, self.expected, self._clock = issuer, expected, clock

    def claims(self, text: str) -> TokenClaims:
        """Raises:
        NotProven: it is not signed by the issuer, not for this audience, or not now.
        """
        header = _header(text)
        algorithm, id, type_ = header.get("alg"), header.get("kid"), header.get("typ", "")
        if not isinstance(algorithm, str) or algorithm not in self.expected.algorithms:
            raise NotProven(f"it is signed with {algorithm!r}")
        if not isinstance(type_, str) or type_.lower() not in _TYPES or not (id is None or isinstance(id, str)):
            raise NotProven(f"it is a token of type {type_!r}, key {id!r}")
        key = self.issuer.key(id, algorithm)
        try:
            said = jwt.decode(text, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError, RecursionError) as wrong:
            raise NotProven(f"its signature is not that of its issuer: {type(wrong).__name__}") from None
        return self._checked(said)

    def _checked(self, said: Mapping[str, object]) -> TokenClaims:
        now = self._clock()
        if said.get("iss") != self.issuer.url:
            raise NotProven("it is of another issuer")
        self._for_us(said)
        issued, ends = _moment(said, "iat"), _moment(said, "exp")
        begins = _moment(said, "nbf") if "nbf" in said else issued
        if max(issued, begins) > now + LEEWAY:
            raise NotProven(f"it is good in {max(issued, begins) - now:.0f} s: do the clocks agree?")
        until = min(ends, issued + self.expected.oldest) + LEEWAY
        if now >= until:
            raise NotProven(f"it was good until {now - until:.0f} s ago: do the clocks agree?")
        return TokenClaims(said, until)

    def _for_us(self, said: Mapping[str, object]) -> None:
        """A token for several says for whom it was made."""
        given = said.get("aud")
        audiences = cast("list[object]", given) if isinstance(given, list) else [given]
        usual = None if len(audiences) > 1 else self.expected.audience
        made_for = said.get("azp", usual)
        if self.expected.audience not in audiences or made_for != self.expected.audience:
            raise NotProven("it is for another audience")
        if "events" in said:
            raise NotProven("it tells events, and is no sign-in")


def _header(text: str) -> Mapping[str, object]:
    if len(text) > _LONGEST or not text.isascii() or text.count(".") != 2:
        raise NotProven("it is no signed token")
    part = text.partition(".")[0]
    try:
        said: object = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise NotProven("it is no signed token") from None
    if not isinstance(said, dict):
        raise NotProven("it is no signed token")
    return cast("Mapping[str, object]", said)


def _moment(said: Mapping[str, object], name: str) -> float:
    found = said.get(name)
    if isinstance(found, (int, float)) and 0 < found < 1e11:
        return float(found)
    raise NotProven(f"claim {name} is no time")


def _texts(one: object) -> frozenset[str]:
    if isinstance(one, bool):
        return frozenset([str(one).lower()])
    if isinstance(one, (str, int)):
        return frozenset([str(one)])
    if isinstance(one, list):
        return frozenset(text for text in cast("list[object]", one) if isinstance(text, str))
    return frozenset()
