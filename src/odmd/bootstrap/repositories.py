"""Where sources come from: git, by the paths or URLs of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings

if TYPE_CHECKING:
    from odmd.providers.git.repositories import GitRepositories


def repositories(settings: Settings) -> GitRepositories:
    """Of every repo that the contracts name."""
    from odmd.bootstrap.app_reads import app_reads
    from odmd.providers.git.repositories import GitRepositories

    return GitRepositories(settings.locate, settings.state / "git", app_reads(settings))
