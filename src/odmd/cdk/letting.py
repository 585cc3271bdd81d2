"""The producer's end of wires with access: a thing's own policy lets in those who consume it, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from aws_cdk.aws_iam import AddToResourcePolicyResult, PolicyStatement
from constructs import Node

from odmd.cdk.clients import consumers_of
from odmd.errors import NotInRun
from odmd.model import Enver, Produces
from odmd.model.kinds import Kind


class Guarded(Protocol):
    """A thing that has a policy of its own: a bus, queue, topic, bucket, key, secret, or repository of images."""

    @property
    def node(self) -> Node: ...
    def add_to_resource_policy(self, statement: PolicyStatement, /) -> AddToResourcePolicyResult: ...


_CALLED: Final = {"{arn}": ("bucket_arn", "event_bus_arn", "queue_arn", "topic_arn"), "{name}": ("event_bus_name",)}


def allow_consumers(product: Produces[Kind], thing: Guarded) -> None:
    """Lets those who consume a product do with the thing behind it what their wires say, whichever account they are in,
    and nobody else: a statement of its policy for the roles of each account.

        allow_consumers(enver.bus, bus)

    Raises:
        NotInRun: the contract does not say `produced(…, tells_consumers=True)`, or the thing is another stack's.
    """
    consumers_of(product)
    run = product.owner.run if isinstance(product.owner, Enver) else None
    for said in run.products[product.name].lets_in if run and run.run else ():
        if not thing.add_to_resource_policy(PolicyStatement.from_json(_about(said, thing))).statement_added:
            raise NotInRun(
                f"the policy of {thing.node.path}, behind product {product.name}, is not this app's to write",
                next_step="let the app that makes it say who may use it",
            )


def _about(said: Mapping[str, Any], thing: Guarded) -> Mapping[str, Any]:
    """A statement with what its thing is called."""
    if "Resource" not in said:
        return said
    told = said["Resource"]
    names = [told] if isinstance(told, str) else list(told)
    return {**said, "Resource": [_called(one, thing) for one in names]}


def _called(name: str, thing: Guarded) -> str:
    for placeholder, attributes in _CALLED.items():
        if placeholder in name:
            own = next(getattr(thing, one) for one in attributes if hasattr(thing, one))
            return name.replace(placeholder, own)
    return name
