"""The roles of a whole organisation as one template, for the account that manages it: a stack set for each stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from odmd.errors import RolesUnfit
from odmd.graph.rights.roles import BASE_STACK, AccountRoles
from odmd.model.targets import Target
from odmd.providers.aws.roles_template import stack_templates
from odmd.providers.aws.templates import Template, to_text

LONGEST_ALONE: Final = 51_200
"""Bytes of a template that is sent along, or stands in another one."""
LONGEST: Final = 1_000_000
MOST_SETS: Final = 500
_WITHIN: Final = "Within"
_NO_ID: Final = re.compile(r"[^A-Za-z0-9]")


def organisation_template(bootstraps: Iterable[AccountRoles], organisation: str) -> str:
    """One template that makes in each place what `odmd bootstrap` makes there.

    Each stack of each place has a stack set of its own, whose template is that stack's: places that shared one could
    not part without making a role in one before it is gone from the other.

    Raises:
        RolesUnfit: it is longer than AWS takes.
    """
    resources: Template = {}
    for one in bootstraps:
        resources |= dict(_sets(one, organisation))
    within = "Ids of the root (r-...) or of the units (ou-...) that the accounts are in"
    made: Template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Roles of odmd's in accounts of {organisation}, made from where these are managed",
        "Parameters": {_WITHIN: {"Type": "CommaDelimitedList", "Description": within}},
        "Resources": resources,
    }
    text = to_text(made)
    if (length := len(text.encode())) > LONGEST or len(resources) > MOST_SETS:
        raise RolesUnfit(
            f"the template would have {length:,} bytes and {len(resources)} stack sets, and CloudFormation takes "
            f"{LONGEST:,} and {MOST_SETS}",
            next_step="one template for some accounts, another one for others: `odmd bootstrap ACCOUNT… --stackset`",
        )
    return text


def _sets(bootstrap: AccountRoles, organisation: str) -> Iterator[tuple[str, Template]]:
    """By logical id. What a place has for its builds stands on its first one."""
    at = bootstrap.target
    for stack, made in stack_templates(bootstrap, organisation).items():
        if (length := len(made.template.encode())) > LONGEST_ALONE:
            raise RolesUnfit(
                f"the template of stack {stack} in {at} would have {length:,} bytes, and one that stands in another "
                f"one can have {LONGEST_ALONE:,}",
                next_step=f"let fewer branches live there, or `odmd bootstrap {at.account}/{at.region}` by itself",
            )
        after = {} if stack == BASE_STACK else {"DependsOn": _id(BASE_STACK, at)}
        properties = _properties(stack, made.template, at)
        yield _id(stack, at), {"Type": "AWS::CloudFormation::StackSet", **after, "Properties": properties}


def _id(stack: str, at: Target) -> str:
    return "".join(part.capitalize() for part in _NO_ID.split(_name(stack, at)))


def _name(stack: str, at: Target) -> str:
    return f"{stack}-{at.account}-{at.region}"


def _properties(stack: str, template: str, at: Target) -> Template:
    """Exactly one instance: other accounts of the units are none of its."""
    there = {"OrganizationalUnitIds": {"Ref": _WITHIN}, "Accounts": [at.account], "AccountFilterType": "INTERSECTION"}
    return {
        "StackSetName": _name(stack, at),
        "Description": f"{stack} in {at}",
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": {"Enabled": False},
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "StackInstancesGroup": [{"DeploymentTargets": there, "Regions": [at.region]}],
        "TemplateBody": template,
    }
