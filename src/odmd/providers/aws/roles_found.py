"""What roles are as they stand: by the template of a stack, or by IAM itself, which somebody may have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from odmd.graph.rights.standing import RoleStanding, allowed, trusted
from odmd.model.targets import Target
from odmd.providers.aws.codes import code
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.taking import policy_arn
from odmd.providers.aws.templates import Template, section


def in_template(template: Template) -> Mapping[str, RoleStanding]:
    """By name, what a template of ours declares."""
    resources = section(template, "Resources")
    documents, attached = dict[str, object](), set[str]()
    for id, resource in resources.items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            documents[id] = resource["Properties"]["PolicyDocument"]
    found: dict[str, RoleStanding] = {}
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Role":
            said = resource["Properties"]
            ids = [one["Ref"] for one in said["ManagedPolicyArns"]]
            attached.update(ids)
            trust, boundary = said["AssumeRolePolicyDocument"], said.get("PermissionsBoundary", "")
            found[said["RoleName"]] = _standing(trust, [documents[id] for id in ids], boundary)
    boundaries = {resources[id]["Properties"]["ManagedPolicyName"]: documents[id] for id in documents.keys() - attached}
    return {**found, **{name: _limits(document) for name, document in boundaries.items()}}


def in_iam(sessions: Sessions, names: Iterable[str], target: Target) -> Mapping[str, RoleStanding]:
    """By name, those that are there: roles, and boundaries.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    found: dict[str, RoleStanding] = {}
    with reaching(target):
        iam = cast("Any", sessions.reader("iam", target))
        for name in names:
            if (standing := _role(iam, name) or _policy(iam, policy_arn(name, target))) is not None:
                found[name] = standing
    return found


def _role(iam: Any, name: str) -> RoleStanding | None:
    from botocore.exceptions import ClientError

    try:
        role = iam.get_role(RoleName=name)["Role"]
    except ClientError as wrong:
        if code(wrong) != "NoSuchEntity":
            raise
        return None
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    return _standing(role["AssumeRolePolicyDocument"], list(_documents(iam, name)), boundary)


def _documents(iam: Any, role: str) -> Iterator[object]:
    """All policies of a role, those that somebody put into it besides, too."""
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for one in page["AttachedPolicies"]:
            yield _document(iam, one["PolicyArn"])
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            yield iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def _document(iam: Any, arn: str) -> object:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _policy(iam: Any, arn: str) -> RoleStanding | None:
    from botocore.exceptions import ClientError

    try:
        return _limits(_document(iam, arn))
    except ClientError as wrong:
        if code(wrong) != "NoSuchEntity":
            raise
        return None


def _standing(trust: Mapping[str, Any], documents: Iterable[object], boundary: str) -> RoleStanding:
    who, may = frozenset(trusted(trust["Statement"])), frozenset(allowed(documents))
    return RoleStanding(who, may, boundary.rpartition("/")[2])


def _limits(document: object) -> RoleStanding:
    return RoleStanding(frozenset(), frozenset(allowed([document])))
