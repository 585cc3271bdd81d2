"""What botocore says when AWS cannot be reached, in the words of `odmd.errors`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from odmd.control.deployment import Target
from odmd.errors import CloudUnreachable

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_BUSY: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)


@contextmanager
def reaching(target: Target) -> Generator[None]:
    """Turns every failure that is not about the request itself into `CloudUnreachable`.

    Raises:
        CloudUnreachable
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    where = f"account {target.account}, region {target.region}"
    try:
        yield
    except ParamValidationError:
        raise
    except ClientError as wrong:
        raise CloudUnreachable(f"AWS refused ({where}): {reason(wrong)}", next_step=_next_step(wrong)) from wrong
    except BotoCoreError as wrong:
        raise CloudUnreachable(
            f"AWS cannot be reached ({where}): {_one_line(wrong)}",
            next_step="check the network, AWS_ENDPOINT_URL and the credentials (`aws sts get-caller-identity`)",
        ) from wrong


def code(wrong: ClientError) -> str:
    """The service's name for what went wrong."""
    return wrong.response.get("Error", {}).get("Code", "")


def reason(wrong: ClientError) -> str:
    """What the service said, without botocore's frame."""
    return wrong.response.get("Error", {}).get("Message", "") or code(wrong)


def is_about_the_request(wrong: ClientError) -> bool:
    """Whether sending the same again would fail the same way, whoever sends it."""
    status = wrong.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return status < 500 and code(wrong) not in _CREDENTIALS | _DENIED | _BUSY


def _next_step(wrong: ClientError) -> str:
    if code(wrong) in _CREDENTIALS:
        return "renew the credentials (`aws sts get-caller-identity` shows whose they are)"
    if code(wrong) in _DENIED:
        return f"allow the credentials' role {wrong.operation_name}"
    return "try again later" if code(wrong) in _BUSY else ""


def _one_line(wrong: Exception) -> str:
    return " ".join(str(wrong).split())
