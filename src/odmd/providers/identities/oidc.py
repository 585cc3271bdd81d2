"""People, as an issuer of OpenID Connect knows them."""

from __future__ import annotations

import hmac
import re
from typing import Final

from odmd.control.access.identities import (
    IdentityProof,
    IdentityTold,
    IdentityType,
    NotProven,
    ProvenIdentity,
    nonce_of,
)
from odmd.control.scheduler.actor import ActorKind
from odmd.providers.identities.signed_tokens import SignedTokens, TokenClaims

_EMAIL: Final = "email"
_OF_OTHERS: Final = re.compile(r"odmd|[0-9]{12}:.*|[a-z0-9-]+/[a-z0-9.-]+|.+ run [0-9]+\.[0-9]+", re.DOTALL)
"""How odmd itself, users and roles of AWS, service accounts and jobs are called: nobody passes for one of them."""


class People:
    """Those of one issuer.

    Args:
        called: the claim that is their name; one that they choose themselves lets them pass for others.
        prefix: of their names, so that they are not those of another issuer's people.
        without_nonce: whether tokens are taken that say nothing of the server that they are for.
    """

    def __init__(
        self,
        name: str,
        tokens: SignedTokens,
        called: str,
        scopes: str,
        *,
        prefix: str = "",
        without_nonce: bool = False,
    ) -> None:
        self._tokens, self._called, self._prefix = tokens, called, prefix
        issuer, audience = tokens.issuer.url, tokens.expected.audience
        self._told = IdentityTold(name, IdentityType.OIDC, audience, issuer, scopes, devices=without_nonce)

    @property
    def told(self) -> IdentityTold:
        return self._told

    def prove(self, proof: IdentityProof) -> ProvenIdentity:
        """A token is good for one session; with a nonce, for who knows what that is the hash of.

        Raises:
            NotProven
        """
        claims = self._tokens.claims(proof.text)
        self._refuse_found(claims, proof)
        subject, facts = claims.text("sub"), claims.facts()
        if claims.said.get("email_verified") is not True:
            facts.pop(_EMAIL, None)
        names = facts.get(self._called, ())
        name = f"{self._prefix}{next(iter(names)) if len(names) == 1 else subject}"
        if _OF_OTHERS.fullmatch(name):
            raise NotProven(f"{name!r} is what others are called")
        known = f"{self._told.issuer} says {subject}"
        return ProvenIdentity(subject, name, ActorKind.PERSON, known, facts, signature_of(proof.text), claims.until)

    def _refuse_found(self, claims: TokenClaims, proof: IdentityProof) -> None:
        """Raises:
        NotProven: whoever has it did not ask for it, or did so for another server.
        """
        nonce = claims.said.get("nonce", "")
        if not proof.secret and not self._told.devices:
            raise NotProven("it is for no server: the settings take no sign-in by another device")
        if proof.secret and not proof.server:
            raise NotProven("this server was asked by a name that is not its own")
        expected = nonce_of(proof.secret, proof.server) if proof.secret else ""
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.encode()):
            raise NotProven(f"its nonce is not that of who has it, at {proof.server!r}")


def signature_of(token: str) -> str:
    """What a token is remembered by: what it says under one signature is always the same.

    A signature of an elliptic curve can be written anew by whoever sees it, so it is what was signed that counts.
    """
    return token.rpartition(".")[0]
