"""That a registry answers, knows the package as ours, and that somebody signs in there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from odmd.control.running.needs import Finding, Proven, RegistryNeeded, Unknown
from odmd.providers.packages.credentials import sign_in, variable_of


@dataclass(frozen=True, slots=True)
class There:
    """What a registry has of a package."""

    versions: Collection[str]
    is_signed_in: bool


def index_has(need: RegistryNeeded) -> There:
    """What it says may be read by everybody; whether it takes an upload, the upload says.

    Raises:
        IndexUnreachable, SettingsInvalid
    """
    from odmd.providers.packages.index import Index

    versions = sorted({one.version for one in Index(need.package).releases()})
    return There([str(one) for one in versions], sign_in(need.package.upload) is not None)


def takes(need: RegistryNeeded, there: There) -> Finding:
    """A name that others publish under is seen by what is there, and that nobody published it from here."""
    package, count = need.package, len(there.versions)
    last = f"; the last one is {list(there.versions)[-1]}" if count and not need.is_npm else ""
    has = f"has {count} version{'s' * (count != 1)} of {package.distribution}{last}"
    fact = has if count else "none of it is published yet"
    if not there.is_signed_in:
        variable = variable_of(package.upload)
        return Unknown(
            f"{fact}; nobody says who signs in at {package.upload}",
            f"set {variable}_USERNAME and {variable}_PASSWORD where runs are carried out, or write a netrc file",
        )
    if count and not need.is_published:
        return Unknown(
            f"{fact}, and none of them was published from here",
            f"see whether the name {package.distribution} is yours there; if not, give the package another name",
        )
    return Proven(fact)
