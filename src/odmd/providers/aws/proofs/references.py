"""Whether what templates and inputs refer to is there, and good."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from odmd.control.running.needs import (
    CertificateNeeded,
    ExportsNeeded,
    Finding,
    ParametersNeeded,
    Proven,
    SecretThereNeeded,
    StoreKeysNeeded,
    Unknown,
)
from odmd.errors import NotThere
from odmd.model.targets import Target
from odmd.providers.aws.codes import code
from odmd.providers.aws.proofs.rights import caller
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import Stacks

_AT_ONCE: Final = 10
"""Names that the parameter store takes in one request."""
_DAY: Final = 86_400.0
_SOON_DAYS: Final = 14.0
_ISSUED: Final = "ISSUED"


def parameters_have_values(sessions: Sessions, need: ParametersNeeded) -> Finding:
    """A stack that runs keeps its parameters' values; a new one, or a new parameter, has none.

    Raises:
        NotThere, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    has = Stacks(sessions).parameters(need.stack, need.target)
    if lacking := [name for name in need.names if name not in has]:
        raise NotThere(
            f"stack {need.stack} wants a value for {', '.join(lacking)}: it has no default, and no wire brings one",
            next_step=f'give it a Default, or the contract an input: consumed("…", to=Parameter("{lacking[0]}"))',
        )
    return Proven("the stack has them already")


def exports_are_there(sessions: Sessions, need: ExportsNeeded) -> Finding:
    """Raises:
    NotThere, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    cloudformation = sessions.cloudformation(need.target)
    with reaching(need.target):
        pages = cloudformation.get_paginator("list_exports").paginate()
        there = {one.get("Name", "") for page in pages for one in page.get("Exports", ())}
    if gone := [name for name in need.names if name not in there]:
        raise NotThere(
            f"a template imports {', '.join(gone)}, and no stack in {_where(need.target)} exports that",
            next_step="deploy the stack that exports it first, or declare it as an input: then it is waited for",
        )
    return Proven("are exported")


def keys_are_there(sessions: Sessions, need: StoreKeysNeeded) -> Finding:
    """By their names: no value is read for itself, and none is told.

    Raises:
        NotThere, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    ssm, gone = sessions.ssm(need.target), list[str]()
    with reaching(need.target):
        for start in range(0, len(need.names), _AT_ONCE):
            asked = {name.partition(":")[0]: name for name in need.names[start : start + _AT_ONCE]}
            found = ssm.get_parameters(Names=list(asked), WithDecryption=False)
            gone += [name for name in found.get("InvalidParameters", ()) if name in asked]
    if gone:
        name = gone[0] if gone[0].startswith("/") or "/" not in gone[0] else f"/{gone[0]}"
        raise NotThere(
            f"a template reads {', '.join(gone)} from the parameter store of {_where(need.target)}, "
            "and there is no such parameter",
            next_step=f"aws ssm put-parameter --region {need.target.region} --name {name} --type String --value VALUE",
        )
    return Proven(f"are there, as {caller(sessions, need.target)} sees them")


def secret_is_there(sessions: Sessions, need: SecretThereNeeded) -> Finding:
    """It is described with the rights of the account that it is used from: a policy of the secret counts.

    Raises:
        NotThere, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    from botocore.exceptions import ClientError

    region = need.id.split(":")[3] if need.id.startswith("arn:") else need.target.region
    at = need.target.in_region(region)
    api = cast("Any", sessions.reader("secretsmanager", at))
    with reaching(at):
        try:
            found = cast("Mapping[str, object]", api.describe_secret(SecretId=need.id))
        except ClientError as wrong:
            if code(wrong) != "ResourceNotFoundException":
                raise
            make = f"aws secretsmanager create-secret --region {region} --name {need.id} --secret-string file://FILE"
            hint = "see who deleted it; `odmd apply` of its producer makes it again" if ":" in need.id else make
            raise NotThere(f"there is no secret {need.id} in {_where(at)}", next_step=hint) from wrong
    if found.get("DeletedDate"):
        raise NotThere(
            f"secret {need.id} in {_where(at)} is to be deleted",
            next_step=f"aws secretsmanager restore-secret --region {region} --secret-id {need.id}",
        )
    return Proven(f"is there, as {caller(sessions, at)} sees it")


def certificate_is_good(sessions: Sessions, need: CertificateNeeded) -> Finding:
    """It is issued, and not over; how one that ends soon goes on, nobody can tell.

    Raises:
        NotThere, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    from botocore.exceptions import ClientError

    at = need.target.in_region(need.arn.split(":")[3])
    api = cast("Any", sessions.reader("acm", at))
    with reaching(at):
        try:
            found = api.describe_certificate(CertificateArn=need.arn)["Certificate"]
        except ClientError as wrong:
            if code(wrong) != "ResourceNotFoundException":
                raise
            raise NotThere(
                f"there is no certificate {need.arn}", next_step="deploy its producer again, or name another one"
            ) from wrong
    status, until = str(found.get("Status")), cast("datetime | None", found.get("NotAfter"))
    left = (until.timestamp() - time.time()) / _DAY if until else None
    if status != _ISSUED:
        raise NotThere(
            f"certificate {need.arn} is {status}, not {_ISSUED}",
            next_step="let its domain be validated (ACM says by which record), or name another one",
        )
    if left is not None and left <= 0:
        raise NotThere(f"certificate {need.arn} ended on {until:%Y-%m-%d}", next_step="import or request a new one")
    if left is not None and left < _SOON_DAYS:
        return Unknown(
            f"it is good for {left:.0f} more days, and nobody knows whether it is renewed",
            "see that ACM renews it (its record of validation is in the zone still), or import a new one",
        )
    return Proven(f"is good until {until:%Y-%m-%d}" if until else "is issued")


def _where(target: Target) -> str:
    return f"{target.account}, {target.region}"
