"""One version of a package, to be where it is published with exactly this content: whoever put it there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from odmd.control.running.procedures import Job
from odmd.errors import IndexUnreachable, PackageUnfit, UploadRefused, VersionTaken
from odmd.graph.built import PackageNode

LISTED_WITHIN: Final = 60.0
"""Seconds until an index lists what it took."""
_AFTER_A_NO: Final = 3.0
"""Seconds in which it may come all the same: another one of us was first, and the registry is not done with it."""
_LOOK_SECONDS: Final = 0.5
_DIGEST_SHOWN: Final = 19


@dataclass(frozen=True, slots=True)
class File:
    """A file of a package, as it is to be published."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a package, as it is published."""

    filename: str
    digest: str
    """Empty where nobody says it."""
    read: Callable[[], bytes]
    """Its content, proven to be what is listed."""


class PackageRegistry(Protocol):
    """Where one package is published."""

    @property
    def package(self) -> PackageNode: ...

    def published(self, version: str) -> Sequence[PublishedFile]:
        """The files of one version; none where it was never published here.

        Raises:
            IndexUnreachable, SettingsInvalid
        """
        ...

    def digest(self, content: bytes) -> str:
        """As this registry says it."""
        ...

    def upload(self, file: File) -> None:
        """Offers a file.

        Raises:
            UploadRefused: it says no; as well where it has that file already.
            IndexUnreachable: nobody knows whether it took it.
        """
        ...


@dataclass(frozen=True, slots=True)
class PackageVersion:
    """What is to be there."""

    registry: PackageRegistry
    version: str
    files: Sequence[File]
    listed_within: float
    """Seconds that the registry has to list what it took."""
    otherwise: str
    """What to do where the version is there with other content."""

    def is_there(self) -> bool:
        """Whether the registry has exactly these files.

        Raises:
            VersionTaken: it has another one of this version.
            IndexUnreachable, SettingsInvalid
        """
        return not self._missing(self.registry.published(self.version))

    def bring(self, job: Job) -> None:
        """Until the registry has it, whoever put it there.

        Raises:
            UploadRefused, VersionTaken, IndexUnreachable, SettingsInvalid
        """
        refused = self._offer(job)
        within = min(_AFTER_A_NO, self.listed_within) if refused else self.listed_within
        until = time.monotonic() + within
        while not self._is_read_back():
            if time.monotonic() >= until:
                raise refused or self._unlisted()
            job.alive(f"waits until {self.registry.package.index} lists it")
            time.sleep(_LOOK_SECONDS)
        job.tell(f"{self.registry.package.index} has it", lasting=True)

    def _offer(self, job: Job) -> UploadRefused | IndexUnreachable | None:
        """Returns what was said against it: it may be there all the same, as another one of us was first, or the answer
        was lost."""
        for file in self._missing(self.registry.published(self.version)):
            digest = self.registry.digest(file.content)
            job.tell(f"uploads {file.filename}, {digest}", lasting=True)
            try:
                self.registry.upload(file)
            except (UploadRefused, IndexUnreachable) as failed:
                return failed
        return None

    def _missing(self, there: Sequence[PublishedFile]) -> Sequence[File]:
        if not there:
            return self.files
        by_name = {one.filename: one for one in there}
        mine = [file for file in self.files if file.filename in by_name]
        for file in mine:
            if self._digest_of(by_name[file.filename]) != self.registry.digest(file.content):
                raise self._taken(by_name[file.filename], file)
        if not mine:
            raise self._taken(there[0], self.files[0])
        return [file for file in self.files if file not in mine]

    def _digest_of(self, one: PublishedFile) -> str:
        return one.digest or self.registry.digest(one.read())

    def _is_read_back(self) -> bool:
        """Whether what can be installed from now on are these files, byte by byte."""
        there = self.registry.published(self.version)
        if self._missing(there):
            return False
        by_name = {one.filename: one for one in there}
        return all(by_name[file.filename].read() == file.content for file in self.files)

    def _taken(self, there: PublishedFile, mine: File) -> VersionTaken:
        has = f"{there.digest[:_DIGEST_SHOWN]}…" if there.digest else "no hash"
        wanted = f"{self.registry.digest(mine.content)[:_DIGEST_SHOWN]}…"
        return VersionTaken(
            f"{self.registry.package.distribution} {self.version} is published already, with other content: "
            f"{there.filename}, {has}, not {wanted}",
            next_step=self.otherwise,
        )

    def _unlisted(self) -> UploadRefused:
        package, names = self.registry.package, " and ".join(file.filename for file in self.files)
        return UploadRefused(
            f"{package.upload} took {names}, and {package.index} does not list it after {self.listed_within:g} s",
            next_step="let both addresses in the contracts be of one index; then `odmd apply` tries it again",
        )


def package_of(job: Job) -> PackageNode:
    """Raises:
    PackageUnfit: the contract does not say where it is published.
    """
    if not isinstance(package := job.enver.built, PackageNode):
        raise PackageUnfit(f"{job.enver.label} does not say which index it is published to")
    return package


def otherwise(job: Job) -> str:
    """What to do where a version is taken by other content."""
    if package_of(job).releases:
        return f"raise the version in {job.enver.repo}: no version is published twice"
    return "another build of the same files made something else: see what in them is not the same twice, or commit"
