"""Values at the border: what runs gives becomes a publication only if it is of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from odmd.control.running.procedures import Observed
from odmd.control.scheduler.messages import Publication
from odmd.errors import PublishedWrong, ValueTooLong
from odmd.graph import EnverNode, ProductNode
from odmd.model.kinds import Kind, NotOfKind
from odmd.model.kinds.base import LONGEST_VALUE, cut


def publications(enver: EnverNode, kinds: Mapping[str, type[Kind]], observed: Observed) -> Iterator[Publication]:
    """The enver's products that were observed.

    Raises:
        PublishedWrong: a text is not of its product's kind.
        ValueTooLong: no consumer could take it.
    """
    for product in enver.products:
        if (text := observed.texts.get(product.name)) is None:
            continue
        try:
            value = kinds[product.kind].parse(text)
            published, identity, too_long = value.text(), value.identity(), refusal_of_length(enver, product, value)
        except Exception as wrong:  # a kind is the user's code: whatever it raises, the value does not pass
            said = str(wrong) if isinstance(wrong, NotOfKind) else _unreadable(text, wrong, product.sensitive)
            raise PublishedWrong(
                f"{enver.label} publishes `{product.name}` as {said}",
                next_step=f"mend what the service hands to publish(…, enver.{product.name}, …)",
            ) from wrong
        if too_long is not None:
            raise too_long
        yield Publication(
            product=product.address,
            text=published,
            identity=identity,
            kind=product.kind,
            resource=observed.behind.get(product.name),
        )


def _size(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


def refusal_of_length(enver: EnverNode, product: ProductNode, value: Kind) -> ValueTooLong | None:
    """Why no consumer could take a value, nor the mirror; None where they can."""
    size = max(_size(value.text()), _size(value.consumed()))
    if size <= LONGEST_VALUE:
        return None
    shown = "" if product.sensitive else f": {cut(value.text())}"
    return ValueTooLong(
        f"{enver.label} publishes `{product.name}` with {size} bytes, and consumers take "
        f"{LONGEST_VALUE} at most{shown}",
        next_step="let the service put it into a bucket, and publish where: s3://BUCKET/KEY?versionId=…, "
        "a product of kind GenericArtifact",
    )


def _unreadable(text: str, wrong: Exception, sensitive: bool) -> str:
    if sensitive:
        return f"what its kind cannot read: {type(wrong).__name__}"
    return f"{cut(text)!r}, which its kind cannot read: {cut(repr(wrong))}"


def refuse_missing(enver: EnverNode, missing: Iterable[str]) -> None:
    """Refuses to finish a run that published too little.

    Raises:
        PublishedWrong
    """
    if names := sorted(address.split("/", 2)[2] for address in missing):
        raise PublishedWrong(
            f"{enver.label} was deployed and does not publish {', '.join(names)}",
            next_step="let its app publish(…) what its contract says, or take it out of the contract",
        )
