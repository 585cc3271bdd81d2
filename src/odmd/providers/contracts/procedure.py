"""The procedure of build type `contracts`: its recipe is a wheel, its one unit that the index has exactly this one."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from packaging.utils import canonicalize_name

from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal, ResourceChange
from odmd.errors import ContractsUnsound, PackageUnfit, Severity
from odmd.graph.built import PackageNode
from odmd.graph.shape import Shape
from odmd.providers.contracts.compatible import before, may_break, refuse_breaks
from odmd.providers.packages.building import build_wheel
from odmd.providers.packages.package_version import LISTED_WITHIN, File, PackageVersion, otherwise, package_of
from odmd.providers.packages.release import Release
from odmd.providers.packages.wheel import Wheel, WheelUnfit, read_wheel
from odmd.providers.packages.work import reading_kept
from odmd.providers.packages.workshop import Workshop

if TYPE_CHECKING:
    from odmd.providers.packages.index import Index

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

    workshop: Workshop
    shapes: Shapes
    listed_within: float = LISTED_WITHIN

    def preflight(self, job: Job) -> None:
        self.workshop.preflight(job)

    def prepare(self, job: Job) -> bytes:
        """Raises:
        PackageUnfit: it cannot be built, or is not what the contract publishes.
        """
        job.checkout()
        content = build_wheel(self.workshop, job)
        try:
            _refuse_another(read_wheel(content), package_of(job))
        except WheelUnfit as wrong:
            raise PackageUnfit(f"what {job.enver.label} builds cannot be published: {wrong}") from wrong
        return content

    def open(self, kept: bytes, job: Job) -> Publishing:
        with reading_kept(job):
            wheel = read_wheel(kept)
            _refuse_another(wheel, package_of(job))
        from odmd.providers.packages.index import Index  # with its client of HTTP, which few runs need

        return Publishing(self, job, wheel, Index(package_of(job)))


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
        wheel = self._wheel
        if self._version.is_there():
            return Proposal(unit.name, "", (), empty=True)
        last = before(wheel.version, self._index.releases())
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
            self._version.bring(self._job)
        return done

    def settle(self, unit: Unit) -> None:
        """Nothing is left to do."""

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:  # noqa: ARG002
        text = f"{package_of(self._job).distribution}=={self._wheel.version}"
        return Observed({product.name: text for product in self._job.enver.products}, {})

    @property
    def _version(self) -> PackageVersion:
        wheel, within = self._wheel, self._procedure.listed_within
        file = File(wheel.filename, wheel.content)
        return PackageVersion(self._index, str(wheel.version), [file], within, otherwise(self._job))

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
                return self._procedure.shapes(folder, package_of(self._job).entry_point, sound=sound)
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
