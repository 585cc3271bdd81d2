"""Strangers who want a session: whatever they try, they are told the same, and learn nothing of what was wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Final

import httpx
import pytest

from odmd.control.access.identities import (
    IdentityProof,
    IdentityTold,
    IdentityType,
    NotProven,
    ProvenIdentity,
    Rule,
    Rules,
)
from odmd.control.access.sessions import KnownIdentity
from odmd.control.scheduler.actor import Scope
from odmd.providers.identities import (
    Expected,
    GithubJobs,
    IamPrincipals,
    Issuer,
    OfIssuer,
    People,
    ServiceAccounts,
    SignedTokens,
    Web,
)
from support.forged_questions import NOT_SENT, OURS, STS
from support.forging import FORGED
from support.issuing import ADA, GITHUB_JOB, POD, Json, PlayedWeb, Signer
from support.played_sts import PlayedSts
from support.served import Served
from support.until import TOO_LONG
from support.worlds import graph_of, node

SHAPES: Final[dict[str, Json]] = {
    "company": ADA,
    "actions": {**GITHUB_JOB, "sub": "repo:acme/orders:ref:refs/heads/main"},
    "cluster": POD,
}
GOOD_FOR_THE_CLUSTER: Final = {"old, and good for ever"}
"""A service account's token may be so, where its cluster's issuer says it."""


class Strangers:
    """What they attack, and what it answers."""

    def __init__(self, served: Served, signer: Signer, web: PlayedWeb) -> None:
        self.served, self.signer, self.web = served, signer, web
        self._http = httpx.Client(base_url=f"{served.url}/api/v1", headers={"X-Request-Id": "attack"}, timeout=TOO_LONG)
        self.usual = self.told("company", "nonsense")

    def told(self, identity: str, proof: str, secret: str = "") -> tuple[int, bytes, list[str]]:
        """Status, body with the request's id, and the names of headers."""
        wanted = {"identity": identity, "proof": proof, "secret": secret}
        answer = self._http.post("/sessions", json=wanted)
        return answer.status_code, answer.content, sorted(answer.headers)


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strangers]:
    signer = Signer("https://login.acme.example")
    web, sts = PlayedWeb(signer), PlayedSts()

    def tokens(oldest: float = 3600) -> SignedTokens:
        ticks = iter(range(0, 10**9, 11))  # each time, keys may be looked up again
        return SignedTokens(Issuer(signer.url, web, lambda: next(ticks)), Expected("odmd", oldest=oldest))

    made = Served(graph_of([node(0)]), tmp_path_factory.mktemp("server"))
    everybody: Callable[..., Rules] = lambda **when: Rules([Rule(dict(when), Scope.ADMIN)], 600)  # noqa: E731
    made.known.update(
        company=KnownIdentity(
            People("company", tokens(), "email", "openid", without_nonce=True), everybody(groups=("baristas",))
        ),
        actions=KnownIdentity(GithubJobs("actions", tokens()), everybody(repository_id=("4242",))),
        cluster=KnownIdentity(ServiceAccounts("cluster", OfIssuer(tokens(1e9))), everybody(namespace=("shop",))),
        broken=KnownIdentity(Broken(), everybody()),
        aws=KnownIdentity(
            IamPrincipals("aws", OURS.audience, [STS], Web(transport=sts.transport())),
            everybody(account=("111122223333",)),
        ),
    )
    with made.serving(tokens=True):
        yield Strangers(made, signer, web)


TRIED: Final = [
    (name, what) for name, what in product(SHAPES, FORGED) if not (name == "cluster" and what in GOOD_FOR_THE_CLUSTER)
]


@pytest.mark.parametrize(("identity", "what"), TRIED)
def test_who_forges_is_told_nothing(strangers: Strangers, identity: str, what: str) -> None:
    """Signs by himself, changes what others signed, finds what was signed for others or long ago."""
    proof = FORGED[what](strangers.signer, SHAPES[identity])
    assert strangers.told(identity, proof) == strangers.usual
    assert strangers.usual[0] == 401


@pytest.mark.parametrize("proof", NOT_SENT.values(), ids=NOT_SENT.keys())
def test_who_has_signed_questions_of_others_is_told_nothing(strangers: Strangers, proof: IdentityProof) -> None:
    """Knows what somebody signed, for this server or another."""
    assert strangers.told("aws", proof.text) == strangers.usual


class Broken:
    """Has a mistake of ours in it."""

    told = IdentityTold("broken", IdentityType.OIDC, "odmd")

    def prove(self, proof: IdentityProof) -> ProvenIdentity:
        raise RuntimeError(f"the inside of {proof.text}")


def test_who_makes_it_break_is_told_nothing_and_the_log_all(
    strangers: Strangers, caplog: pytest.LogCaptureFixture
) -> None:
    """Knows of a mistake of ours."""
    status, body, _ = strangers.told("broken", "a proof")
    assert (status, json.loads(body)["code"], json.loads(body)["request"]) == (500, "ODMD000", "attack")
    assert b"inside" not in body
    assert "the inside of a proof" in caplog.text
    assert "request attack" in caplog.text


A_THOUSAND: Final = 1000


def test_a_thousand_who_try_are_told_the_same_and_somebody_who_is_known_gets_in(strangers: Strangers) -> None:
    """Is many at once, with all that was ever tried, to all identities: of any kind, for any server, over, used."""
    used = {name: strangers.signer.token(shape) for name, shape in SHAPES.items() if name != "cluster"}
    assert {strangers.told(name, proof)[0] for name, proof in used.items()} == {201}
    proofs = [("aws", proof.text) for proof in NOT_SENT.values()] + list(used.items())
    proofs += [(name, FORGED[what](strangers.signer, SHAPES[of])) for of, what in TRIED for name in {of, "aws", "none"}]
    proofs = [proofs[number % len(proofs)] for number in range(A_THOUSAND)]
    with ThreadPoolExecutor(4) as many:
        answers = Counter(map(repr, many.map(lambda one: strangers.told(*one), proofs)))
    assert answers == {repr(strangers.usual): A_THOUSAND}
    assert strangers.told("company", strangers.signer.token(ADA))[0] == 201


def test_who_finds_what_is_good_is_told_nothing_when_it_is_not_for_him(strangers: Strangers) -> None:
    """A proof that was used, or is for another kind of identities, a name that nobody has, an issuer that is down."""
    good = strangers.signer.token(ADA)
    assert strangers.told("company", good)[0] == 201
    assert strangers.told("company", good) == strangers.usual
    assert strangers.told("actions", strangers.signer.token(ADA)) == strangers.usual
    assert strangers.told("company", strangers.signer.token(ADA), "a secret") == strangers.usual
    assert strangers.told("nobody", strangers.signer.token(ADA)) == strangers.usual
    strangers.web.said[f"{strangers.signer.url}/jwks"] = NotProven("it is down")
    try:
        strangers.signer.rotate()
        assert strangers.told("company", strangers.signer.token(ADA)) == strangers.usual
    finally:
        strangers.web.said.clear()
    assert strangers.told("company", strangers.signer.token(ADA))[0] == 201, "when it is up again"
