"""The sources of a Python package, read without running any of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from packaging.metadata import RawMetadata
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from odmd.providers.packages.tarballs import PackedFile, TarballUnfit, pack, unpack
from odmd.providers.packages.wheel import WheelUnfit, read_metadata

_ABOUT = "PKG-INFO"


@dataclass(frozen=True, slots=True)
class Sdist:
    """Sources as they are published."""

    content: bytes
    name: NormalizedName
    version: Version
    metadata: RawMetadata
    filetype = "sdist"
    """As the form of an upload calls it."""
    python = "source"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def folder(self) -> str:
        """What it unpacks to."""
        return f"{self.name.replace('-', '_')}-{self.version}"

    @property
    def filename(self) -> str:
        """By which indexes know it: it follows from what is inside."""
        return f"{self.folder}.tar.gz"


def read_sdist(content: bytes) -> Sdist:
    """Reads what is in it.

    Raises:
        WheelUnfit
    """
    return _read(content)[0]


def lasting_sdist(content: bytes) -> Sdist:
    """The same files as whoever packs them has them: backends note times and people.

    Raises:
        WheelUnfit
    """
    made, files = _read(content)
    return read_sdist(pack(files, made.folder))


def _read(content: bytes) -> tuple[Sdist, dict[str, PackedFile]]:
    try:
        files = dict(unpack(content))
        metadata = read_metadata(files[_ABOUT].content, _ABOUT)
        name, version = canonicalize_name(metadata.get("name", "")), Version(metadata.get("version", ""))
    except KeyError as missing:
        raise WheelUnfit(f"the sources have no {_ABOUT}") from missing
    except (TarballUnfit, InvalidVersion) as wrong:
        raise WheelUnfit(f"of the sources: {wrong}") from wrong
    return Sdist(content, name, version, metadata), files
