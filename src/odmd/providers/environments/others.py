"""Languages whose tools resolve a project's own dependencies from a cache of theirs: nothing is to be made."""

from __future__ import annotations

import shutil
from pathlib import Path

from odmd.errors import ToolMissing
from odmd.providers.environments.recipe import AppEnvironment, Lock, Recipe, key_of


def by_maven(lock: Lock) -> Recipe:
    """Maven, by its project file."""
    return _present("mvn", lock.file, wrapper="mvnw")


def by_gradle(lock: Lock) -> Recipe:
    """Gradle, by its build file."""
    return _present("gradle", lock.file, wrapper="gradlew")


def by_go(lock: Lock) -> Recipe:
    """Go, by its checksums."""
    return _present("go", lock.file)


def _present(tool: str, file: Path, wrapper: str = "") -> Recipe:
    """The tool, or the project's own wrapper of it, is there."""
    if not (shutil.which(tool) or (wrapper and (file.parent / wrapper).is_file())):
        raise ToolMissing(
            f"the app is built with {tool} ({file.name}), and there is none on this machine",
            next_step=f"put `{tool}` on PATH where the run is carried out",
        )
    return Recipe(tool, file, key_of(tool), lambda _: (), lambda _: AppEnvironment(), in_checkout=True)
