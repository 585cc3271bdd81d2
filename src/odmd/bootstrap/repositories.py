"""Where sources come from: git, by the paths or URLs of the settings."""

from __future__ import annotations

from odmd.bootstrap.settings import Settings
from odmd.control.ports.world import Repositories


def repositories(settings: Settings) -> Repositories:
    """Of every repo that the contracts name."""
    from odmd.providers.git.repositories import GitRepositories

    return GitRepositories(settings.locate, settings.state / "git")
