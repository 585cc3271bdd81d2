"""Values at the border: a stack's outputs become publications only if they are of their kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from odmd.control.deployment import DeployedStack
from odmd.control.desk import Claim
from odmd.control.messages import Publication
from odmd.errors import PublishedWrong
from odmd.graph import EnverNode
from odmd.model.kinds import NotOfKind


def publications(claim: Claim, stack: DeployedStack) -> Iterator[Publication]:
    """The enver's products that this stack publishes.

    Raises:
        PublishedWrong: an output is not of its product's kind.
    """
    for product in claim.enver.products:
        if (text := stack.outputs.get(product.output)) is None:
            continue
        try:
            value = claim.kinds[product.kind].parse(text)
        except Exception as wrong:  # a kind is the user's code: whatever it raises, the value does not pass
            said = str(wrong) if isinstance(wrong, NotOfKind) else _unreadable(text, wrong, product.sensitive)
            raise PublishedWrong(
                f"{claim.enver.label} publishes `{product.name}` as {said}",
                next_step=f"mend what the service hands to publish(…, enver.{product.name}, …)",
            ) from wrong
        yield Publication(
            product=product.address,
            text=value.text(),
            identity=value.identity(),
            kind=product.kind,
            resource=stack.behind.get(product.output),
        )


def _unreadable(text: str, wrong: Exception, sensitive: bool) -> str:
    if sensitive:
        return f"what its kind cannot read: {type(wrong).__name__}"
    return f"{text!r}, which its kind cannot read: {wrong!r}"


def refuse_missing(enver: EnverNode, missing: Iterable[str]) -> None:
    """Refuses to finish a run that published too little.

    Raises:
        PublishedWrong
    """
    if names := sorted(address.split("/", 2)[2] for address in missing):
        raise PublishedWrong(f"{enver.label} was deployed and does not publish {', '.join(names)}")


def undeclared(enver: EnverNode, outputs: Iterable[str]) -> list[str]:
    """Outputs that claim to be products and are none."""
    return sorted(set(outputs) - {product.output for product in enver.products})
