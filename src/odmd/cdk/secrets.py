"""Needed secrets in a CDK app: where they are, as parameters of the stack. No text is in template or app."""

from __future__ import annotations

from typing import cast

from aws_cdk import CfnParameter, Fn, SecretValue, Stack
from aws_cdk.aws_secretsmanager import ISecret, Secret
from aws_cdk.aws_ssm import IStringParameter, StringParameter
from constructs import Construct

from odmd.model import NeededSecret
from odmd.model.naming import field_of_secret, secret_parameter, version_of_secret


def secret(scope: Construct, needed: NeededSecret) -> ISecret:
    """A secret of AWS Secrets Manager, to grant the reading of: `secret(self, enver.db).grant_read(role)`."""
    id = f"{secret_parameter(needed.name)}Secret"
    stack = _outermost(scope)
    there = stack.node.try_find_child(id)
    arn = _parameter(stack, secret_parameter(needed.name), needed, "arn:[^:]+:secretsmanager:.+")
    return cast("ISecret", there) if there else Secret.from_secret_complete_arn(stack, id, arn)


def secret_value(scope: Construct, needed: NeededSecret) -> SecretValue:
    """Its text where CloudFormation puts it in: a dynamic reference, with version and field where it has one."""
    stack = _outermost(scope)
    arn = _parameter(stack, secret_parameter(needed.name), needed, "arn:[^:]+:secretsmanager:.+")
    field = _parameter(stack, field_of_secret(needed.name), needed)
    version = secret_version(scope, needed)
    return SecretValue.unsafe_plain_text(
        Fn.join("", ["{{resolve:secretsmanager:", arn, ":SecretString:", field, "::", version, "}}"])
    )


def secure_string(scope: Construct, needed: NeededSecret) -> IStringParameter:
    """A SecureString of AWS Systems Manager, to grant the reading of."""
    stack = _outermost(scope)
    arn = _parameter(stack, secret_parameter(needed.name), needed, "arn:[^:]+:ssm:.+")
    path = Fn.select(1, Fn.split(":parameter", arn))
    id = f"{secret_parameter(needed.name)}String"
    there = stack.node.try_find_child(id)
    if there:
        return cast("IStringParameter", there)
    return StringParameter.from_secure_string_parameter_attributes(stack, id, parameter_name=path, simple_name=False)


def secret_reference(scope: Construct, needed: NeededSecret) -> str:
    """Where it is, in its store's words, for a service that fetches it by itself: `op://…`, a path in Vault, an ARN."""
    return _parameter(_outermost(scope), secret_parameter(needed.name), needed)


def secret_version(scope: Construct, needed: NeededSecret) -> str:
    """Its version, where the contract says `restarts=True`: in a task's environment a new one starts the task anew."""
    return _parameter(_outermost(scope), version_of_secret(needed.name), needed)


def _parameter(stack: Stack, id: str, needed: NeededSecret, form: str = "") -> str:
    there = stack.node.try_find_child(id)
    if isinstance(there, CfnParameter):
        if form:
            there.allowed_pattern = form
        return there.value_as_string
    about = needed.about or f"secret {needed.name}"
    return CfnParameter(stack, id, description=about, allowed_pattern=form or None).value_as_string


def _outermost(scope: Construct) -> Stack:
    stack = Stack.of(scope)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    return stack
