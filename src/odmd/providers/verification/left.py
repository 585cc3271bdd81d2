"""What a check leaves in the folder that it is told: read with care, masked as logs are, packed into one archive."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from odmd.control.running.procedures import Job
from odmd.control.running.saying import WARNS, Discreet
from odmd.control.running.verifying import KeptReports, ReportFile
from odmd.errors import FileUnfit, QuotaExceeded, RequestTooLarge
from odmd.foreign import read_bytes
from odmd.private import private_folder
from odmd.texts import harmless
from odmd.trees import files_below, remove_tree

VARIABLE: Final = "ODMD_REPORTS"
"""Where a check's program finds the folder."""
MOST_FILES: Final = 200
MOST_BYTES: Final = 16_000_000
"""Of all files of a check."""
_MOST_SEEN: Final = 10_000
_LONGEST_NAME: Final = 200
_NAMED: Final = 3

Keep = Callable[[bytes], str]
"""Keeps content for as long as journals are kept; returns its digest."""


def fresh_folder(folder: Path) -> Path:
    """An empty one for the next try, whatever the last one made of it."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    remove_tree(folder)
    return private_folder(folder)


@dataclass(frozen=True, slots=True)
class FilesLeft:
    """What one check left, and what reads it."""

    folder: Path
    discreet: Callable[[Mapping[str, str]], Discreet]

    def kept(self, job: Job, also: Iterable[Path], keep: Keep) -> KeptReports | None:
        """Keeps what is fit for it, and tells what is not; None where nothing is.

        Args:
            also: files beside the folder that odmd asked for.
        """
        files, unfit = dict[str, bytes](), list[str]()
        left = MOST_BYTES
        for name, path, within in self._found(also):
            try:
                if len(files) >= MOST_FILES:
                    raise ValueError(f"no more than {MOST_FILES} are")
                _refuse_unfit(name, path)
                content = self._without_secrets(job, read_bytes(path, within=within, most=left))
            except (OSError, ValueError, FileUnfit) as wrong:
                unfit.append(f"{harmless(name)[:_LONGEST_NAME]}: {harmless(str(wrong))}")
            else:
                files[name] = content
                left -= min(left, len(content))
        if unfit:
            more = "; …" if len(unfit) > _NAMED else ""
            job.tell(
                f"{WARNS}{len(unfit)} of its reports are not kept: {'; '.join(unfit[:_NAMED])}{more}", lasting=True
            )
        return _put(job, files, keep) if files else None

    def _found(self, also: Iterable[Path]) -> Iterator[tuple[str, Path, Path]]:
        """(its name, where it is, what it has to be below), in the order of their names, ours first."""
        for path in also:
            if path.exists():
                yield path.name, path, path.parent
        if self.folder.is_symlink():
            return
        seen = islice(files_below(self.folder), _MOST_SEEN)
        names = sorted(Path(one.path).relative_to(self.folder).as_posix() for one in seen)
        for name in names:
            yield name, self.folder / name, self.folder

    def _without_secrets(self, job: Job, content: bytes) -> bytes:
        """Raises:
        ValueError: it may not be kept.
        """
        try:
            text = content.decode()
        except UnicodeDecodeError:
            if job.shows(content.decode("latin-1")):
                raise ValueError("a secret stands in it") from None
            return content
        hides = self.discreet(job.secret_variables)
        lines = [shown for line in text.splitlines() for shown in hides(line)]
        return "".join(f"{line}\n" for line in (*lines, *hides.rest())).encode()


def _refuse_unfit(name: str, path: Path) -> None:
    """Whoever gets it writes it under that name."""
    if len(name) > _LONGEST_NAME or not name.isprintable() or "\\" in name:
        raise ValueError("its name is none for a file that others write")
    if path.is_symlink():
        raise ValueError("it is a link")


def _put(job: Job, files: Mapping[str, bytes], keep: Keep) -> KeptReports | None:
    try:
        digest = keep(_packed(files))
    except (QuotaExceeded, RequestTooLarge) as full:
        job.tell(f"{WARNS}its reports are not kept: {full.fact}", lasting=True)
        return None
    return KeptReports(digest, tuple(ReportFile(name, len(content)) for name, content in files.items()))


def _packed(files: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same files."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return into.getvalue()


def has_features(folder: Path) -> bool:
    """Whether there are scenarios somewhere below."""
    return any(one.name.endswith(".feature") for one in islice(files_below(folder), _MOST_SEEN))
