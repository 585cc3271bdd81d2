"""Languages whose tools resolve a project's own dependencies from a cache of theirs: nothing is to be made.

An app in a cage reads that cache, and the tool with its JDK where they are not the system's. What the cache lacks it
has to do without: it writes nothing there, and it has no network.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from odmd.errors import ToolMissing
from odmd.providers.environments.recipe import AppEnvironment, Lock, Recipe, key_of

_REPOSITORY: Final = re.compile(r"-Dmaven\.repo\.local=(\S+)")
_IN_ITS_HOME: Final = {"mvn": "boot", "gradle": "lib/plugins", "go": "pkg/tool"}
"""What is only in the folder that a tool was unpacked into: a link to it may lie in somebody's home folder."""


def by_maven(lock: Lock) -> Recipe:
    """Maven, by its project file: what it needs is in the machine's repository."""
    said = os.environ.get("MAVEN_OPTS", "")
    named = _REPOSITORY.search(said)
    repository = Path(named[1]) if named else Path.home() / ".m2" / "repository"
    options = said if named else f"{said} -Dmaven.repo.local={repository}".strip()
    return _present("mvn", lock.file, AppEnvironment((), {"MAVEN_OPTS": options}, (repository, *_jdk())), "mvnw")


def by_gradle(lock: Lock) -> Recipe:
    """Gradle, by its build file."""
    return _present("gradle", lock.file, AppEnvironment(reads=tuple(_jdk())), "gradlew")


def by_go(lock: Lock) -> Recipe:
    """Go, by its checksums: what it needs is in the machine's cache of modules."""
    named = os.environ.get("GOMODCACHE")
    path = os.environ.get("GOPATH", "").partition(os.pathsep)[0] or Path.home() / "go"
    modules = Path(named) if named else Path(path) / "pkg" / "mod"
    return _present("go", lock.file, AppEnvironment((), {"GOMODCACHE": str(modules)}, (modules,)))


def _present(tool: str, file: Path, environment: AppEnvironment, wrapper: str = "") -> Recipe:
    """The tool, or the project's own wrapper of it, is there."""
    found = shutil.which(tool)
    if not (found or (wrapper and (file.parent / wrapper).is_file())):
        raise ToolMissing(
            f"the app is built with {tool} ({file.name}), and there is none on this machine",
            next_step=f"put `{tool}` on PATH where the run is carried out",
        )
    home = Path(found).resolve().parent.parent if found else None
    if home is None or not (home / _IN_ITS_HOME[tool]).exists():
        own = environment
    else:
        own = AppEnvironment((home / "bin",), environment.variables, (*environment.reads, home))
    return Recipe(tool, file, key_of(tool), lambda _: (), lambda _: own, in_checkout=True)


def _jdk() -> Iterator[Path]:
    if (home := os.environ.get("JAVA_HOME")) and (Path(home) / "bin" / "java").is_file():
        yield Path(home)
