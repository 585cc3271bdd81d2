"""What a kept recipe says that was published to an index."""

from __future__ import annotations

from odmd.errors import RecipeUnfit
from odmd.graph import EnverNode
from odmd.providers.packages.drift import PublishedPackage, package_in
from odmd.providers.packages.index import Index
from odmd.providers.packages.package_version import File
from odmd.providers.packages.wheel import WheelUnfit
from odmd.providers.python.procedure import files_in


def published(recipe: bytes, enver: EnverNode) -> PublishedPackage:
    """A wheel and its sources.

    Raises:
        RecipeUnfit
    """
    try:
        files = files_in(recipe)
    except WheelUnfit as wrong:
        raise RecipeUnfit(f"what is stored is no package of {enver.label}: {wrong}") from wrong
    both = [File(one.filename, one.content) for one in (files.wheel, files.sources)]
    return PublishedPackage(Index(package_in(enver)), str(files.wheel.version), both)
