"""What issuers of signed tokens do: keys that rotate, and tokens of each shape, sound unless a test says otherwise."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from odmd.control.access.identities import NotProven

Json = dict[str, Any]
GITHUB_JOB: Json = {
    "sub": "repo:acme@77/orders@4242:ref:refs/heads/main",
    "repository": "acme/orders",
    "repository_id": "4242",
    "repository_owner": "acme",
    "repository_owner_id": "77",
    "workflow_ref": "acme/orders/.github/workflows/deploy.yml@refs/heads/main",
    "event_name": "push",
    "ref": "refs/heads/main",
    "run_id": "9001",
    "run_attempt": "1",
}
ADA: Json = {"sub": "ada-1", "email": "ada@acme.example", "email_verified": True, "groups": ["baristas"]}
POD: Json = {"sub": "system:serviceaccount:shop:deployer"}


class Signer:
    """Signs with the newest of its keys; only that one is told of."""

    def __init__(self, url: str = "") -> None:
        self.url, self._made = url, 0
        self.rotate()

    def rotate(self) -> None:
        self._made += 1
        self.key = RSAKey.generate_key(2048, {"kid": f"k{self._made}", "use": "sig"})

    @property
    def keys(self) -> Json:
        return {"keys": [dict(self.key.as_dict(private=False))]}

    @property
    def discovery(self) -> Json:
        return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}

    def token(self, claims: Mapping[str, object], audience: object = "odmd", age: float = 0, **header: object) -> str:
        now = time.time() - age
        said = {
            "iss": self.url,
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + 600,
            "jti": uuid.uuid4().hex,
            **claims,
        }
        kept = {name: one for name, one in said.items() if one is not None}
        head = {"alg": "RS256", "kid": self.key.kid, **header}
        head = {name: one for name, one in head.items() if one is not None}
        return jwt.encode(head, kept, self.key, [str(head["alg"])])


class PlayedWeb:
    """Answers as the signers do that it knows, unless it is told something else; counts what it is asked."""

    def __init__(self, *signers: Signer) -> None:
        self.asked = list[str]()
        self.said: dict[str, Json | Exception] = {}
        self._signers = signers

    def json(self, url: str) -> Mapping[str, object]:
        self.asked.append(url)
        known: Json = {f"{one.url}/.well-known/openid-configuration": one.discovery for one in self._signers}
        known |= {f"{one.url}/jwks": one.keys for one in self._signers}
        found = self.said.get(url, known.get(url, NotProven(f"{url} does not answer")))
        if isinstance(found, Exception):
            raise found
        return found
