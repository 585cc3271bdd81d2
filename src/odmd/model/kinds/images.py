"""Kinds of container images and where they are kept."""

from __future__ import annotations

import re
from typing import Final

from odmd.model.kinds.base import READ_ONLY, Handover, TextKind

_NAME: Final = r"[a-z0-9]+([._\-]+[a-z0-9]+)*"
_REGISTRY: Final = r"[a-z0-9][a-z0-9._\-]*(:[0-9]{1,5})?/"
_TAG: Final = r":[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}"


class Image(TextKind):
    """A container image by its full URI with digest, so that a tag that moves changes nothing unseen."""

    pattern = rf"({_REGISTRY})?{_NAME}(/{_NAME})*({_TAG})?@sha256:[0-9a-f]{{64}}"
    looks_like = "an image URI with digest, registry/name@sha256:…"
    accesses = READ_ONLY

    def identity(self) -> str:
        """A tag beside the digest makes no difference."""
        repository, digest = self._parts()
        return f"{repository}@{digest}"

    def short(self) -> str:
        """`orders@sha256:1234567`: without the registry."""
        repository, digest = self._parts()
        return f"{_without_registry(repository)}@{digest[:14]}"

    def _parts(self) -> tuple[str, str]:
        """The repository without tag, and the digest."""
        uri, _, digest = self.value.partition("@")
        return re.sub(r":[^/:]*$", "", uri), digest


class ImageRepository(TextKind):
    """A repository of container images by its URI."""

    pattern = rf"{_REGISTRY}{_NAME}(/{_NAME})*"
    looks_like = "a repository URI like 111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders"
    handover = Handover.NONE

    def short(self) -> str:
        return _without_registry(self.value)


def _without_registry(repository: str) -> str:
    registry, _, name = repository.partition("/")
    return name if name and (registry == "localhost" or not {".", ":"}.isdisjoint(registry)) else repository
