"""Jobs of GitHub Actions, as GitHub says which they are."""

from __future__ import annotations

import re
from typing import Final

from odmd.control.access.identities import IdentityProof, IdentityTold, IdentityType, NotProven, ProvenIdentity
from odmd.control.scheduler.actor import ActorKind
from odmd.providers.identities.oidc import signature_of
from odmd.providers.identities.signed_tokens import SignedTokens, TokenClaims

_SUBJECT: Final = re.compile(r"repo:([^/:@]+)(?:@([0-9]+))?/([^/:@]+)(?:@([0-9]+))?:.+")
"""With ids in it for repositories that were made, renamed or transferred since July 2026."""


class GithubJobs:
    """Jobs of any repository: which of them are let in, the rules say by ids, which nobody can take over."""

    def __init__(self, name: str, tokens: SignedTokens) -> None:
        self._tokens = tokens
        self._told = IdentityTold(name, IdentityType.GITHUB_ACTIONS, tokens.expected.audience, tokens.issuer.url)

    @property
    def told(self) -> IdentityTold:
        return self._told

    def prove(self, proof: IdentityProof) -> ProvenIdentity:
        """A token is good for one session: a job asks for as many as it wants.

        Raises:
            NotProven
        """
        claims = self._tokens.claims(proof.text)
        repository, run, attempt = (claims.text(name) for name in ("repository", "run_id", "run_attempt"))
        workflow, event = claims.text("workflow_ref"), claims.text("event_name")
        _refuse_contradiction(claims)
        subject = f"{claims.text('repository_id')}/{run}.{attempt}"
        known = f"GitHub says run {run}, attempt {attempt}, of {workflow} on {event}"
        name = f"{repository} run {run}.{attempt}"
        return ProvenIdentity(
            subject, name, ActorKind.JOB, known, claims.facts(), signature_of(proof.text), claims.until
        )


def _refuse_contradiction(claims: TokenClaims) -> None:
    """A subject of GitHub's usual forms says of which repository it is; an organisation may have made another form."""
    subject = claims.text("sub")
    owner, owner_id, repository, id = (
        claims.text(name) for name in ("repository_owner", "repository_owner_id", "repository", "repository_id")
    )
    if not subject.startswith("repo:"):
        return
    found = _SUBJECT.fullmatch(subject)
    if found is None or f"{found[1]}/{found[3]}" != repository or found[1] != owner:
        raise NotProven(f"{subject!r} is not of {repository}")
    if found[2] not in (None, owner_id) or found[4] not in (None, id):
        raise NotProven(f"{subject!r} is not of owner {owner_id}, repository {id}")
