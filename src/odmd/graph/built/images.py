"""Envers whose images are built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

from odmd.graph.built.how import HowBuilt
from odmd.model import Dockerfile, ImageEnver
from odmd.model.build_types import IMAGE
from odmd.model.kinds import Image


@dataclass(frozen=True, slots=True)
class ImageNode:
    """How an image is built of its Dockerfile."""

    context: str = ""
    """The folder that it copies from; empty: the Dockerfile's own."""
    target: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    platforms: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    """(id, name of the secret)."""

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={text}" for name, text in self.arguments)
        secrets = ", ".join(f"{name} ({secret})" for name, secret in self.secrets)
        said = (
            ("of", self.context),
            ("as", self.target),
            ("with", arguments),
            ("for", ", ".join(self.platforms)),
            ("with secrets", secrets),
        )
        return " ".join(f"{how} {what}" for how, what in said if what)


@dataclass(frozen=True, slots=True)
class ImagesNode(HowBuilt):
    """How its products are built that are images, by the products' names."""

    types = (IMAGE.name,)
    minutes: float
    """How long the build of each may take."""
    network: bool
    """Whether `RUN` lines may reach the network."""
    images: tuple[tuple[str, ImageNode], ...]

    def in_slice(self) -> Sequence[object]:
        network = (("", self.network),) if self.network else ()
        images = ([(name, astuple(image)) for name, image in self.images],) if self.images else ()
        return (*network, *images)

    def aspects(self) -> Mapping[str, str]:
        images = {f"image {name}": str(image) for name, image in self.images}
        return {"minutes": f"{self.minutes:g}", "network": str(self.network), **images}


def read_images(enver: ImageEnver) -> ImagesNode:
    """Its node; how an image is built, its product says in its class."""
    products = type(enver).declaration.products.items()
    images = [(said.alias or name, _image(said.source)) for name, (said, kind) in products if issubclass(kind, Image)]
    return ImagesNode(enver.minutes, enver.network, tuple(images))


def _image(source: Dockerfile | None) -> ImageNode:
    if source is None:
        return ImageNode()
    arguments, secrets = (tuple(sorted(said.items())) for said in (source.arguments, source.secrets))
    return ImageNode(source.context, source.target, arguments, tuple(source.platforms), secrets)
