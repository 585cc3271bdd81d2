"""Service accounts of a Kubernetes cluster: the cluster says whose a token is, or its issuer signs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

from odmd.control.access.identities import IdentityProof, IdentityTold, IdentityType, NotProven, ProvenIdentity
from odmd.control.scheduler.actor import ActorKind
from odmd.providers.identities.signed_tokens import SignedTokens
from odmd.providers.identities.web import Web

_REVIEWS: Final = "/apis/authentication.k8s.io/v1/tokenreviews"
_USER: Final = re.compile(r"system:serviceaccount:([a-z0-9.-]{1,253}):([a-z0-9.-]{1,253})")


class SaysWhose(Protocol):
    """Knows the user that a token is of."""

    @property
    def audience(self) -> str: ...

    @property
    def issuer(self) -> str: ...

    def user(self, token: str) -> str:
        """Raises:
        NotProven
        """
        ...


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Asks the cluster each time, so that a token ends with its pod or its account."""

    server: str
    audience: str
    token_file: Path
    """Of who may ask (`system:auth-delegator`); read each time, as it is renewed."""
    web: Web

    @property
    def issuer(self) -> str:
        return self.server

    def user(self, token: str) -> str:
        try:
            ours = self.token_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as wrong:
            raise NotProven(f"{self.token_file} cannot be read: {wrong}") from None
        asked = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [self.audience]},
        }
        headers = {"Authorization": f"Bearer {ours}"}
        status = _object(self.web.json(f"{self.server.rstrip('/')}{_REVIEWS}", headers, asked).get("status"))
        audiences = status.get("audiences")
        if status.get("authenticated") is not True:
            raise NotProven(f"the cluster knows nobody by this token: {status.get('error', '')}")
        if not isinstance(audiences, list) or self.audience not in cast("list[object]", audiences):
            raise NotProven("it is for another audience")
        return str(_object(status.get("user")).get("username", ""))


@dataclass(frozen=True, slots=True)
class OfIssuer:
    """Believes what the cluster's issuer signed, until the token is over: nobody need reach the cluster."""

    tokens: SignedTokens

    @property
    def audience(self) -> str:
        return self.tokens.expected.audience

    @property
    def issuer(self) -> str:
        return self.tokens.issuer.url

    def user(self, token: str) -> str:
        return self.tokens.claims(token).text("sub")


class ServiceAccounts:
    """Those of one cluster. A pod has its token in a file, and sends it again while it is good."""

    def __init__(self, name: str, says: SaysWhose) -> None:
        self._says = says
        self._told = IdentityTold(name, IdentityType.KUBERNETES, says.audience, says.issuer)

    @property
    def told(self) -> IdentityTold:
        return self._told

    def prove(self, proof: IdentityProof) -> ProvenIdentity:
        """Raises:
        NotProven: it is nobody's, or a person's.
        """
        user = self._says.user(proof.text)
        if (found := _USER.fullmatch(user)) is None:
            raise NotProven(f"{user!r} is no service account")
        namespace, name = found[1], found[2]
        facts = {"namespace": frozenset([namespace]), "name": frozenset([name])}
        known = f"{self._told.issuer} says {user}"
        return ProvenIdentity(user, f"{namespace}/{name}", ActorKind.ROLE, known, facts)


def _object(said: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", said) if isinstance(said, dict) else {}
