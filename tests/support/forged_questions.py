"""Signed questions to STS that are not for us, of somebody whose own would be answered."""

from __future__ import annotations

import json
import time
from typing import Final

from odmd.client.proving.signing import signed_question
from odmd.control.access.identities import IdentityProof, IdentityTold, IdentityType
from support.played_sts import DEPLOYER

STS: Final = "https://sts.eu-central-1.amazonaws.com/"
OURS: Final = IdentityTold("aws", IdentityType.AWS_IAM, "odmd.acme.example", STS)


def with_headers(proof: IdentityProof, **changed: str | None) -> IdentityProof:
    said = json.loads(proof.text)
    headers = said["headers"] | {name.replace("_", "-"): one for name, one in changed.items()}
    return IdentityProof(
        json.dumps({**said, "headers": {name: one for name, one in headers.items() if one is not None}})
    )


def authorization(proof: IdentityProof, old: str, new: str) -> IdentityProof:
    said = json.loads(proof.text)["headers"]["Authorization"]
    assert old in said
    return with_headers(proof, Authorization=said.replace(old, new))


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
MADE_AT = time.time()
"""When these were signed, which is when the first test is collected."""
NOT_SENT: dict[str, IdentityProof] = {
    **{f"for {url}": IdentityProof(json.dumps({**json.loads(GOOD.text), "url": url})) for url in ELSEWHERE},
    "for another server": signed_question(FOR_ANOTHER, DEPLOYER),
    "for another server, renamed": with_headers(
        signed_question(FOR_ANOTHER, DEPLOYER), X_Odmd_Server="odmd.acme.exampl"
    ),
    "for nobody": with_headers(GOOD, X_Odmd_Server=None),
    "the server not signed": authorization(GOOD, ";x-odmd-server", ""),
    "no nonce": with_headers(GOOD, X_Odmd_Nonce=None),
    "the nonce not signed": authorization(GOOD, ";x-odmd-nonce", ""),
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
    "no headers": IdentityProof(json.dumps({"url": STS})),
    "no object": IdentityProof("[]"),
    "no JSON": IdentityProof("AKIA"),
    "a deep one": IdentityProof("[" * 30_000),
}
