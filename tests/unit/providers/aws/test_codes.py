"""What AWS's errors mean: each passes, is about credentials, or is refused for good; none breaks odmd itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore import exceptions as e
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker
from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import CloudRefused, CloudUnreachable, CredentialsRefused, OdmdError
from odmd.model.targets import Target
from odmd.providers.aws.codes import CREDENTIALS, DENIED, PASSES, QUOTA, Meaning, meaning, next_step, reason
from odmd.providers.aws.reach import reaching

HERE = Target("111122223333", "eu-west-1")
TABLE = [
    # What CloudFormation and its neighbours answer, in their words.
    (400, "Throttling", "Rate exceeded", Meaning.PASSES),  # after aws/aws-sam-cli#2671
    (400, "ValidationError", "Rate exceeded", Meaning.PASSES),
    (503, "ServiceUnavailable", "Unable to process request", Meaning.PASSES),
    (500, "Whatever", "", Meaning.PASSES),
    (429, "Whatever", "", Meaning.PASSES),
    (
        400,
        "ValidationError",
        "Stack:arn:aws:… is in UPDATE_IN_PROGRESS state and can not be updated.",
        Meaning.PASSES,
    ),  # after aws/aws-dotnet-deploy#689
    (403, "ExpiredToken", "The security token included in the request is expired", Meaning.CREDENTIALS),
    (403, "InvalidClientTokenId", "The security token included in the request is invalid", Meaning.CREDENTIALS),
    (403, "SignatureDoesNotMatch", "Signature expired: …", Meaning.CREDENTIALS),
    (400, "ExpiredTokenException", "The security token included in the request is expired", Meaning.CREDENTIALS),
    (403, "AccessDenied", "User: arn:… is not authorized to perform: cloudformation:DeleteStack", Meaning.REFUSED),
    (400, "AccessDeniedException", "User: … is not authorized to perform: ssm:PutParameter", Meaning.REFUSED),
    (403, "403", "Forbidden", Meaning.REFUSED),
    (
        400,
        "ValidationError",
        "Stack [a] cannot be deleted while TerminationProtection is enabled",
        Meaning.REFUSED,
    ),  # after aws/aws-cdk#1682
    (400, "ValidationError", "Export a:b cannot be deleted as it is in use by c", Meaning.REFUSED),
    (400, "ValidationError", "Template format error: Unrecognized resource types: [AWS::No]", Meaning.REFUSED),
    (400, "ValidationError", "Stack:arn:… is in ROLLBACK_COMPLETE state and can not be updated.", Meaning.REFUSED),
    (400, "LimitExceededException", "Limit for stack has been exceeded", Meaning.REFUSED),
    (400, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]", Meaning.REFUSED),
    (400, "SomethingNewException", "nobody heard of it", Meaning.REFUSED),
]


def error(status: int, code: str, message: str, operation: str = "DescribeStacks") -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


def raised(wrong: Exception) -> OdmdError:
    with pytest.raises(OdmdError) as found, reaching(HERE):
        raise wrong
    return found.value


@pytest.mark.parametrize(("status", "code", "message", "means"), TABLE)
def test_each_answer_means_one_thing(status: int, code: str, message: str, means: Meaning) -> None:
    assert meaning(error(status, code, message)) is means


def test_no_code_is_told_in_two_ways() -> None:
    groups = (CREDENTIALS, PASSES, DENIED, QUOTA)
    assert sum(map(len, groups)) == len(frozenset().union(*groups))


def test_what_botocore_takes_for_throttling_passes_but_for_the_quota_of_stacks() -> None:
    theirs = {*ThrottledRetryableChecker._THROTTLED_ERROR_CODES, *TransientRetryableChecker._TRANSIENT_ERROR_CODES}
    assert theirs - PASSES == {"LimitExceededException"}


RAW = st.recursive(
    st.none() | st.integers() | st.text(max_size=20) | st.sampled_from(sorted(PASSES | CREDENTIALS | DENIED | QUOTA)),
    lambda inner: st.dictionaries(
        st.sampled_from(["Error", "Code", "Message", "ResponseMetadata", "HTTPStatusCode"]), inner, max_size=5
    ),
    max_leaves=8,
)


@given(RAW.filter(lambda raw: isinstance(raw, dict)), st.text(max_size=10))
def test_an_answer_of_any_shape_has_one_meaning_and_is_an_error_of_ours(
    response: Mapping[str, Any], operation: str
) -> None:
    try:
        wrong = ClientError(response, operation)  # type: ignore[arg-type]  # proxies answer whatever they like
    except AttributeError:
        return  # botocore itself cannot read it
    found = raised(wrong)
    assert found.retryable is (meaning(wrong) is not Meaning.REFUSED)
    assert reason(wrong)
    assert "\n" not in found.fact
    assert isinstance(next_step(wrong), str)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (e.EndpointConnectionError(endpoint_url="x"), CloudUnreachable),
        (e.ReadTimeoutError(endpoint_url="x"), CloudUnreachable),
        (e.ConnectionClosedError(endpoint_url="x"), CloudUnreachable),
        (e.SSLError(endpoint_url="x", error="e"), CloudUnreachable),
        (e.NoCredentialsError(), CredentialsRefused),
        (e.PartialCredentialsError(provider="p", cred_var="c"), CredentialsRefused),
        (e.UnauthorizedSSOTokenError(), CredentialsRefused),
        (e.TokenRetrievalError(provider="sso", error_msg="e"), CredentialsRefused),
        (e.CredentialRetrievalError(provider="process", error_msg="e"), CredentialsRefused),
        (e.MetadataRetrievalError(error_msg="e"), CredentialsRefused),
        (e.ParamValidationError(report="p"), CloudRefused),
        (e.InvalidRegionError(region_name="us wset"), CloudRefused),
        (e.ConfigParseError(path="~/.aws/config"), CloudRefused),
        (e.NoRegionError(), CloudRefused),
        (ResponseParserError("not XML"), CloudUnreachable),
        (KeyError("Account"), CloudUnreachable),
    ],
)
def test_what_never_came_to_an_answer_is_told_apart_too(wrong: BotoCoreError, kind: type[OdmdError]) -> None:
    assert type(raised(wrong)) is kind


def test_every_error_of_botocore_is_one_of_ours() -> None:
    kinds = [one for one in vars(e).values() if isinstance(one, type) and issubclass(one, BotoCoreError)]
    assert len(kinds) > 50
    for kind in kinds:
        wrong = kind.__new__(kind)
        Exception.__init__(wrong, "it went wrong")
        assert isinstance(raised(wrong), OdmdError)


def test_a_refusal_says_what_was_asked_for_and_what_to_do() -> None:
    found = raised(error(403, "AccessDenied", "User: u is not authorized to perform: x", "DeleteStack"))
    assert "refused DeleteStack" in found.fact
    assert found.next_step == "allow the credentials' role DeleteStack"
    assert "Service Quotas" in raised(error(400, "LimitExceededException", "Limit")).next_step
    protected = error(400, "ValidationError", "cannot be deleted while TerminationProtection is enabled")
    assert "termination protection" in raised(protected).next_step


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        ("SignatureDoesNotMatch", "Signature expired: 20221103T080139Z is now earlier than 20221103T085247Z"),
        ("InvalidSignatureException", "Signature not yet current: 20221103T090139Z is still later than …"),
    ],
)
def test_a_clock_that_is_wrong_is_not_called_bad_credentials(code: str, message: str) -> None:
    """After aws/aws-cdk#22759 and EngineerBetter/control-tower#51."""
    found = raised(error(403, code, message))
    assert isinstance(found, CredentialsRefused), "it is asked again for a while"
    assert found.next_step == "set this machine's clock"
    assert "refused this machine's time" in found.fact
    wrong_key = raised(error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"))
    assert "renew the credentials" in wrong_key.next_step
