"""The procedure of build type `python`: its recipe is a wheel and the sources that it is made of, byte by byte."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Final

from packaging.utils import canonicalize_name
from packaging.version import Version

from odmd.control.running.procedures import Job
from odmd.errors import PackageUnfit
from odmd.graph import digest
from odmd.providers.packages.building import build_both
from odmd.providers.packages.content import content_of
from odmd.providers.packages.package_version import LISTED_WITHIN, File, PackageVersion, otherwise, package_of
from odmd.providers.packages.sdist import Sdist, lasting_sdist, read_sdist
from odmd.providers.packages.wheel import Wheel, WheelUnfit, read_wheel
from odmd.providers.packages.work import BuiltPackage, PackageWork, reading_kept
from odmd.providers.packages.workshop import Workshop
from odmd.providers.python.versions import write_prerelease

PROVIDER: Final = "python"
_WHEEL, _SOURCES = "wheel", "sources"
_MOST: Final = 130_000_000
"""Bytes of both."""
_NO_RECIPE: Final = (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, slots=True)
class Files:
    """A package as it is published."""

    wheel: Wheel
    sources: Sdist


@dataclass(frozen=True, slots=True)
class PythonProcedure:
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
        version = None if package_of(job).releases else write_prerelease(job, content_of(job))
        if version is not None:
            job.tell(f"its version is {version}", lasting=True)
        wheel, sources = build_both(self.workshop, job)
        try:
            files = Files(read_wheel(wheel), lasting_sdist(sources))
            _refuse_another(files, job, version)
        except WheelUnfit as wrong:
            raise PackageUnfit(f"what {job.enver.label} builds cannot be published: {wrong}") from wrong
        return _recipe(files)

    def open(self, kept: bytes, job: Job) -> PackageWork:
        with reading_kept(job):
            files = files_in(kept)
            _refuse_another(files, job, None)
        from odmd.providers.packages.index import Index  # with its client of HTTP, which few runs need

        package, version = package_of(job), str(files.wheel.version)
        both = [File(one.filename, one.content) for one in (files.wheel, files.sources)]
        built = BuiltPackage(
            "Python package",
            digest((files.wheel.sha256, files.sources.sha256)),
            f"{package.distribution}=={version}",
            PROVIDER,
        )
        return PackageWork(
            job, built, PackageVersion(Index(package), version, both, self.listed_within, otherwise(job))
        )


def _recipe(files: Files) -> bytes:
    """Both in one, where they can be read again."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name, content in ((_WHEEL, files.wheel.content), (_SOURCES, files.sources.content)):
            made.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def files_in(kept: bytes) -> Files:
    """What a recipe has.

    Raises:
    WheelUnfit
    """
    try:
        with zipfile.ZipFile(io.BytesIO(kept)) as there:
            if sum(one.file_size for one in there.infolist()) > _MOST:
                raise WheelUnfit(f"it has more than {_MOST:,} bytes")
            return Files(read_wheel(there.read(_WHEEL)), read_sdist(there.read(_SOURCES)))
    except WheelUnfit:
        raise
    except _NO_RECIPE as wrong:
        raise WheelUnfit(f"it is no wheel with its sources: {wrong}") from wrong


def _refuse_another(files: Files, job: Job, version: Version | None) -> None:
    """Raises:
    WheelUnfit
    """
    wheel, sources, package = files.wheel, files.sources, package_of(job)
    if wheel.name != canonicalize_name(package.distribution):
        raise WheelUnfit(f"it is {wheel.name}, and {package.distribution} is to be published")
    if (sources.name, sources.version) != (wheel.name, wheel.version):
        raise WheelUnfit(f"its sources are {sources.name} {sources.version}, and the wheel is {wheel.version}")
    if version is not None and wheel.version != version:
        raise WheelUnfit(f"it is {wheel.version}, and {version} was to be built")
    if wheel.version.local:
        raise WheelUnfit(f"no index takes a local version, {wheel.version}")
    if not package.releases and not wheel.version.is_devrelease:
        raise WheelUnfit(f"it is {wheel.version}, and {job.enver.label} publishes pre-releases")
