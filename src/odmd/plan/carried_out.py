"""What this release can check and draw, and cannot deploy yet: named by each plan, which leaves it out."""

from __future__ import annotations

from collections.abc import Iterator

from odmd.graph import EnverNode
from odmd.graph.built import ImagesNode, PackageNode
from odmd.model.build_types import IMAGE, Need


def beyond(enver: EnverNode) -> Iterator[str]:
    """Why this release cannot deploy an enver; nothing where it can."""
    if not enver.type.is_carried_out:
        yield f"it is built as {enver.build_type or 'nothing known'}"
    if Need.INDEX in enver.type.needs and not isinstance(enver.built, PackageNode):
        yield "it does not say which index it is published to"
    images = dict(enver.built.images) if isinstance(enver.built, ImagesNode) else {}
    for product in enver.products if Need.BUILDER in enver.type.needs else ():
        if product.name not in images and not product.is_image_repository:
            yield f"it publishes {product.name}, and an image build gives Image and ImageRepository only"
    for config in enver.configs:
        if enver.type is IMAGE and config.read == "deploy":
            yield f'it reads config `{config.name}` at deployment, and an image is made before: read="synth"'
    for product in enver.products:
        if product.sensitive:
            yield f"it publishes {product.name}, which is sensitive (publish a reference to it instead)"
