"""Private config in a service's CDK app: an instance of its type at synthesis, a parameter, or where it is read."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from aws_cdk import CfnParameter, Stack
from aws_cdk.aws_iam import Grant, IGrantable
from constructs import Construct
from pydantic import TypeAdapter, ValidationError

from odmd.errors import NotInRun
from odmd.model import Config, Enver
from odmd.model.naming import config_parameter, config_path, live_variable
from odmd.model.run_document import DocumentConfig, RunDocument

T = TypeVar("T")


def config(of: Config[T]) -> T:
    """What is configured, as an instance of its type; another value is another template.

    Without a run it is what the type says by default.

    Raises:
        NotInRun: it is not read at synthesis, or the run does not have it as this contracts package declares it.
    """
    run, given = _given(of)
    if of.read != "synth":
        _refuse(f"config {of.name} is read at {of.read}", "use config_parameter(…) or config_location(…)")
    if given is None and run.run:
        _refuse(f"{run.enver} has no config {of.name} in run {run.run}", _RELEASE)
    try:
        adapter = TypeAdapter[T](of.schema)
        return adapter.validate_json(given.text) if given else adapter.validate_python({})
    except ValidationError as wrong:
        where = ", ".join(sorted({".".join(map(str, one["loc"])) for one in wrong.errors(include_input=False)}))
        return _refuse(f"config {of.name} of {run.enver} is no {of.schema.__name__}: {where}", _RELEASE)


def config_text(scope: Construct, of: Config[T]) -> str:
    """What is configured, as a token for JSON that comes with the deployment: another value needs no other template.

    Raises:
        NotInRun: it is not handed over at deployment.
    """
    run, given = _given(of)
    if of.read != "deploy":
        _refuse(f"config {of.name} is read at {of.read}", 'say configured(…, read="deploy") in the contract')
    if given is None and run.run:
        _refuse(f"{run.enver} has no config {of.name} in run {run.run}", _RELEASE)
    stack, id = _outermost(scope), config_parameter(of.name)
    there = stack.node.try_find_child(id)
    made = there if isinstance(there, CfnParameter) else CfnParameter(stack, id, description=of.about or None)
    return made.value_as_string


def config_location(of: Config[T]) -> str:
    """The name of the SSM parameter in which what runs reads it, whenever it likes: JSON.

    Raises:
        NotInRun: it is not read live.
    """
    run, _ = _given(of)
    if of.read != "live":
        _refuse(f"config {of.name} is read at {of.read}", 'say configured(…, read="live") in the contract')
    return config_path(run.build, run.slot, of.name)


def live_config(scope: Construct, of: Config[T], reader: IGrantable) -> dict[str, str]:
    """Lets a principal read, live, what is configured, and nothing else; returns what its environment says where that
    is: `ODMD_LIVE_<NAME>`, the name of the SSM parameter.

    Raises:
        NotInRun: it is not read live.
    """
    path = config_location(of)
    arn = Stack.of(scope).format_arn(service="ssm", resource="parameter", resource_name=path.removeprefix("/"))
    Grant.add_to_principal(grantee=reader, actions=["ssm:GetParameter"], resource_arns=[arn])
    return {live_variable(of.name): path}


_RELEASE = "let the service and the contracts that the run was planned from have the same contracts package"


def _given(of: Config[T]) -> tuple[RunDocument, DocumentConfig | None]:
    owner = of.owner
    if isinstance(owner, Enver) and owner.run is not None:
        return owner.run, owner.run.config.get(of.name)
    return _refuse(f"config {of.name} belongs to no run", "take it from the enver that target(…) returns")


def _outermost(scope: Construct) -> Stack:
    stack = Stack.of(scope)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    return stack


def _refuse(fact: str, next_step: str) -> NoReturn:
    wrong = NotInRun(fact, next_step=next_step)
    wrong.add_note(next_step)  # an app's error reaches people as a traceback
    raise wrong
