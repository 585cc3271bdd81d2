"""What images consist of: blobs by their digests, a manifest that lists them, and over several platforms an index."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
MOST_OF_A_MANIFEST: Final = 4_000_000
"""Bytes; registries take no more."""
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_MOST_LAYERS: Final = 1_000
_MOST_PLATFORMS: Final = 100


class NoImage(ValueError):
    """It is no image; says why."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Some bytes, by what they are."""

    digest: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image for one platform, or the index over several, as bytes whose digest is its name."""

    blob: Blob
    blobs: tuple[Blob, ...]
    """Configuration and layers; none of an index."""
    parts: tuple[Manifest, ...] = ()
    """Of an index: its images."""

    def all(self) -> Iterator[Manifest]:
        """Those that it refers to first, as registries want them."""
        for part in self.parts:
            yield from part.all()
        yield self

    @property
    def size(self) -> int:
        """Bytes of all that it refers to; what several share counts once."""
        blobs = {blob.digest: blob.size for one in self.all() for blob in (one.blob, *one.blobs)}
        return sum(blobs.values())


def digest_of(content: bytes) -> str:
    """`sha256:…`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def is_digest(text: object) -> bool:
    """Whether it names content by its SHA-256."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def read_manifest(blob: Blob, content: Callable[[Blob], bytes], *, inside: bool = False) -> Manifest:
    """A manifest with those that it refers to.

    Raises:
        NoImage
    """
    if blob.media_type not in (*INDEXES, *MANIFESTS):
        raise NoImage(f"{blob.digest} is {blob.media_type!r}, and no image")
    if blob.size > MOST_OF_A_MANIFEST:
        raise NoImage(f"the manifest {blob.digest} has {blob.size:,} bytes")
    said = _object(content(blob), blob.digest)
    if blob.media_type in MANIFESTS:
        return Manifest(blob, (read_blob(said.get("config")), *_blobs(said.get("layers"), _MOST_LAYERS)))
    if inside:
        raise NoImage("an index lists another one")
    parts = [read_manifest(one, content, inside=True) for one in _blobs(said.get("manifests"), _MOST_PLATFORMS)]
    if not parts:
        raise NoImage("its index lists no image")
    return Manifest(blob, (), tuple(parts))


def read_blob(said: object) -> Blob:
    """What a manifest, an index or a layout says of one blob.

    Raises:
        NoImage
    """
    given = _mapping(said)
    digest, media_type, size = given.get("digest"), given.get("mediaType"), given.get("size")
    if not is_digest(digest) or not isinstance(media_type, str) or not isinstance(size, int) or size < 0:
        raise NoImage(f"it refers to {str(said)[:100]!r}, which is no content")
    return Blob(str(digest), media_type, size)


def read_top(index: bytes) -> Blob:
    """The one image of a layout, by its `index.json`.

    Raises:
        NoImage
    """
    found = _blobs(_object(index, "index.json").get("manifests"), _MOST_PLATFORMS)
    if len(found) != 1:
        raise NoImage(f"the builder wrote {len(found)} images, and one is wanted")
    return found[0]


def _blobs(said: object, most: int) -> Sequence[Blob]:
    listed = cast("list[object]", said) if isinstance(said, list) else []
    if len(listed) > most:
        raise NoImage(f"it refers to {len(listed)} others")
    return [read_blob(one) for one in listed]


def _mapping(said: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", said) if isinstance(said, dict) else {}


def _object(content: bytes, what: str) -> Mapping[str, object]:
    try:
        said: object = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise NoImage(f"{what} is no JSON") from wrong
    if not isinstance(said, dict):
        raise NoImage(f"{what} is no JSON object")
    return cast("Mapping[str, object]", said)
