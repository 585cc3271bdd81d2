"""Writes what checks left into a folder: files of whoever wrote the checks."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from odmd.errors import FileRefused, ReportsUnknown
from odmd.trees import unpack

if TYPE_CHECKING:
    from odmd.control.reading.past import Past
    from odmd.control.reading.verified import CheckMade, CheckView

_PLAIN: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class WrittenReports:
    """What one check left, and where it is now."""

    check: str
    run: int
    folder: str
    files: tuple[str, ...]


def write_reports(
    past: Past, enver: str, checks: Sequence[CheckView], into: Path, run: int | None
) -> Sequence[WrittenReports]:
    """A folder for each check that left something: in a run, or when it last did.

    Raises:
        ReportsUnknown, FileRefused
    """
    newest = {one.name: found for one in checks if (found := _newest(one, run)) is not None}
    if not newest:
        where = "" if run is None else f" in run {run}"
        raise ReportsUnknown(
            f"the checks of {enver} left no reports{where}",
            next_step="what a program writes to the folder $ODMD_REPORTS is kept, as suites' JUnit XML is",
        )
    _refuse_used(into)
    return [
        _written(check, made, past.reports(enver, made.run, check), into / f"{number}-{_PLAIN.sub('-', check)}")
        for number, (check, made) in enumerate(newest.items(), 1)
    ]


def _newest(one: CheckView, run: int | None) -> CheckMade | None:
    return next((made for made in one.made if made.reports and run in (None, made.run)), None)


def _written(check: str, made: CheckMade, packed: bytes, folder: Path) -> WrittenReports:
    try:
        folder.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
            unpack(archive, folder)
    except (OSError, ValueError, tarfile.TarError) as wrong:
        raise FileRefused(f"{folder} cannot be written: {wrong}", next_step="give another folder") from wrong
    return WrittenReports(check, made.run, str(folder), tuple(file.name for file in made.reports))


def _refuse_used(into: Path) -> None:
    try:
        is_used = into.exists() and (not into.is_dir() or any(into.iterdir()))
    except OSError as wrong:
        raise FileRefused(f"{into} cannot be read: {wrong.strerror}", next_step="give another folder") from wrong
    if is_used:
        raise FileRefused(f"{into} is no empty folder", next_step="give one that is empty, or is not there")
