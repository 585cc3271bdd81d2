"""An STS that checks signatures as AWS does, of those whose secret keys it knows."""

from __future__ import annotations

from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ADA = Credentials("AKIAADA", "the secret of ada")
DEPLOYER = Credentials("ASIADEPLOYER", "the secret of the role", "a session of the role")
ARNS = {
    "AKIAADA": "arn:aws:iam::111122223333:user/people/ada",
    "ASIADEPLOYER": "arn:aws:sts::111122223333:assumed-role/Deployer/i-0abc",
}
ANSWER = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>{}</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)


class PlayedSts:
    """Counts what reaches it."""

    def __init__(self) -> None:
        self.asked = list[httpx.Request]()
        self.says: str | None = None
        """Whatever it is asked."""

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.says is not None:
            return httpx.Response(200, text=self.says)
        key = request.headers["authorization"].partition("Credential=")[2].partition("/")[0]
        known = {one.access_key: one for one in (ADA, DEPLOYER)}.get(key)
        if known is None or not _is_signed(request, known):
            return httpx.Response(
                403, text="<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>"
            )
        return httpx.Response(200, text=ANSWER.format(ARNS[key]))


def _is_signed(request: httpx.Request, known: Credentials) -> bool:
    said = request.headers["authorization"]
    names = said.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    again: Any = AWSRequest(
        "POST", str(request.url), {name: request.headers.get(name, "") for name in names}, request.content
    )
    again.context["timestamp"] = request.headers["x-amz-date"]
    auth: Any = SigV4Auth(known, "sts", said.split("/")[2])
    auth.timestamp = request.headers["x-amz-date"]
    text = auth.string_to_sign(again, auth.canonical_request(again))
    has_session = request.headers.get("x-amz-security-token") == known.token
    return has_session and said.endswith(f"Signature={auth.signature(text, again)}")
