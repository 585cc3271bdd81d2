"""A file of a package, as an index lists it."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version


@dataclass(frozen=True, slots=True)
class Release:
    """One file that can be installed from there."""

    filename: str
    version: Version
    url: str
    sha256: str
    """Empty where the index does not say it."""

    @property
    def is_wheel(self) -> bool:
        return self.filename.endswith(".whl")
