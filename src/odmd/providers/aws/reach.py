"""What botocore says when AWS cannot be reached or refuses, in the words of `odmd.errors`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from odmd.errors import CloudRefused, CloudUnreachable, CredentialsRefused, OdmdError
from odmd.model.targets import Target
from odmd.providers.aws.codes import Meaning, is_about_the_clock, meaning, next_step, reason

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError


@contextmanager
def reaching(target: Target) -> Generator[None]:
    """Turns every failure of AWS into one of ours that says whether asking again can help.

    Raises:
        CloudUnreachable: it passes.
        CredentialsRefused: they have to be renewed or mended.
        CloudRefused: for good.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    where = f"account {target.account}, region {target.region}"
    try:
        yield
    except ClientError as wrong:
        raise _answered(wrong, where) from wrong
    except BotoCoreError as wrong:
        raise _not_answered(wrong, where) from wrong
    except (ResponseParserError, KeyError) as wrong:
        raise CloudUnreachable(
            f"what answers is no AWS ({where}): {_one_line(wrong)}", next_step="check AWS_ENDPOINT_URL and proxies"
        ) from wrong


def _answered(wrong: ClientError, where: str) -> OdmdError:
    step = next_step(wrong)
    match meaning(wrong):
        case Meaning.PASSES:
            return CloudUnreachable(f"AWS is busy ({where}): {reason(wrong)}", next_step=step)
        case Meaning.CREDENTIALS:
            what = "this machine's time" if is_about_the_clock(wrong) else "the credentials"
            return CredentialsRefused(f"AWS refused {what} ({where}): {reason(wrong)}", next_step=step)
        case Meaning.REFUSED:
            asked = " ".join(wrong.operation_name.split())
            return CloudRefused(f"AWS refused {asked} ({where}): {reason(wrong)}", next_step=step)


def _not_answered(wrong: BotoCoreError, where: str) -> OdmdError:
    """The network's errors pass; those of credentials wait for a person; what is left is of the request or settings."""
    from botocore import exceptions as e

    network = (e.ConnectionError, e.HTTPClientError, e.IncompleteReadError, e.ChecksumError)
    credentials = (
        e.NoCredentialsError,
        e.PartialCredentialsError,
        e.CredentialRetrievalError,
        e.MetadataRetrievalError,
        e.RefreshWithMFAUnsupportedError,
        e.TokenRetrievalError,
        e.NoAuthTokenError,
        e.SSOError,
        e.LoginError,
    )
    if isinstance(wrong, network):
        return CloudUnreachable(
            f"AWS cannot be reached ({where}): {_one_line(wrong)}",
            next_step="check the network and AWS_ENDPOINT_URL",
        )
    if isinstance(wrong, credentials):
        return CredentialsRefused(
            f"there are no good credentials ({where}): {_one_line(wrong)}",
            next_step="sign in, or renew them (`aws sts get-caller-identity` shows whose they are)",
        )
    return CloudRefused(f"AWS was not asked ({where}): {_one_line(wrong)}")


def _one_line(wrong: Exception) -> str:
    return " ".join(str(wrong).split())
