"""The procedure of build type `contracts`: its recipe is a wheel, its one unit that the index has exactly this one."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from packaging.utils import canonicalize_name

from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal, ResourceChange
from odmd.errors import (
    ContractsUnsound,
    IndexUnreachable,
    PackageUnfit,
    RecipeUnfit,
    Severity,
    UploadRefused,
    VersionTaken,
)
from odmd.graph.nodes import PackageNode
from odmd.graph.shape import Shape
from odmd.providers.contracts.building import Builder
from odmd.providers.contracts.compatible import before, may_break, refuse_breaks
from odmd.providers.contracts.release import Release
from odmd.providers.contracts.wheel import Wheel, WheelUnfit, read_wheel

if TYPE_CHECKING:
    from odmd.providers.contracts.index import Index

_LISTED_WITHIN: Final = 60.0
"""Seconds until an index lists what it took."""
_LOOK_SECONDS: Final = 0.5
_SHOWN: Final = 5
"""Mistakes."""


class Shapes(Protocol):
    """Says what contracts promise that are in an unpacked wheel."""

    def __call__(self, folder: Path, entry_point: str, *, sound: bool) -> Shape:
        """Loads them; `sound`: those that are not sound are refused.

        Raises:
            ContractsNotLoaded, ContractsUnsound, NotCaged
        """
        ...


@dataclass(frozen=True, slots=True)
class ContractsProcedure:
    """Needs what wheels are built with, and what says what the contracts in one promise."""

    builder: Builder
    shapes: Shapes
    listed_within: float = _LISTED_WITHIN

    def preflight(self, job: Job) -> None:
        if self.builder.cage is not None:
            self.builder.cage()
        _package(job)

    def prepare(self, job: Job) -> bytes:
        """Raises:
        PackageUnfit: it cannot be built, or is not what the contract publishes.
        """
        job.checkout()
        content = self.builder.build(job)
        try:
            _refuse_another(read_wheel(content), _package(job))
        except WheelUnfit as wrong:
            raise PackageUnfit(f"what {job.enver.label} builds cannot be published: {wrong}") from wrong
        return content

    def open(self, kept: bytes, job: Job) -> Publishing:
        try:
            wheel = read_wheel(kept)
            _refuse_another(wheel, _package(job))
        except WheelUnfit as wrong:
            raise RecipeUnfit(
                f"what is stored is no package of {job.enver.label}: {wrong}",
                next_step="the next run makes another recipe: `odmd apply`",
            ) from wrong
        from odmd.providers.contracts.index import Index  # with its client of HTTP, which few runs need

        return Publishing(self, job, wheel, Index(_package(job)))


class Publishing:
    """One wheel, to be in its index."""

    lookups: tuple[tuple[str, str], ...] = ()

    def __init__(self, procedure: ContractsProcedure, job: Job, wheel: Wheel, index: Index) -> None:
        self._procedure, self._job, self._wheel, self._index = procedure, job, wheel, index
        self.units: Sequence[Unit] = [Unit(wheel.name, wheel.sha256, {})]

    def stale(self) -> str:
        """It takes no values."""
        return ""

    def prove(self) -> None:
        """Proves that the contracts in the wheel can be loaded and are sound.

        Raises:
            PackageUnfit, NotCaged
        """
        self._shape  # noqa: B018  # its making is the proof

    def deliver(self) -> Mapping[str, object]:
        return {}

    def look(self, unit: Unit) -> Look:  # noqa: ARG002
        """Versions stand side by side: none is in the way of another."""
        return Look()

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:  # noqa: ARG002
        """Raises:
        VersionTaken, VersionTooLow, IndexUnreachable
        """
        wheel, releases = self._wheel, self._index.releases()
        if self._is_there(releases):
            return Proposal(unit.name, "", (), empty=True)
        last = before(wheel.version, releases)
        if last is not None:
            refuse_breaks(wheel.name, last.version, wheel.version, lambda: self._shape_of(last), self._shape)
        change = ResourceChange("Add", wheel.filename, "Python package", "", self._follows(last))
        return Proposal(unit.name, "", (change,), empty=False)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        """Raises:
        UploadRefused, VersionTaken, IndexUnreachable
        """
        done = {"version": str(self._wheel.version), "sha256": self._wheel.sha256}
        if not proposal.empty:
            self._upload()
        return done

    def settle(self, unit: Unit) -> None:
        """Nothing is left to do."""

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:  # noqa: ARG002
        text = f"{_package(self._job).distribution}=={self._wheel.version}"
        return Observed({product.name: text for product in self._job.enver.products}, {})

    @cached_property
    def _shape(self) -> Shape:
        return self._unpacked(self._wheel, sound=True)

    def _shape_of(self, release: Release) -> Shape:
        """That of what was published, as it lies in the index."""
        if not release.is_wheel:
            raise PackageUnfit(f"there is {release.filename} of it, and no wheel")
        try:
            wheel = read_wheel(self._index.content(release))
        except WheelUnfit as wrong:
            raise PackageUnfit(f"{release.filename}: {wrong}") from wrong
        return self._unpacked(wheel, sound=False)  # by the rules of today

    def _unpacked(self, wheel: Wheel, *, sound: bool) -> Shape:
        with tempfile.TemporaryDirectory(prefix="odmd-wheel-") as made:
            folder = Path(made).resolve()
            wheel.unpack(folder)
            try:
                return self._procedure.shapes(folder, _package(self._job).entry_point, sound=sound)
            except ContractsUnsound as unsound:
                raise PackageUnfit(
                    f"the contracts in {wheel.filename} break rules:\n{_mistakes(unsound, folder)}",
                    next_step="`odmd check` says them all",
                ) from unsound

    def _follows(self, last: Release | None) -> str:
        if last is None:
            return "nothing is compared with it"
        how = "may break what" if may_break(last.version, self._wheel.version) else "keeps what"
        return f"{how} {last.version} promised"

    def _is_there(self, releases: Sequence[Release]) -> bool:
        """Whether the index has exactly this wheel.

        Raises:
            VersionTaken: it has another one of this version.
        """
        wheel = self._wheel
        if not (taken := [one for one in releases if one.version == wheel.version]):
            return False
        for one in taken:
            if one.filename == wheel.filename and (one.sha256 or self._index.sha256(one)) == wheel.sha256:
                return True
        raise VersionTaken(
            f"{wheel.name} {wheel.version} is published already, with other content: {taken[0].filename}, "
            f"{f'sha256 {taken[0].sha256[:12]}…' if taken[0].sha256 else 'no hash'}, not {wheel.sha256[:12]}…",
            next_step=f"raise the version in {self._job.enver.repo}: no version is published twice",
        )

    def _upload(self) -> None:
        """Until the index has it, whoever put it there."""
        wheel, refused = self._wheel, None
        self._job.tell(f"uploads {wheel.filename}, sha256 {wheel.sha256}", lasting=True)
        try:
            self._index.upload(wheel)
        except (UploadRefused, IndexUnreachable) as failed:
            refused = failed  # it may be there all the same: another one of us was first, or the answer was lost
        until = time.monotonic() + (0 if refused else self._procedure.listed_within)
        while True:
            if self._is_read_back():
                self._job.tell(f"{self._index.package.index} has it", lasting=True)
                return
            if time.monotonic() >= until:
                raise refused or UploadRefused(
                    f"{self._index.package.upload} took {wheel.filename}, and {self._index.package.index} does not "
                    f"list it after {self._procedure.listed_within:g} s",
                    next_step="let both addresses in the contracts be of one index; then `odmd apply` tries it again",
                )
            self._job.alive(f"waits until {self._index.package.index} lists it")
            time.sleep(_LOOK_SECONDS)

    def _is_read_back(self) -> bool:
        """Whether what can be installed from now on is this wheel, byte by byte."""
        releases = self._index.releases()
        if not self._is_there(releases):
            return False
        release = next(one for one in releases if one.filename == self._wheel.filename)
        return self._index.content(release) == self._wheel.content


def _package(job: Job) -> PackageNode:
    """Raises:
    PackageUnfit: the contract does not say where it is published.
    """
    if (package := job.enver.package) is None:
        raise PackageUnfit(f"{job.enver.label} does not say which index it is published to")
    return package


def _mistakes(unsound: ContractsUnsound, folder: Path) -> str:
    """The first ones, by their places in the package."""
    found = [str(one) for one in unsound.diagnostics() if one.severity is Severity.ERROR]
    return "\n".join(found[:_SHOWN]).replace(f"{folder}/", "")


def _refuse_another(wheel: Wheel, package: PackageNode) -> None:
    """Raises:
    WheelUnfit
    """
    if wheel.name != canonicalize_name(package.distribution):
        raise WheelUnfit(f"it is {wheel.name}, and {package.distribution} is to be published")
