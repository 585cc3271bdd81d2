"""Signed questions to STS: only what was signed for this server, now, reaches an STS that the settings name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from odmd.client.proving.signing import signed_question
from odmd.control.access.identities import IdentityProof, NotProven, ProvenIdentity, Rule, Rules, let_in
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.providers.identities import IamPrincipals, Web
from support.forged_questions import FOR_ANOTHER, GOOD, MADE_AT, NOT_SENT, OURS, STS, authorization, with_headers
from support.played_sts import ADA, ANSWER, DEPLOYER, PlayedSts


def proven(
    sts: PlayedSts, proof: IdentityProof, clock: Callable[[], float] = time.time, people: Sequence[str] = ()
) -> ProvenIdentity:
    return IamPrincipals("aws", OURS.audience, [STS], Web(transport=sts.transport()), people, clock).prove(proof)


class TestWhoTheyAre:
    def test_a_user_is_a_person_with_his_arn(self) -> None:
        found = proven(PlayedSts(), signed_question(OURS, ADA))
        assert (found.subject, found.kind) == ("arn:aws:iam::111122223333:user/people/ada", ActorKind.PERSON)
        assert found.name == "111122223333:people/ada"
        assert found.facts["account"] == {"111122223333"}

    def test_who_assumed_a_role_is_the_role_whatever_he_calls_his_session(self) -> None:
        found = proven(PlayedSts(), signed_question(OURS, DEPLOYER))
        assert (found.subject, found.kind) == ("arn:aws:iam::111122223333:role/Deployer", ActorKind.ROLE)
        assert found.name == "111122223333:Deployer"
        assert found.proof == "STS says arn:aws:sts::111122223333:assumed-role/Deployer/i-0abc"
        assert let_in(found, Rules([Rule({"arn": ("arn:aws:iam::111122223333:role/Deploy*",)}, Scope.WRITE)], 60))

    @pytest.mark.parametrize(
        ("arn", "people"),
        [
            ("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/ada@acme.example", ()),
            ("arn:aws:sts::111122223333:assumed-role/Developers/ada@acme.example", ("**:role/Dev*",)),
        ],
        ids=["by Identity Center", "by who the settings say"],
    )
    def test_whose_session_somebody_else_names_is_a_person_of_that_name(self, arn: str, people: Sequence[str]) -> None:
        sts = PlayedSts()
        sts.says = ANSWER.format(arn)
        found = proven(sts, signed_question(OURS, DEPLOYER), people=people)
        assert (found.subject, found.kind) == (arn, ActorKind.PERSON)
        assert found.name.endswith("/ada@acme.example")
        assert found.facts["arn"] == {arn.rpartition("/")[0].replace("sts::", "iam::").replace("assumed-role", "role")}

    @given(st.from_regex(r"[A-Za-z0-9+=,.@_-]{2,64}", fullmatch=True))
    def test_nothing_that_who_assumes_a_role_can_say_makes_him_another_one(self, session: str) -> None:
        sts = PlayedSts()
        sts.says = ANSWER.format(f"arn:aws:sts::111122223333:assumed-role/Deployer/{session}")
        found = proven(sts, signed_question(OURS, DEPLOYER))
        assert (found.name, found.subject, found.kind) == (
            "111122223333:Deployer",
            "arn:aws:iam::111122223333:role/Deployer",
            ActorKind.ROLE,
        )

    def test_the_same_question_is_the_same_proof_and_another_of_the_same_second_is_not(self) -> None:
        one, again = signed_question(OURS, ADA), signed_question(OURS, ADA)
        assert proven(PlayedSts(), one).once == proven(PlayedSts(), one).once != proven(PlayedSts(), again).once

    def test_its_headers_alone_are_sent_with_the_question(self) -> None:
        sts = PlayedSts()
        proven(sts, signed_question(OURS, DEPLOYER))
        (asked,) = sts.asked
        assert str(asked.url) == STS
        assert asked.content == b"Action=GetCallerIdentity&Version=2011-06-15"
        assert "cookie" not in asked.headers


@pytest.mark.parametrize("proof", NOT_SENT.values(), ids=NOT_SENT.keys())
def test_what_is_not_for_us_is_sent_nowhere(proof: IdentityProof) -> None:
    sts = PlayedSts()
    with pytest.raises(NotProven):
        proven(sts, proof, lambda: MADE_AT)
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
def test_what_sts_refuses_proves_nobody(proof: IdentityProof) -> None:
    with pytest.raises(NotProven, match="answers 403"):
        proven(PlayedSts(), proof, lambda: MADE_AT)


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
