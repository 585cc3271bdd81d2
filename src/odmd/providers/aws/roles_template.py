"""CloudFormation templates of the roles that an account has, made of data alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from odmd.errors import RolesUnfit
from odmd.graph.rights.roles import (
    BASE_STACK,
    DEPLOY,
    EXEC,
    GITHUB,
    MIRROR,
    VERIFY,
    AccountRoles,
    Boundary,
    BuildRoles,
    IamRole,
)
from odmd.graph.rights.services import iam_arn
from odmd.graph.rights.statements import LONGEST_POLICY, document, merged, size, split
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.taking import policy_arn
from odmd.providers.aws.templates import Template, to_text

ORGANISATION_TAG: Final = "odmd:organisation"
MOST_POLICIES: Final = 10
"""Managed policies that AWS attaches to one role, unless it is asked for more."""
LONGEST_TRUST: Final = 2048
"""Characters of who takes a role, unless AWS is asked for more."""
_NO_ID: Final = re.compile(r"[^A-Za-z0-9]")
_DOES: Final = {
    DEPLOY: "Taken for runs of",
    EXEC: "Passed to CloudFormation for",
    VERIFY: "Taken for programs that check",
}
_VERSION: Final = "30"
"""Of CDK's bootstrap: what a bucket for assets and no roles of CDK's are good for."""


def stack_templates(bootstrap: AccountRoles, organisation: str) -> Mapping[str, StackTemplate]:
    """The stacks of an account and region by name, in the order in which they are made.

    Raises:
        RolesUnfit: a boundary, or the policies of a role, would be longer than AWS takes.
    """
    tags = ((ORGANISATION_TAG, organisation),)
    base = StackTemplate(BASE_STACK, to_text(_base(bootstrap)), (), (), tags)
    builds = {
        one.stack: StackTemplate(one.stack, to_text(_of_build(one, bootstrap)), (), (), tags)
        for one in bootstrap.builds
    }
    return {BASE_STACK: base, **builds}


def _base(bootstrap: AccountRoles) -> Template:
    resources: Template = {"Guard": _boundary(bootstrap.guard, "What no role of odmd's may do, whatever it is allowed")}
    if bootstrap.mirror:
        resources |= _role(bootstrap.mirror, bootstrap)
    if bootstrap.makes_provider:
        resources["GitHub"] = {
            "Type": "AWS::IAM::OIDCProvider",
            "Properties": {"Url": f"https://{GITHUB}", "ClientIdList": ["sts.amazonaws.com"]},
        }
    if bootstrap.bucket:
        resources |= _assets(bootstrap)
    return _template("What all roles of odmd's stand on", resources)


def _assets(bootstrap: AccountRoles) -> Template:
    """A bucket for assets in place of the one that `cdk bootstrap` makes, and the version that CDK apps look for."""
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    own_key = {"KMSMasterKeyID": {"Fn::GetAtt": ["AssetsKey", "Arn"]}} if bootstrap.asset_key else {}
    encrypted = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", **own_key}, "BucketKeyEnabled": True}
    properties = {
        "BucketName": bootstrap.bucket,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encrypted]},
        "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
        "VersioningConfiguration": {"Status": "Enabled"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    }
    arn = {"Fn::GetAtt": ["Assets", "Arn"]}
    only_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Bucket": {"Ref": "Assets"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [only_tls]}}
    version = {"Type": "String", "Name": "/cdk-bootstrap/odmd/version", "Value": _VERSION}
    return {
        **({"AssetsKey": {**_assets_key(bootstrap.target), **kept}} if bootstrap.asset_key else {}),
        "Assets": {"Type": "AWS::S3::Bucket", **kept, "Properties": properties},
        "AssetsPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
        "Version": {"Type": "AWS::SSM::Parameter", "Properties": version},
    }


def _assets_key(target: Target) -> Template:
    """Whoever in the account may read or write the bucket may use its key, through S3 alone: so no role needs a right
    to it by name, as with the key that AWS has for the account."""
    uses = [f"kms:{one}" for one in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ReEncrypt*")]
    through = {"kms:CallerAccount": target.account, "kms:ViaService": f"s3.{target.region}.amazonaws.com"}
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": iam_arn("root", target)}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": uses,
            "Resource": "*",
            "Condition": {"StringEquals": through},
        },
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    properties = {"Description": "Assets of odmd", "EnableKeyRotation": True, "KeyPolicy": policy}
    return {"Type": "AWS::KMS::Key", "Properties": properties}


def _of_build(build: BuildRoles, bootstrap: AccountRoles) -> Template:
    resources: Template = {}
    for boundary in build.boundaries:
        about = "What roles of its stacks can be given at most"
        resources[_id(boundary.name)] = _boundary(boundary, about)
    for role in build.roles:
        resources |= _role(role, bootstrap)
    return _template(f"Roles of build {build.build}", resources)


def _role(role: IamRole, bootstrap: AccountRoles) -> Template:
    policies, trust = (
        dict(_policies(role)),
        {"Version": "2012-10-17", "Statement": [one.document() for one in role.trusts]},
    )
    if (characters := len(to_text(trust))) > LONGEST_TRUST:
        raise RolesUnfit(
            f"the trust of role {role.name} would have {characters} characters, and AWS takes {LONGEST_TRUST}",
            next_step="let fewer of its branches live in one account and region, or name fewer who take roles",
        )
    properties = {
        "RoleName": role.name,
        "Description": _about(role),
        "AssumeRolePolicyDocument": trust,
        "PermissionsBoundary": policy_arn(bootstrap.guard.name, bootstrap.target),
        "ManagedPolicyArns": [{"Ref": id} for id in policies],
    }
    return {**policies, _id(role.name): {"Type": "AWS::IAM::Role", "Properties": properties}}


def _about(role: IamRole) -> str:
    if role.what == MIRROR:
        return "Taken to write values for other systems"
    return f"{_DOES[role.what]} build {role.build}, {role.revision_class}"


def _policies(role: IamRole) -> Iterator[tuple[str, Template]]:
    parts = split(merged(role.statements))
    longest = max(map(size, parts), default=0)
    if len(parts) > MOST_POLICIES or longest > LONGEST_POLICY:
        of_one = f"a policy of {longest} characters, and AWS takes {LONGEST_POLICY}"
        of_all = f"{len(parts)} policies, and AWS attaches {MOST_POLICIES}"
        raise RolesUnfit(
            f"role {role.name} would have {of_one if longest > LONGEST_POLICY else of_all}",
            next_step=f"split build {role.build}, or let fewer of its envers live in {role.target}",
        )
    for number, part in enumerate(parts, 1):
        name = f"{role.name}-{number}"
        properties = {"ManagedPolicyName": name, "PolicyDocument": document(part)}
        yield _id(name), {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}


def _boundary(boundary: Boundary, about: str) -> Template:
    statements = merged(boundary.statements)
    if (characters := size(statements)) > LONGEST_POLICY:
        raise RolesUnfit(
            f"boundary {boundary.name} would have {characters} characters, and AWS takes {LONGEST_POLICY}",
            next_step="it is of one enver, of its clones or of a build's tags: let it consume less, or split it",
        )
    properties = {"ManagedPolicyName": boundary.name, "Description": about, "PolicyDocument": document(statements)}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}


def _template(about: str, resources: Template) -> Template:
    return {"AWSTemplateFormatVersion": "2010-09-09", "Description": about, "Resources": resources}


def _id(name: str) -> str:
    """A logical id; what stands behind an @ may differ in what an id has no room for."""
    of_class, _, slot = name.partition("@")
    ending = hashlib.sha256(slot.encode()).hexdigest()[:8] if slot else ""
    return "".join(part[:1].upper() + part[1:] for part in _NO_ID.split(of_class)) + ending
