"""Consumed values as CloudFormation parameters, published ones as outputs: a new value needs no new template."""

from __future__ import annotations

from typing import Literal, NoReturn

from aws_cdk import CfnOutput, CfnParameter, Stack
from constructs import Construct

from odmd.cdk.inputs import Input
from odmd.errors import NotInRun
from odmd.model import Enver, Produces, Wire
from odmd.model.kinds import Kind
from odmd.model.naming import output_name, parameter_name, synth_mark
from odmd.model.run_document import VARIABLE, RunDocument


def consume(scope: Construct, source: Wire[Kind] | Produces[Kind], *, at: Literal["deploy", "synth"] = "deploy") -> str:
    """The value of an input (`enver.bus`, or `enver.db.app` of a request).

    At deploy it is a parameter of the stack, so a token; at synth it is the real text, and a new value a new synthesis.

    Raises:
        NotInRun: the run has no such input.
    """
    product = source.producer if isinstance(source, Wire) else source
    run = _run(product)
    if not isinstance(product, Input):
        _refuse(f"{product.name} is a product of {run.enver}, no input", "consume what its class declares to consume")
    if product.name not in run.inputs and (run.run or at == "synth"):
        _refuse(f"{run.enver} has no input {product.name} in {_which(run)}", _hint(run))
    stack = _outermost(scope)
    if at == "deploy":
        return _parameter(stack, product).value_as_string
    stack.add_metadata(synth_mark(product.name), True)
    return run.inputs[product.name].text


def publish(scope: Construct, product: Produces[Kind], value: str) -> None:
    """Makes a value (usually a token) known as one of the enver's products: an output of the stack.

    Raises:
        NotInRun: the run does not ask for this product.
    """
    run = _run(product)
    if run.run and product.name not in run.products:
        _refuse(f"{run.enver} has no product {product.name} in {_which(run)}", _hint(run))
    CfnOutput(_outermost(scope), output_name(product.name), value=value, description=product.about or None)


def _parameter(stack: Stack, product: Input[Kind]) -> CfnParameter:
    id = parameter_name(product.name)
    there = stack.node.try_find_child(id)
    if isinstance(there, CfnParameter):
        return there
    return CfnParameter(stack, id, description=product.about or f"{product.kind.__name__} {product.name}")


def _outermost(scope: Construct) -> Stack:
    """The stack that the platform deploys: a nested one gets its parameters from there, and hands its outputs there."""
    stack = Stack.of(scope)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    return stack


def _run(product: Produces[Kind]) -> RunDocument:
    owner = product.owner
    if isinstance(owner, Enver) and owner.run is not None:
        return owner.run
    return _refuse(f"{product.name} belongs to no run", "take it from the enver that target(…) returns")


def _which(run: RunDocument) -> str:
    return f"run {run.run}" if run.run else "a synthesis without a run"


def _hint(run: RunDocument) -> str:
    if not run.run:
        return f"name a run document in {VARIABLE}: what is read at synth needs a value"
    return "the contracts that the run was planned from do not declare it: release them, or use the older package here"


def _refuse(fact: str, next_step: str) -> NoReturn:
    wrong = NotInRun(fact, next_step=next_step)
    wrong.add_note(next_step)  # an app's error reaches people as a traceback
    raise wrong
