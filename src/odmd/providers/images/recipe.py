"""The recipe of an image enver: which image, by its digest, was built of which source and order.

Content is not in it: images are too large for a state's database. It lies on the shelf of the machine that built it,
then in the registry; where neither has it, it is built again, and has to be the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, cast

from odmd.compare.side import Part
from odmd.control.running.config_places import with_config
from odmd.control.running.procedures import Job
from odmd.errors import RecipeUnfit
from odmd.graph import EnverNode, ProductNode, digest
from odmd.graph.built import ImageNode, ImagesNode
from odmd.providers.images.content import Blob, is_digest

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Built:
    """One image that was built."""

    key: str
    """Of source and order; empty where nobody knew the source's content."""
    blob: Blob
    """Its manifest, or its index."""
    size: int
    """Bytes of all that it consists of."""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()


def built_from_json(said: bytes) -> Built | None:
    """Back; None where it is none."""
    try:
        return _built(json.loads(said))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def key_of(content: str, product: ProductNode, image: ImageNode, enver: EnverNode) -> str:
    """What stands for a source and what is built of it; empty where the source's content is not known.

    Whoever builds it is no part of it: what is known is not built again because another machine has another builder.
    """
    if not content:
        return ""
    order = (enver.folder, product.source, asdict(image), enver.built_as(ImagesNode).network)
    return digest((content, order)).removeprefix("sha256:")


def images_of(enver: EnverNode) -> Mapping[str, tuple[ProductNode, ImageNode]]:
    """The products that are built, by name."""
    products = {one.name: one for one in enver.products}
    return {name: (products[name], image) for name, image in enver.built_as(ImagesNode).images}


def images_with_config(job: Job) -> Mapping[str, tuple[ProductNode, ImageNode]]:
    """As `images_of`, with private config where arguments say so.

    Raises:
        ConfigLacking, ConfigShown
    """

    def told(image: ImageNode) -> ImageNode:
        return replace(
            image, arguments=tuple((name, with_config(text, job.config_at)) for name, text in image.arguments)
        )

    return {name: (product, told(image)) for name, (product, image) in images_of(job.enver).items()}


def to_recipe(enver: EnverNode, built: Mapping[str, Built]) -> bytes:
    """As it is kept."""
    images = {name: asdict(built[name]) for name in sorted(built)}
    return json.dumps({"format": _FORMAT, "enver": enver.address, "images": images}, sort_keys=True).encode()


def from_recipe(kept: bytes, enver: EnverNode) -> Mapping[str, Built]:
    """Back.

    Raises:
        RecipeUnfit: it is none, or another enver's.
    """
    try:
        said: dict[str, Any] = json.loads(kept)
        if said["format"] != _FORMAT or said["enver"] != enver.address:
            raise ValueError
        found = {str(name): _built(one) for name, one in said["images"].items()}
        if found.keys() != images_of(enver).keys():
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise RecipeUnfit(
            f"what is stored are no images of {enver.label}",
        ) from None
    return found


def parts_of(kept: bytes) -> Sequence[Part]:
    """The images that a recipe has, to be compared.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is none.
    """
    built = {str(name): _built(one) for name, one in json.loads(kept)["images"].items()}
    return [Part(name, {"digest": one.blob.digest, "bytes": one.size}, is_artifact=True) for name, one in built.items()]


def known(kept: bytes | None, enver: EnverNode) -> Mapping[str, Built]:
    """What an earlier recipe has, by key."""
    try:
        before = from_recipe(kept or b"", enver)
    except RecipeUnfit:
        return {}
    return {one.key: one for one in before.values() if one.key}


def _built(said: object) -> Built:
    given = cast("dict[str, Any]", said)
    blob = Blob(str(given["blob"]["digest"]), str(given["blob"]["media_type"]), int(given["blob"]["size"]))
    if not is_digest(blob.digest):
        raise ValueError
    return Built(str(given["key"]), blob, int(given["size"]))
