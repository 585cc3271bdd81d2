"""The procedure of build type `npm`: its recipe is the package, byte by byte."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.running.procedures import Job
from odmd.errors import PackageUnfit
from odmd.providers.npm.building import build
from odmd.providers.npm.tarball import Tarball, integrity, read_tarball
from odmd.providers.npm.versions import is_of
from odmd.providers.packages.package_version import LISTED_WITHIN, File, PackageVersion, otherwise, package_of
from odmd.providers.packages.work import BuiltPackage, PackageWork, reading_kept
from odmd.providers.packages.workshop import Workshop

PROVIDER = "npm"


@dataclass(frozen=True, slots=True)
class NpmProcedure:
    """Needs what packages are built with."""

    workshop: Workshop
    listed_within: float = LISTED_WITHIN

    def preflight(self, job: Job) -> None:
        self.workshop.preflight(job)

    def prepare(self, job: Job) -> bytes:
        """Raises:
        PackageUnfit: it cannot be built, or is not what the contract publishes.
        """
        job.checkout()
        tarball = build(self.workshop, job)
        _refuse_another(tarball, job)
        return tarball.content

    def open(self, kept: bytes, job: Job) -> PackageWork:
        with reading_kept(job):
            tarball = read_tarball(kept, job)
            _refuse_another(tarball, job)
        from odmd.providers.npm.registry import NpmRegistry  # with its client of HTTP, which few runs need

        file, registry = File(tarball.filename, kept), NpmRegistry(package_of(job), job.enver.slot)
        built = BuiltPackage("npm package", integrity(kept), f"{tarball.name}@{tarball.version}", PROVIDER)
        return PackageWork(
            job, built, PackageVersion(registry, tarball.version, [file], self.listed_within, otherwise(job))
        )


def _refuse_another(tarball: Tarball, job: Job) -> None:
    """What its own scripts made of its version is not asked for; a pre-release is one of this enver."""
    if not package_of(job).releases and not is_of(tarball.version, job.enver.slot):
        raise PackageUnfit(
            f"what {job.enver.label} builds is {tarball.version}, and it publishes pre-releases of its own",
            next_step="let no script of the package change its version",
        )
