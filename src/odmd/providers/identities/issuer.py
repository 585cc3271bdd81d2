"""An issuer of signed tokens: its keys, found by its discovery document, looked up again as it rotates them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol, cast

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from odmd.control.access.identities import NotProven

Key = RSAKey | ECKey | OKPKey

_KEPT: Final = 900.0
"""Seconds after which keys are looked up again: one that was withdrawn is good for no longer."""
_AGAIN: Final = 10.0
"""Seconds after which they are looked up once more because of a key that is not among them."""
_MOST_KEYS: Final = 64
_FAMILIES: Final[Mapping[str, tuple[type[Key], str]]] = {
    "RS": (RSAKey, "RSA"),
    "PS": (RSAKey, "RSA"),
    "ES": (ECKey, "EC"),
    "Ed": (OKPKey, "OKP"),
}
_SMALLEST_RSA: Final = 2048
_BITS: Final = 6
"""Of a character of a key."""
_CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class Asks(Protocol):
    """What is needed of the web here."""

    def json(self, url: str) -> Mapping[str, object]:
        """Raises:
        NotProven
        """
        ...


class Issuer:
    """Safe from many threads. Nothing is asked before the first token comes."""

    def __init__(self, url: str, web: Asks, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._web, self._clock = web, clock
        self._lock = threading.Lock()
        self._keys: list[Mapping[str, object]] = []
        self._read = self._tried = float("-inf")

    def key(self, id: str | None, algorithm: str) -> Key:
        """The key that signs with this algorithm under this id; without one, the only key there is for it.

        Raises:
            NotProven: there is none, or nobody can say.
        """
        with self._lock:
            now = self._clock()
            if now - self._read > _KEPT:
                self._keys = []
            found = list(self._fitting(id, algorithm))
            if not found and now - self._tried > _AGAIN:
                self._tried = now
                self._keys, self._read = self._looked_up(), now
                found = list(self._fitting(id, algorithm))
        if len(found) != 1:
            raise NotProven(f"{self.url} has {len(found)} keys {id!r} for {algorithm}")
        return found[0]

    def _looked_up(self) -> list[Mapping[str, object]]:
        said = self._web.json(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != self.url:
            raise NotProven(f"{self.url} says that it is another issuer")
        keys = self._web.json(str(said.get("jwks_uri"))).get("keys")
        if not isinstance(keys, list) or len(cast("list[object]", keys)) > _MOST_KEYS:
            raise NotProven(f"{self.url} tells no keys")
        return [cast("Mapping[str, object]", one) for one in cast("list[object]", keys) if isinstance(one, dict)]

    def _fitting(self, id: str | None, algorithm: str) -> Iterator[Key]:
        """A key without an algorithm is good for those of its family; one that is shared, or private, for none."""
        family, type_ = _FAMILIES[algorithm[:2]]
        for said in self._keys:
            is_meant = id is None or said.get("kid") == id
            is_for_it = said.get("kty") == type_ and said.get("alg", algorithm) == algorithm
            is_for_it = is_for_it and said.get("crv") == _CURVES.get(algorithm, said.get("crv"))
            if is_meant and is_for_it and said.get("use", "sig") == "sig" and (key := _key(family, said)):
                yield key


def _key(family: type[Key], said: Mapping[str, object]) -> Key | None:
    if "d" in said or (family is RSAKey and len(str(said.get("n"))) * _BITS < _SMALLEST_RSA):
        return None
    try:
        made = family.import_key({name: one for name, one in said.items() if isinstance(one, str)})
    except (JoseError, ValueError, TypeError):
        return None
    is_weak = isinstance(made, RSAKey) and made.raw_value.key_size < _SMALLEST_RSA
    return None if is_weak else made
