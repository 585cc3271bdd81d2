"""Which version a Python package has: the one that its project says, or a pre-release of that, of one enver."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from odmd.control.running.procedures import Job
from odmd.errors import FileUnfit, PackageUnfit
from odmd.foreign import read_text
from odmd.providers.packages.building import PROJECT
from odmd.providers.packages.content import not_there

_DIGITS: Final = 12
"""Of a content's digest; indexes take any number there, and nobody reads longer ones."""
_TABLE: Final = re.compile(r"^\s*\[project\]\s*(?:#.*)?$", re.MULTILINE)
_NEXT_TABLE: Final = re.compile(r"^\s*\[", re.MULTILINE)
_SAID: Final = re.compile(r"^(\s*version\s*=\s*)(\"[^\"\n]*\"|'[^'\n]*')", re.MULTILINE)


def prerelease(base: Version, content: str) -> Version:
    """The version of what an enver publishes that does not release: `1.2.3.dev11259375`. No index takes a local version
    (`+fix-1`), so what tells it from others is a number.

    Args:
        base: what the project says; what it says behind a plus, or of a development release, is dropped.
        content: digest of what is built, and by whom.
    """
    plain = str(base).partition("+")[0].partition(".dev")[0]
    return Version(f"{plain}.dev{int(content[:_DIGITS], 16)}")


def write_prerelease(job: Job, content: str) -> Version:
    """Lets the project in a checkout say its pre-release.

    Raises:
        PackageUnfit: it does not say a version in a way that can be written again.
    """
    file = job.place.source / job.enver.folder / PROJECT
    said = f"{job.enver.repo}, {job.enver.folder}/{PROJECT}"
    try:
        text = read_text(file, within=job.place.source)
        version = prerelease(Version(tomllib.loads(text)["project"]["version"]), content)
    except FileNotFoundError:
        raise not_there(said, job) from None
    except (OSError, ValueError, FileUnfit, LookupError, TypeError, InvalidVersion) as wrong:
        raise PackageUnfit(
            f"{said} does not say which version its pre-releases come before: {wrong}",
            next_step='write version = "1.0.0" in its [project]: one that is found out while it is built is none yet',
        ) from wrong
    _write(file, with_version(text, str(version), said))
    return version


def with_version(text: str, version: str, said: str) -> str:
    """A project that says another version, and all else as before.

    Raises:
        PackageUnfit
    """
    before: dict[str, Any] = tomllib.loads(text)
    begins = table.end() if (table := _TABLE.search(text)) else len(text)
    ends = found.start() if (found := _NEXT_TABLE.search(text, begins)) else len(text)
    changed = text[:begins] + _SAID.sub(rf'\g<1>"{version}"', text[begins:ends], count=1) + text[ends:]
    if _read(changed) != {**before, "project": {**before["project"], "version": version}}:
        raise PackageUnfit(
            f"{said} says its version in a way that cannot be written again",
            next_step='write version = "1.0.0" on a line of its own below [project]',
        )
    return changed


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError:
        return {}


def _write(file: Path, text: str) -> None:
    file.resolve().write_text(text, encoding="utf-8")
