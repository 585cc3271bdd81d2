"""Where sources come from: git, by the paths or URLs of the settings; and packages that are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings

if TYPE_CHECKING:
    from odmd.control.ports.world import Repositories
    from odmd.providers.git.repositories import GitRepositories


def repositories(settings: Settings) -> Repositories:
    """Of every repo and package that the contracts name."""
    from odmd.providers.installed import InstalledSources

    return InstalledSources(git_repositories(settings))


def git_repositories(settings: Settings) -> GitRepositories:
    """Of every repo that the contracts name."""
    from odmd.bootstrap.app_reads import app_reads
    from odmd.providers.git.repositories import GitRepositories

    return GitRepositories(settings.locate, settings.state / "git", app_reads(settings))
