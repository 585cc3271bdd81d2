"""Sources that are installed packages: a version stands where a commit stands."""

from odmd.providers.installed.history import InstalledHistory
from odmd.providers.installed.sources import InstalledSources

__all__ = ["InstalledHistory", "InstalledSources"]
