"""Jobs of GitHub Actions are known by ids that nobody can take over, in both forms of their subject."""

from __future__ import annotations

from typing import Any

import pytest

from odmd.control.access.identities import IdentityProof, NotProven, ProvenIdentity, Rule, Rules, let_in
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.providers.identities import Expected, GithubJobs, Issuer, SignedTokens
from support.forging import FORGED, Forge
from support.issuing import GITHUB_JOB, PlayedWeb, Signer

URL = "https://token.actions.githubusercontent.com"
OURS = Rules([Rule({"repository_id": ("4242",), "event_name": ("push", "workflow_dispatch")}, Scope.RUN)], 3600)


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer(URL)


def proven(signer: Signer, text: str) -> ProvenIdentity:
    tokens = SignedTokens(Issuer(URL, PlayedWeb(signer)), Expected("odmd", oldest=3600))
    return GithubJobs("actions", tokens).prove(IdentityProof(text))


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/orders:ref:refs/heads/main",
        "repo:acme@77/orders@4242:ref:refs/heads/main",
        "repo:acme@77/orders@4242:environment:production",
        "repository_owner_id:77:repository_id:4242",
    ],
)
def test_a_job_says_its_workflow_event_run_and_attempt(signer: Signer, subject: str) -> None:
    found = proven(signer, signer.token({**GITHUB_JOB, "sub": subject}))
    assert (found.subject, found.name, found.kind) == ("4242/9001.1", "acme/orders run 9001.1", ActorKind.JOB)
    assert found.proof == (
        "GitHub says run 9001, attempt 1, of acme/orders/.github/workflows/deploy.yml@refs/heads/main on push"
    )
    assert let_in(found, OURS).scope is Scope.RUN


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/evil:ref:refs/heads/main",
        "repo:evil/orders:ref:refs/heads/main",
        "repo:acme@78/orders@4242:ref:refs/heads/main",
        "repo:acme@77/orders@1:ref:refs/heads/main",
        "repo:acme/orders",
        "repo:acme/orders/more:ref:refs/heads/main",
    ],
)
def test_a_subject_that_is_of_another_repository_is_refused(signer: Signer, subject: str) -> None:
    with pytest.raises(NotProven, match="is not of"):
        proven(signer, signer.token({**GITHUB_JOB, "sub": subject}))


@pytest.mark.parametrize("claim", [one for one in GITHUB_JOB if one != "ref"])
def test_what_is_missing_is_not_made_up(signer: Signer, claim: str) -> None:
    for one in (None, "", 7):
        with pytest.raises(NotProven, match=f"claim {claim}"):
            proven(signer, signer.token({**GITHUB_JOB, claim: one}))


@pytest.mark.parametrize(
    "other",
    [{"repository_id": "1"}, {"event_name": "pull_request"}, {"event_name": "push_more"}],
    ids=["a repository of the same name", "another event", "an event that only begins alike"],
)
def test_a_job_that_no_rule_is_about_is_not_let_in(signer: Signer, other: Any) -> None:
    claims = {**GITHUB_JOB, **other, "sub": "repo:acme/orders:ref:refs/heads/main"}
    with pytest.raises(NotProven, match="by no rule"):
        let_in(proven(signer, signer.token(claims)), OURS)


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_what_must_not_be_believed_is_not(signer: Signer, forge: Forge) -> None:
    claims = {**GITHUB_JOB, "sub": "repo:acme/orders:ref:refs/heads/main"}
    with pytest.raises(NotProven):
        let_in(proven(signer, forge(signer, claims)), OURS)
