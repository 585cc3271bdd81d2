"""What a kept recipe says that was published of contracts."""

from __future__ import annotations

from odmd.errors import RecipeUnfit
from odmd.graph import EnverNode
from odmd.providers.packages.drift import PublishedPackage, package_in
from odmd.providers.packages.index import Index
from odmd.providers.packages.package_version import File
from odmd.providers.packages.wheel import WheelUnfit, read_wheel


def published(recipe: bytes, enver: EnverNode) -> PublishedPackage:
    """One wheel.

    Raises:
        RecipeUnfit
    """
    try:
        wheel = read_wheel(recipe)
    except WheelUnfit as wrong:
        raise RecipeUnfit(f"what is stored are no contracts of {enver.label}: {wrong}") from wrong
    return PublishedPackage(Index(package_in(enver)), str(wheel.version), [File(wheel.filename, wheel.content)])
