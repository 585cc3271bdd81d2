"""Signed questions to STS: only what was signed for this server, now, reaches an STS that the settings name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.credentials import Credentials

from odmd.client.proving.signing import signed_question
from odmd.control.access.identities import IdentityTold, IdentityType, NotProven, Proof, Proven, Rule, Rules, let_in
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.providers.identities import IamPrincipals, Web
from support.played_sts import ADA, ANSWER, DEPLOYER, PlayedSts

STS = "https://sts.eu-central-1.amazonaws.com/"
OURS = IdentityTold("aws", IdentityType.AWS_IAM, "odmd.acme.example", STS)


def proven(sts: PlayedSts, proof: Proof, clock: Callable[[], float] = time.time) -> Proven:
    return IamPrincipals("aws", OURS.audience, [STS], Web(transport=sts.transport()), clock).prove(proof)


def with_headers(proof: Proof, **changed: str | None) -> Proof:
    said = json.loads(proof.text)
    headers = said["headers"] | {name.replace("_", "-"): one for name, one in changed.items()}
    return Proof(json.dumps({**said, "headers": {name: one for name, one in headers.items() if one is not None}}))


def authorization(proof: Proof, old: str, new: str) -> Proof:
    said = json.loads(proof.text)["headers"]["Authorization"]
    assert old in said
    return with_headers(proof, Authorization=said.replace(old, new))


class TestWhoTheyAre:
    def test_a_user_is_a_person_with_his_arn(self) -> None:
        found = proven(PlayedSts(), signed_question(OURS, ADA))
        assert (found.subject, found.kind) == ("arn:aws:iam::111122223333:user/people/ada", ActorKind.PERSON)
        assert found.name == "111122223333:people/ada"
        assert found.facts["account"] == {"111122223333"}

    def test_who_assumed_a_role_is_the_role_whatever_he_calls_his_session(self) -> None:
        found = proven(PlayedSts(), signed_question(OURS, DEPLOYER))
        assert (found.subject, found.kind) == ("arn:aws:iam::111122223333:role/Deployer", ActorKind.ROLE)
        assert found.name == "111122223333:Deployer/i-0abc"
        assert found.proof == "STS says arn:aws:sts::111122223333:assumed-role/Deployer/i-0abc"
        assert let_in(found, Rules([Rule({"arn": ("arn:aws:iam::111122223333:role/Deploy*",)}, Scope.WRITE)], 60))

    def test_the_same_question_is_the_same_proof_and_another_is_not(self) -> None:
        one, again = signed_question(OURS, ADA), with_headers(signed_question(OURS, DEPLOYER))
        assert proven(PlayedSts(), one).once == proven(PlayedSts(), one).once != proven(PlayedSts(), again).once

    def test_its_headers_alone_are_sent_with_the_question(self) -> None:
        sts = PlayedSts()
        proven(sts, signed_question(OURS, DEPLOYER))
        (asked,) = sts.asked
        assert str(asked.url) == STS
        assert asked.content == b"Action=GetCallerIdentity&Version=2011-06-15"
        assert "cookie" not in asked.headers


FOR_ANOTHER = IdentityTold("aws", IdentityType.AWS_IAM, "other.example", STS)
ELSEWHERE = [
    "https://evil.example/",
    "https://sts.eu-central-1.amazonaws.com.evil.example/",
    "https://sts.eu-central-1.amazonaws.com@evil.example/",
    "http://sts.eu-central-1.amazonaws.com/",
    "https://sts.eu-central-1.amazonaws.com/?Action=AssumeRole",
    "https://sts.us-east-1.amazonaws.com/",
    "http://169.254.169.254/",
    "file:///etc/passwd",
]
GOOD = signed_question(OURS, DEPLOYER)
NOT_SENT: dict[str, Proof] = {
    **{f"for {url}": Proof(json.dumps({**json.loads(GOOD.text), "url": url})) for url in ELSEWHERE},
    "for another server": signed_question(FOR_ANOTHER, DEPLOYER),
    "for another server, renamed": with_headers(
        signed_question(FOR_ANOTHER, DEPLOYER), X_Odmd_Server="odmd.acme.exampl"
    ),
    "for nobody": with_headers(GOOD, X_Odmd_Server=None),
    "the server not signed": authorization(GOOD, ";x-odmd-server", ""),
    "the date not signed": authorization(GOOD, ";x-amz-date", ""),
    "the host not signed": authorization(GOOD, "host;", ""),
    "the session not signed": authorization(GOOD, ";x-amz-security-token", ""),
    "the question not signed": authorization(GOOD, "content-type;", ""),
    "another host": with_headers(GOOD, Host="evil.example"),
    "another question": with_headers(GOOD, Content_Type="application/json"),
    "a header twice": with_headers(GOOD, HOST="sts.eu-central-1.amazonaws.com"),
    "a header more": with_headers(GOOD, X_Amz_Target="AssumeRole"),
    "a length": with_headers(GOOD, Content_Length="0"),
    "a line more": with_headers(GOOD, X_Amz_Security_Token="a\r\nX-More: b"),
    "a header that is a list": with_headers(GOOD, Host=["a"]),  # type: ignore[arg-type]
    "no signature": with_headers(GOOD, Authorization=None),
    "another service": authorization(GOOD, "/sts/", "/s3/"),
    "another form": authorization(GOOD, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    "no date": with_headers(GOOD, X_Amz_Date="now"),
    "no headers": Proof(json.dumps({"url": STS})),
    "no object": Proof("[]"),
    "no JSON": Proof("AKIA"),
    "a deep one": Proof("[" * 30_000),
}


@pytest.mark.parametrize("proof", NOT_SENT.values(), ids=NOT_SENT.keys())
def test_what_is_not_for_us_is_sent_nowhere(proof: Proof) -> None:
    sts = PlayedSts()
    with pytest.raises(NotProven):
        proven(sts, proof)
    assert not sts.asked


@pytest.mark.parametrize(
    "proof",
    [
        with_headers(signed_question(FOR_ANOTHER, DEPLOYER), X_Odmd_Server=OURS.audience),
        authorization(GOOD, json.loads(GOOD.text)["headers"]["Authorization"][-64:], "0" * 64),
        signed_question(OURS, Credentials("AKIAADA", "guessed")),
        signed_question(OURS, Credentials("AKIANOBODY", "a secret")),
        with_headers(GOOD, X_Amz_Security_Token="another"),
    ],
    ids=["for another server, renamed", "a signature of zeros", "another secret", "nobody", "another session"],
)
def test_what_sts_refuses_proves_nobody(proof: Proof) -> None:
    with pytest.raises(NotProven, match="answers 403"):
        proven(PlayedSts(), proof)


@pytest.mark.parametrize("off", [-302, 302])
def test_an_old_question_is_asked_no_more(off: float) -> None:
    sts = PlayedSts()
    with pytest.raises(NotProven, match="do the clocks agree"):
        proven(sts, signed_question(OURS, ADA), lambda: time.time() + off)
    assert not sts.asked


ARNS: list[Any] = [
    "arn:aws:sts::111122223333:federated-user/ada",
    "arn:aws:iam::111122223333:group/admins",
    "arn:aws:iam::1111:user/ada",
    "arn:aws:s3:::bucket",
    "",
]


@pytest.mark.parametrize(
    "answer",
    [
        *(ANSWER.format(arn) for arn in ARNS),
        f'<!DOCTYPE x [<!ENTITY a "b">]>{ANSWER.format("arn:aws:iam::111122223333:user/ada")}',
        ANSWER.format("arn:aws:iam::111122223333:user/ada</Arn><Arn>arn:aws:iam::111122223333:root"),
        "<ErrorResponse><Arn>arn:aws:iam::111122223333:user/ada</Arn></ErrorResponse>",
        "<html>",
        "x" * 600_000,
    ],
    ids=lambda answer: answer[:60],
)
def test_an_answer_that_is_none_proves_nobody(answer: str) -> None:
    sts = PlayedSts()
    sts.says = answer
    with pytest.raises(NotProven):
        proven(sts, signed_question(OURS, ADA))
