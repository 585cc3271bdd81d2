"""Signs the question to STS, who somebody is, with the credentials of AWS that are here. They are sent nowhere."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from odmd.control.access.identities import IdentityProof, IdentityTold
from odmd.control.access.signed_question import BODY, CONTENT_TYPE, NONCE, SERVER
from odmd.errors import SignInFailed, ToolMissing

if TYPE_CHECKING:
    from botocore.credentials import Credentials

_USUAL_REGION: Final = "us-east-1"


def signed_question(told: IdentityTold, credentials: Credentials | None = None) -> IdentityProof:
    """For the first address that the server may ask.

    Raises:
        SignInFailed: there are no credentials.
        ToolMissing: boto3 is not installed.
    """
    try:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
    except ModuleNotFoundError as missing:
        raise ToolMissing(
            f"{missing.name} is not installed, and signs for AWS", next_step="pip install 'ondemandenv[aws]'"
        ) from missing
    url = told.issuer.partition(" ")[0]
    headers = {"Host": urlsplit(url).netloc, "Content-Type": CONTENT_TYPE}
    ours = {SERVER: told.audience, NONCE: secrets.token_urlsafe(16)}
    request = AWSRequest("POST", url, headers | ours, BODY)
    SigV4Auth(credentials or _found(), "sts", _region(url)).add_auth(request)
    signed = {str(name): str(one) for name, one in cast("Any", request.headers).items()}
    return IdentityProof(json.dumps({"url": url, "headers": signed}))


def _region(url: str) -> str:
    """That of an address; the one for all regions signs for its own."""
    parts = (urlsplit(url).hostname or "").split(".")
    return parts[1] if parts[0] in ("sts", "sts-fips") and parts[1] != "amazonaws" else _USUAL_REGION


def _found() -> Credentials:
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        found = cast("Credentials | None", cast("Any", Session()).get_credentials())
    except BotoCoreError as wrong:
        raise _missing(str(wrong)) from None
    if found is None:
        raise _missing("none are configured")
    return found


def _missing(why: str) -> SignInFailed:
    return SignInFailed(f"there are no credentials of AWS: {why}", next_step="sign in to AWS, or set AWS_PROFILE")
