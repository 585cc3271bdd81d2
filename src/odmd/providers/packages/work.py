"""The work of a run that publishes a package: its one unit is that its registry has exactly this one."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal, ResourceChange
from odmd.control.scheduler.values import Resource
from odmd.errors import PackageUnfit, RecipeUnfit
from odmd.providers.packages.package_version import PackageVersion, package_of
from odmd.providers.packages.wheel import WheelUnfit


@dataclass(frozen=True, slots=True)
class BuiltPackage:
    """A package that is ready to be published."""

    kind: str
    """What people call it: an npm package."""
    digest: str
    """Of all its files."""
    text: str
    """The value that names it: `@acme/orders@1.2.0`."""
    provider: str
    """Who takes a pre-release away again."""


@contextmanager
def reading_kept(job: Job) -> Generator[None]:
    """What is read inside was stored; what does not fit is no package of the enver.

    Raises:
        RecipeUnfit
    """
    try:
        yield
    except (PackageUnfit, WheelUnfit) as wrong:
        fact = wrong.fact if isinstance(wrong, PackageUnfit) else wrong
        raise RecipeUnfit(f"what is stored is no package of {job.enver.label}: {fact}") from wrong


class PackageWork:
    """One package, to be where its contract publishes it."""

    lookups: tuple[tuple[str, str], ...] = ()

    def __init__(self, job: Job, built: BuiltPackage, version: PackageVersion) -> None:
        self._job, self._built, self._version = job, built, version
        self.units: Sequence[Unit] = [Unit(package_of(job).distribution, built.digest, {**job.texts, **job.config})]

    def stale(self) -> str:
        """With other values another one is built."""
        return "a package is built with its values" if self._job.texts or self._job.config else ""

    def prove(self) -> None:
        """What was built has all that it needs."""

    def deliver(self) -> Mapping[str, object]:
        return {}

    def look(self, unit: Unit) -> Look:  # noqa: ARG002
        """Versions stand side by side: none is in the way of another."""
        return Look()

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:  # noqa: ARG002
        """Raises:
        VersionTaken, IndexUnreachable
        """
        if self._version.is_there():
            return Proposal(unit.name, "", (), empty=True)
        cause = "a release" if package_of(self._job).releases else "a pre-release of this enver"
        change = ResourceChange("Add", self._built.text, self._built.kind, "", cause)
        return Proposal(unit.name, "", (change,), empty=False)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        """Raises:
        UploadRefused, VersionTaken, IndexUnreachable
        """
        if not proposal.empty:
            self._version.bring(self._job)
        return {"version": self._version.version, "digest": self._built.digest}

    def settle(self, unit: Unit) -> None:
        """Nothing is left to do."""

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:  # noqa: ARG002
        names, package = [product.name for product in self._job.enver.products], package_of(self._job)
        texts = dict.fromkeys(names, self._built.text)
        if package.releases:
            return Observed(texts, {})
        behind = Resource(self._built.kind, self._built.text, package.index, "", self._built.provider)
        return Observed(texts, dict.fromkeys(names, behind))
