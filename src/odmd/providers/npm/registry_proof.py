"""What a registry of npm has of a package, and whether somebody signs in there."""

from __future__ import annotations

from odmd.control.running.needs import RegistryNeeded
from odmd.providers.packages.registry_proof import There


def registry_has(need: RegistryNeeded) -> There:
    """Raises:
    IndexUnreachable, SettingsInvalid
    """
    from odmd.providers.npm.registry import NpmRegistry
    from odmd.providers.npm.sign_in import sign_in_to_registry

    versions = NpmRegistry(need.package).versions()
    return There(list(versions), sign_in_to_registry(need.package.upload) is not None)
