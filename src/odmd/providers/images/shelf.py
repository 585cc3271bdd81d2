"""Where images are kept on the machine that built them: blobs by digest, and which source made which image.

blobs/<hex>      content, put there in one move once it is proven to be what its name says
built/<key>      what was built of a source and an order, as JSON; its time is when it was last wanted
storage/<name>/  what a builder keeps for the next build of an enver
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from odmd.foreign import read_bytes
from odmd.private import private_folder
from odmd.providers.images.content import (
    MOST_OF_A_MANIFEST,
    Blob,
    Manifest,
    NoImage,
    digest_of,
    read_manifest,
    read_top,
)

_PIECE: Final = 1 << 20
_GB: Final = 1024**3


@dataclass(frozen=True, slots=True)
class ImageShelf:
    """Nothing of it is missed when it is gone: what a registry lacks is built again."""

    folder: Path
    most: int = 20 * _GB
    """Bytes of blobs; beyond, what was not wanted for longest goes."""

    def take(self, layout: Path) -> Manifest:
        """Keeps the image of an OCI layout, each blob once it is proven to be what the layout calls it.

        Raises:
            NoImage
        """
        try:
            top = read_top(read_bytes(layout / "index.json", within=layout, most=MOST_OF_A_MANIFEST))
            image = read_manifest(top, lambda blob: self._proven(layout, blob))
            for one in image.all():
                for blob in (*one.blobs, one.blob):
                    self._keep(layout, blob)
        except OSError as wrong:
            raise NoImage(f"its layout cannot be read: {wrong}") from wrong
        return image

    def image(self, top: Blob) -> Manifest | None:
        """One that is kept whole; None where anything of it is missing."""
        try:
            image = read_manifest(top, self._manifest)
        except (OSError, NoImage):
            return None
        blobs = (blob for one in image.all() for blob in one.blobs)
        return image if all(self._path(blob.digest).is_file() for blob in blobs) else None

    def open(self, blob: Blob) -> IO[bytes]:
        """Its content, to be read."""
        return self._path(blob.digest).open("rb")

    def built(self, key: str) -> bytes | None:
        """What was noted of a key."""
        try:
            said = (self.folder / "built" / key).read_bytes()
            os.utime(self.folder / "built" / key)
        except OSError:
            return None
        return said

    def note(self, key: str, said: bytes) -> None:
        """For the next one that builds the same."""
        place = private_folder(self.folder / "built")
        with tempfile.NamedTemporaryFile(dir=place, delete=False) as half:
            half.write(said)
        Path(half.name).replace(place / key)

    def storage(self, enver: str) -> Path:
        """A builder's own, for all builds of an enver: what one branch leaves in it, no other one reads."""
        return private_folder(self.folder / "storage" / hashlib.sha256(enver.encode()).hexdigest()[:16])

    def prune(self) -> None:
        """Keeps within its size."""
        with suppress(OSError):
            held = sorted((self.folder / "blobs").iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
            room = self.most
            for one in held:
                room -= one.stat().st_size
                if room < 0:
                    one.unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self.folder / "blobs" / digest.removeprefix("sha256:")

    def _manifest(self, blob: Blob) -> bytes:
        content = read_bytes(self._path(blob.digest), most=MOST_OF_A_MANIFEST)
        if digest_of(content) != blob.digest:
            self._path(blob.digest).unlink(missing_ok=True)
            raise NoImage(f"{blob.digest} is damaged")
        return content

    def _proven(self, layout: Path, blob: Blob) -> bytes:
        content = read_bytes(_in(layout, blob), within=layout, most=MOST_OF_A_MANIFEST)
        if digest_of(content) != blob.digest:
            raise NoImage(f"what its layout calls {blob.digest} is other content")
        return content

    def _keep(self, layout: Path, blob: Blob) -> None:
        at, place = _in(layout, blob), self._path(blob.digest)
        if place.is_file() and place.stat().st_size == blob.size:
            os.utime(place)
            return
        private_folder(place.parent)
        if at.is_symlink() or not at.is_file():
            raise NoImage(f"{blob.digest} is not in its layout")
        with (
            tempfile.NamedTemporaryFile(dir=place.parent, prefix=".half-", delete=False) as half,
            at.open("rb") as file,
        ):
            shutil.copyfileobj(file, half, _PIECE)
        with Path(half.name).open("rb") as written:
            found = hashlib.file_digest(written, "sha256").hexdigest()
        if f"sha256:{found}" != blob.digest:
            Path(half.name).unlink()
            raise NoImage(f"what its layout calls {blob.digest} is other content")
        Path(half.name).replace(place)


def _in(layout: Path, blob: Blob) -> Path:
    return layout / "blobs" / blob.digest.replace(":", "/")
