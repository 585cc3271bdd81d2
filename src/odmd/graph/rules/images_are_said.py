"""ODMD058: what an image is built of lies in its build's folder, and what is said of it can be said to a builder."""

import re
from collections.abc import Iterator
from typing import Final

from odmd.errors import Diagnostic
from odmd.graph.built import ImageNode, ImagesNode
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.graph.rules.repositories_are_named import is_within
from odmd.model.build_types import IMAGE
from odmd.model.config_places import CONFIG_PATH, CONFIG_PLACE

_MOST_MINUTES: Final = 24 * 60
_STAGE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ARGUMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLATFORM: Final = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?")
_SECRET_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SECRET: Final = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds Dockerfiles, contexts, stages, arguments, platforms and secrets that cannot be."""
    for node in draft.nodes:
        for what, hint in _wrong(node) if node.type is IMAGE else ():
            yield Diagnostic("ODMD058", f"{node.label}: {what}", node.place, hint)


def _wrong(node: EnverNode) -> Iterator[tuple[str, str]]:
    minutes, images = (said.minutes, said.images) if isinstance(said := node.built, ImagesNode) else (0, ())
    if not 0 < minutes <= _MOST_MINUTES:
        yield f"its images cannot have {minutes:g} minutes", "give them more than none, and a day at most"
    sources = {product.name: product.source for product in node.products}
    for name, image in images:
        for what, hint in (*_wrong_image(sources.get(name, ""), image), *_wrong_config(node, image)):
            yield f"`{name}` {what}", hint


def _wrong_config(node: EnverNode, image: ImageNode) -> Iterator[tuple[str, str]]:
    known = {one.name for one in node.configs}
    for argument, text in image.arguments:
        for path in CONFIG_PLACE.findall(text):
            if not CONFIG_PATH.fullmatch(path) or path.partition(".")[0] not in known:
                yield (
                    f"is given {argument} of config {path!r}, and the enver has {', '.join(sorted(known)) or 'none'}",
                    "write ${odmd.config:NAME.FIELD}, with the name of a config",
                )


def _wrong_image(source: str, image: ImageNode) -> Iterator[tuple[str, str]]:
    for path in filter(None, (source, image.context)):
        if not is_within(path) or not path.isprintable():
            yield (
                f"is built of {path!r}, outside of its build's folder",
                "give a path that starts there and stays there",
            )
    if image.target and not _STAGE.fullmatch(image.target):
        yield f"is stage {image.target!r}, and no stage is called so", "name a stage of the Dockerfile: FROM … AS name"
    for name, text in image.arguments:
        if not _ARGUMENT.fullmatch(name) or "\0" in text:
            yield f"is given {name!r}, which no ARG line can take", "give arguments names like VERSION"
    for platform in image.platforms:
        if not _PLATFORM.fullmatch(platform):
            yield f"is for {platform!r}, which is no platform", 'write platforms=("linux/amd64", "linux/arm64")'
    for name, secret in image.secrets:
        if not _SECRET_ID.fullmatch(name) or not _SECRET.fullmatch(secret):
            yield (
                f"has secret {name!r} by a reference that cannot be",
                'write secrets={"npm": "acme/npm-token"}: the id in the Dockerfile, and the name in Secrets Manager',
            )
