"""Signed tokens that must not be believed, each from a signer whose own are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jwt
from joserfc.jwk import RSAKey

from support.issuing import Signer

STRANGER: Final = RSAKey.generate_key(2048, {"kid": "k1"})
Claims = Mapping[str, object]
Forge = Callable[[Signer, Claims], str]


def part(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def unsigned(signer: Signer, claims: Claims, algorithm: str = "none") -> str:
    """Says that it needs no signature."""
    _, body, _ = signer.token(claims).split(".")
    return f"{part({'alg': algorithm, 'kid': signer.key.kid})}.{body}."


def with_public_key(signer: Signer, claims: Claims, key: bytes | None = None) -> str:
    """Takes the issuer's public key, which everybody knows, for a shared one (CVE-2015-9235)."""
    _, body, _ = signer.token(claims).split(".")
    signed = f"{part({'alg': 'HS256', 'kid': signer.key.kid})}.{body}"
    mac = hmac.new(key or signer.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def by_stranger(signer: Signer, claims: Claims, **header: object) -> str:
    """Signed with another key, under the id of the issuer's."""
    now = int(time.time())
    said = {"iss": signer.url, "aud": "odmd", "iat": now, "exp": now + 600, **claims}
    return jwt.encode({"alg": "RS256", "kid": signer.key.kid, **header}, said, STRANGER)


def changed(signer: Signer, claims: Claims) -> str:
    """Says something else under a good signature."""
    head, _, signature = signer.token(claims).split(".")
    _, body, _ = by_stranger(signer, {**claims, "sub": "root", "groups": ["admins"]}).split(".")
    return f"{head}.{body}.{signature}"


def critical(signer: Signer, claims: Claims) -> str:
    """Has something in its header that whoever reads it has to understand (RFC 7515, 4.1.11); the issuer signed it."""
    _, body, _ = signer.token(claims).split(".")
    signed = f"{part({'alg': 'RS256', 'kid': signer.key.kid, 'crit': ['gone'], 'gone': True})}.{body}"
    made = signer.key.private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr]
    return f"{signed}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def own_key(signer: Signer, claims: Claims) -> str:
    """Brings the key along that it is to be read with (CVE-2018-0114)."""
    return by_stranger(signer, claims, jwk=STRANGER.as_dict(private=False))


FORGED: Final[Mapping[str, Forge]] = {
    "nothing": lambda s, c: "x",
    "two parts": lambda s, c: s.token(c).rpartition(".")[0],
    "four parts": lambda s, c: f"{s.token(c)}.{'a' * 20}",
    "an encrypted one": lambda s, c: ".".join([part({"alg": "RSA-OAEP", "enc": "A256GCM"}), "a", "a", "a", "a"]),
    "no header": lambda s, c: f"{part([1])}.{part({})}.a",
    "a deep header": lambda s, c: f"{base64.urlsafe_b64encode(b'[' * 9000).decode().rstrip('=')}.{part({})}.a",
    "other characters": lambda s, c: f"{s.token(c)}\u00e4",
    "no signature": unsigned,
    "no signature, said otherwise": lambda s, c: unsigned(s, c, "nOnE"),
    "no algorithm": lambda s, c: unsigned(s, c, ""),
    "the public key as a shared one": with_public_key,
    "an empty shared key": lambda s, c: with_public_key(s, c, b"\0"),
    "another key under the issuer's id": by_stranger,
    "a key that it brings": own_key,
    "a key that it says where to get": lambda s, c: by_stranger(s, c, jku="http://127.0.0.1:1/jwks"),
    "a key of a file": lambda s, c: by_stranger(s, c, kid="../../../../dev/null"),
    "an id that asks a database": lambda s, c: by_stranger(s, c, kid="k1' UNION SELECT 'x"),
    "an algorithm that is not agreed on": lambda s, c: s.token(c, alg="PS256"),
    "something critical that nobody knows": critical,
    "other words under a good signature": changed,
    "an access token": lambda s, c: s.token(c, typ="at+jwt"),
    "a logout token": lambda s, c: s.token({**c, "events": {}}),
    "another issuer": lambda s, c: s.token({**c, "iss": "https://evil.example"}),
    "an issuer with a stroke more": lambda s, c: s.token({**c, "iss": f"{s.url}/"}),
    "no issuer": lambda s, c: s.token({**c, "iss": None}),
    "another audience": lambda s, c: s.token(c, "another"),
    "no audience": lambda s, c: s.token(c, None),
    "an audience that only begins alike": lambda s, c: s.token(c, "odmd2"),
    "several audiences, made for another": lambda s, c: s.token({**c, "azp": "another"}, ["another", "odmd"]),
    "several audiences, made for nobody": lambda s, c: s.token(c, ["another", "odmd"]),
    "our audience, made for another": lambda s, c: s.token({**c, "azp": "another"}),
    "over": lambda s, c: s.token(c, age=700),
    "not yet good": lambda s, c: s.token({**c, "nbf": int(time.time()) + 90}),
    "issued tomorrow": lambda s, c: s.token(c, age=-86_400),
    "issued tomorrow, and good now": lambda s, c: s.token({**c, "nbf": int(time.time())}, age=-86_400),
    "without an end": lambda s, c: s.token({**c, "exp": None}),
    "an end that is true": lambda s, c: s.token({**c, "exp": True}),
    "an end beyond all ends": lambda s, c: s.token({**c, "exp": 1e300}),
    "an end that is a text": lambda s, c: s.token({**c, "exp": "9999999999"}),
    "without a beginning": lambda s, c: s.token({**c, "iat": None}),
    "old, and good for ever": lambda s, c: s.token({**c, "exp": 99_999_999_999}, age=3 * 86_400),
    "nobody": lambda s, c: s.token({**c, "sub": None}),
    "somebody who is nothing": lambda s, c: s.token({**c, "sub": ""}),
    "somebody who is a list": lambda s, c: s.token({**c, "sub": ["ada-1"]}),
    "a name that turns the screen around": lambda s, c: s.token(
        {**c, "sub": "ada\u202e\x1b[2J", "email": None, "workflow_ref": "\u202e\x1b[2J"}
    ),
    "somebody whom no rule lets in": lambda s, c: s.token(
        {**c, "sub": "system:serviceaccount:guests:x", "groups": ["guests"], "repository_id": "1"}
    ),
    "an endless one": lambda s, c: s.token({**c, "more": "x" * 20_000}),
}
"""What it pretends → how it is made, of claims that would be let in."""
