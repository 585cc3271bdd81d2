"""Kinds of who may do something."""

from __future__ import annotations

from odmd.model.kinds.arn import ACCOUNT, PARTITION, REGION, UUID, ArnKind
from odmd.model.kinds.base import READ_ONLY, Concern, Handover, TextKind


class Role(ArnKind):
    """An IAM role."""

    service = "iam"
    region = ""
    resource = r"role/([!-~]+/)?[A-Za-z0-9_+=,.@\-]{1,64}"
    looks_like = "an ARN like arn:aws:iam::111122223333:role/orders"
    concern = Concern.IDENTITY
    accesses = READ_ONLY


class Policy(ArnKind):
    """An IAM policy, of AWS or one's own; also a permissions boundary."""

    service = "iam"
    region = ""
    account = f"(aws|{ACCOUNT})"
    resource = r"policy/([!-~]+/)?[A-Za-z0-9_+=,.@\-]{1,128}"
    looks_like = "an ARN like arn:aws:iam::111122223333:policy/orders"
    concern = Concern.IDENTITY
    accesses = READ_ONLY


class Principal(TextKind):
    """Whom a policy may speak of: an account, a role, a user or an AWS service."""

    pattern = (
        rf"{ACCOUNT}|[a-z0-9.\-]+\.amazonaws\.com(\.cn)?"
        rf"|arn:{PARTITION}:iam::{ACCOUNT}:(root|(role|user)/[!-~]+)"
        rf"|arn:{PARTITION}:sts::{ACCOUNT}:(assumed-role|federated-user)/[!-~]+"
    )
    looks_like = "an account id, an ARN of IAM or STS, or a service like ecs-tasks.amazonaws.com"
    concern = Concern.IDENTITY
    accesses = READ_ONLY


class OidcProvider(ArnKind):
    """An OpenID Connect provider that IAM trusts, e.g. of GitHub or of an EKS cluster."""

    service = "iam"
    region = ""
    resource = r"oidc-provider/[A-Za-z0-9.\-]+(:[0-9]{1,5})?(/\S+)?"
    looks_like = "an ARN like arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    concern = Concern.IDENTITY
    accesses = READ_ONLY


class UserPool(ArnKind):
    """A Cognito user pool."""

    service = "cognito-idp"
    resource = r"userpool/[A-Za-z0-9_\-]+"
    looks_like = "an ARN like arn:aws:cognito-idp:…:userpool/eu-west-1_Ab12Cd34"
    concern = Concern.IDENTITY
    handover = Handover.NONE


class IdentityPool(TextKind):
    """A Cognito identity pool, which gives AWS credentials to who signed in, by id."""

    pattern = rf"{REGION}:{UUID}"
    looks_like = "an id like eu-west-1:12345678-90ab-cdef-1234-567890abcdef"
    concern = Concern.IDENTITY


class UserPoolClient(TextKind):
    """An application at a user pool, by its client id, which is no secret."""

    pattern = r"[A-Za-z0-9_+]{1,128}"
    looks_like = "a client id of 1 to 128 letters, digits and _ +"
    concern = Concern.IDENTITY
    accesses = READ_ONLY
