"""What AWS's error codes mean for whoever asked: it passes, the credentials are not good, or it is refused for good.

This is the one place that tells them apart. Whatever is not named here is about the request itself, and asking the same
again would be answered the same: refused for good.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


class Meaning(Enum):
    """What an error of AWS says about asking again."""

    PASSES = "the same may well work a little later"
    CREDENTIALS = "it works once the credentials are renewed or mended"
    REFUSED = "asking the same again is answered the same"


CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestInTheFuture",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnauthorizedException",
        "UnrecognizedClientException",
    }
)
PASSES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "ConcurrentModificationException",
        "ConditionalRequestConflict",
        "DependencyTimeoutException",
        "EC2ThrottledException",
        "IDPCommunicationError",
        "InternalError",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "KMSInternalException",
        "KeyUnavailableException",
        "InternalServiceError",
        "OperationAborted",
        "OperationInProgressException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
        "TransactionInProgressException",
    }
)
DENIED: Final = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedOperation",
    }
)
QUOTA: Final = frozenset(
    {
        "AddressLimitExceeded",
        "LimitExceeded",
        "LimitExceededException",
        "ParameterLimitExceeded",
        "ServiceQuotaExceededException",
        "TooManyBuckets",
        "VpcLimitExceeded",
    }
)
"""botocore takes LimitExceededException for throttling; CloudFormation means the number of stacks by it."""
CLOCK: Final = frozenset({"RequestInTheFuture", "RequestTimeTooSkewed"})
_CLOCK_BY_WORDS: Final = re.compile(r"Signature (expired|not yet current)", re.ASCII)
"""Most services say so under SignatureDoesNotMatch or InvalidSignatureException: the keys are good, the time is not."""
_PASSES_BY_WORDS: Final = re.compile(r"Rate exceeded|is in [A-Z_]+_IN_PROGRESS state", re.ASCII)
"""CloudFormation says under the code ValidationError, too, that it is busy, or that somebody else moves the stack."""
_SERVERS_OWN: Final = 500
_TOO_MANY: Final = 429


def meaning(wrong: ClientError) -> Meaning:
    """Of any error, whatever shape its answer has."""
    named, status = code(wrong), _status(wrong)
    if named in CREDENTIALS:
        return Meaning.CREDENTIALS
    if named in PASSES or status == _TOO_MANY or status >= _SERVERS_OWN:
        return Meaning.PASSES
    return Meaning.PASSES if _PASSES_BY_WORDS.search(reason(wrong)) else Meaning.REFUSED


def refused(wrong: ClientError) -> bool:
    """Whether asking the same again would be answered the same."""
    return meaning(wrong) is Meaning.REFUSED


def is_about_the_clock(wrong: ClientError) -> bool:
    """Whether a request was refused for the time at which it says that it was signed."""
    return code(wrong) in CLOCK or bool(_CLOCK_BY_WORDS.search(reason(wrong)))


def code(wrong: ClientError) -> str:
    """The service's name for what went wrong."""
    return str(_error(wrong).get("Code") or "")


def reason(wrong: ClientError) -> str:
    """What the service said, in one line, without botocore's frame."""
    said = " ".join(str(_error(wrong).get("Message") or "").split())
    return said or code(wrong) or " ".join(str(wrong).split())


def next_step(wrong: ClientError) -> str:
    """What the user can do about it."""
    if is_about_the_clock(wrong):
        return "set this machine's clock"
    match meaning(wrong):
        case Meaning.CREDENTIALS:
            return "renew the credentials (`aws sts get-caller-identity` shows whose they are)"
        case Meaning.PASSES:
            return "try again later"
        case Meaning.REFUSED:
            return _about_the_refusal(wrong)


def _about_the_refusal(wrong: ClientError) -> str:
    said = reason(wrong)
    if code(wrong) in DENIED or "is not authorized to perform" in said:
        return f"allow the credentials' role {wrong.operation_name}"
    if code(wrong) in QUOTA:
        return "ask AWS for a higher quota (Service Quotas), or remove what is not needed"
    if "TerminationProtection" in said or "termination protection" in said.lower():
        return "take its termination protection away in CloudFormation, if it may go"
    if "cannot be deleted as it is in use by" in said:
        return "whoever imports its export has to go, or stop importing it, first"
    return ""


def _error(wrong: ClientError) -> dict[str, Any]:
    """Answers of proxies, gateways and emulators lack what those of AWS have."""
    found: object = cast("dict[str, Any]", wrong.response).get("Error")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _status(wrong: ClientError) -> int:
    found: object = cast("dict[str, Any]", wrong.response).get("ResponseMetadata")
    status: object = cast("dict[str, Any]", found).get("HTTPStatusCode") if isinstance(found, dict) else None
    return status if isinstance(status, int) else 400
