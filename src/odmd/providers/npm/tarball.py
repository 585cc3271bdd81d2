"""A package for npm, as it is published."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final

from odmd.control.running.procedures import Job
from odmd.errors import PackageUnfit
from odmd.providers.npm.manifest import FILE, Manifest, fit
from odmd.providers.packages.tarballs import TarballUnfit, pack, unpack

_FOLDER: Final = "package"
_LARGEST: Final = 1_000_000
"""Bytes of what it says of itself."""


@dataclass(frozen=True, slots=True)
class Tarball:
    """One version of it."""

    content: bytes
    manifest: Manifest

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @property
    def version(self) -> str:
        """As registries have it: what is said behind a plus is no part of it."""
        return str(self.manifest["version"]).partition("+")[0]

    @property
    def filename(self) -> str:
        """As npm has it."""
        return f"{self.name}-{self.version}.tgz"


def manifest_in(content: bytes) -> object:
    """What the package in an archive says of itself.

    Raises:
        TarballUnfit
    """
    try:
        return json.loads(unpack(content)[FILE].content[:_LARGEST])
    except KeyError:
        raise TarballUnfit(f"it has no {FILE}") from None
    except (ValueError, RecursionError) as wrong:
        raise TarballUnfit(f"its {FILE} cannot be read: {wrong}") from wrong


def read_tarball(content: bytes, job: Job) -> Tarball:
    """What is in it, as the contract publishes it.

    Raises:
        PackageUnfit
    """
    try:
        return Tarball(content, fit(manifest_in(content), job))
    except TarballUnfit as wrong:
        raise PackageUnfit(f"what {job.enver.label} builds cannot be published: {wrong}") from wrong


def lasting_tarball(content: bytes, job: Job) -> Tarball:
    """The same files as whoever packs them has them: each tool, and each release of Node, packs them in its own way.

    Raises:
        PackageUnfit
    """
    return Tarball(pack(unpack(content), _FOLDER), read_tarball(content, job).manifest)


def integrity(content: bytes) -> str:
    """As registries of npm say what something is."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"
