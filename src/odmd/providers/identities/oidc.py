"""People, as an issuer of OpenID Connect knows them."""

from __future__ import annotations

import hmac
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


class People:
    """Those of one issuer.

    Args:
        called: the claim that is their name; one that they choose themselves lets them pass for others.
    """

    def __init__(self, name: str, tokens: SignedTokens, called: str, scopes: str) -> None:
        self._tokens, self._called = tokens, called
        self._told = IdentityTold(name, IdentityType.OIDC, tokens.expected.audience, tokens.issuer.url, scopes)

    @property
    def told(self) -> IdentityTold:
        return self._told

    def prove(self, proof: IdentityProof) -> ProvenIdentity:
        """A token is good for one session; with a nonce, for who knows what that is the hash of.

        Raises:
            NotProven
        """
        claims = self._tokens.claims(proof.text)
        _refuse_found(claims, proof)
        subject, facts = claims.text("sub"), claims.facts()
        if claims.said.get("email_verified") is not True:
            facts.pop(_EMAIL, None)
        names = facts.get(self._called, ())
        name = next(iter(names)) if len(names) == 1 else subject
        known = f"{self._told.issuer} says {subject}"
        return ProvenIdentity(subject, name, ActorKind.PERSON, known, facts, signature_of(proof.text), claims.until)


def signature_of(token: str) -> str:
    """What a token is remembered by: what it says under one signature is always the same.

    A signature of an elliptic curve can be written anew by whoever sees it, so it is what was signed that counts.
    """
    return token.rpartition(".")[0]


def _refuse_found(claims: TokenClaims, proof: IdentityProof) -> None:
    """Raises:
    NotProven: whoever has it did not ask for it, or did so for another server.
    """
    nonce = claims.said.get("nonce", "")
    expected = nonce_of(proof.secret, proof.server) if proof.secret else ""
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.encode()):
        raise NotProven(f"its nonce is not that of who has it, at {proof.server!r}")
