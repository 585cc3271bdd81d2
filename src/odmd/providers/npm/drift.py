"""What a kept recipe says that was published to a registry of npm."""

from __future__ import annotations

from odmd.errors import RecipeUnfit
from odmd.graph import EnverNode
from odmd.providers.npm.manifest import object_of
from odmd.providers.npm.registry import NpmRegistry
from odmd.providers.npm.tarball import Tarball, manifest_in
from odmd.providers.packages.drift import PublishedPackage, package_in
from odmd.providers.packages.package_version import File
from odmd.providers.packages.tarballs import TarballUnfit


def published(recipe: bytes, enver: EnverNode) -> PublishedPackage:
    """One tarball.

    Raises:
        RecipeUnfit
    """
    try:
        tarball = Tarball(recipe, object_of(manifest_in(recipe)))
        version, filename = tarball.version, tarball.filename
    except (TarballUnfit, KeyError) as wrong:
        raise RecipeUnfit(f"what is stored is no package of {enver.label}: {wrong}") from wrong
    return PublishedPackage(NpmRegistry(package_in(enver), enver.slot), version, [File(filename, recipe)])
