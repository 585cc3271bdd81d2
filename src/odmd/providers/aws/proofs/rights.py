"""Whether who carries out runs may do something, as IAM simulates it."""

from __future__ import annotations

import re
from typing import Any, Final, cast

from odmd.control.running.needs import Finding, Proven, RightNeeded, Unknown
from odmd.errors import CloudRefused, RightLacking
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

_ASSUMED: Final = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")
_ROOT: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:root")
_SSO: Final = "AWSReservedSSO_"


def caller(sessions: Sessions, target: Target) -> str:
    """The ARN of whose credentials these are; of a session, that of its role.

    Raises:
        CloudUnreachable, CredentialsRefused, CloudRefused
    """
    with reaching(target):
        arn = sessions.sts(target).get_caller_identity()["Arn"]
    if (session := _ASSUMED.fullmatch(arn)) is None:
        return arn
    partition, account, role = session.groups()
    path = f"aws-reserved/sso.amazonaws.com/{role}" if role.startswith(_SSO) else role
    return f"arn:{partition}:iam::{account}:role/{path}"


def may(sessions: Sessions, need: RightNeeded) -> Finding:
    """By the policies of the caller. What rests on conditions that a simulation does not know stays unknown.

    Raises:
        RightLacking, CloudUnreachable, CredentialsRefused
    """
    who = caller(sessions, need.target)
    if _ROOT.fullmatch(who):
        return Proven("with the rights of the account's root")
    iam = cast("Any", sessions.reader("iam", need.target))
    try:
        with reaching(need.target):
            results = iam.simulate_principal_policy(
                PolicySourceArn=who, ActionNames=list(need.actions), ResourceArns=[need.resource]
            )["EvaluationResults"]
    except CloudRefused as refused:
        return Unknown(f"{who} may not be asked about: {refused.fact}", "allow iam:SimulatePrincipalPolicy to know it")
    if any(one.get("MissingContextValues") for one in results):
        return Unknown(f"the policies of {who} have conditions that cannot be simulated")
    if denied := sorted(one["EvalActionName"] for one in results if one["EvalDecision"] != "allowed"):
        raise RightLacking(
            f"{who} may not {', '.join(denied)} on {need.resource}",
            next_step=f"allow {who} that; or let runs be carried out with another profile",
        )
    return Proven(f"{who} may, by its policies")
