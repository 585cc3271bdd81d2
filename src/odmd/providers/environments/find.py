"""Which lock files an app has: those of the nearest folder that has any, from the app's own up to the checkout's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from odmd.errors import EnvironmentNotMade
from odmd.providers.environments import node, others, python
from odmd.providers.environments.recipe import Lock, Recipe

ReadLock = Callable[[Lock], Recipe | None]
"""Reads a lock file; None where it locks nothing."""


def _foreign(lock: Lock) -> Recipe | None:
    raise EnvironmentNotMade(
        f"the app's environment is locked in {lock.file.name}, which odmd does not install from",
        next_step="write it as pylock.toml or requirements.txt too, which come first: "
        "`poetry export`, `pdm export` or `pipenv requirements`",
    )


_LANGUAGES: Final[Mapping[str, Mapping[str, ReadLock]]] = {
    "Python": {
        "uv.lock": python.by_uv_lock,
        "pylock.toml": python.by_pylock,
        "requirements.txt": python.by_requirements,
        "poetry.lock": _foreign,
        "pdm.lock": _foreign,
        "Pipfile.lock": _foreign,
    },
    "Node": {
        "npm-shrinkwrap.json": node.by_lock,
        "package-lock.json": node.by_lock,
        "pnpm-lock.yaml": node.by_lock,
        "yarn.lock": node.by_lock,
    },
    "Java": {"pom.xml": others.by_maven, "build.gradle": others.by_gradle, "build.gradle.kts": others.by_gradle},
    "Go": {"go.sum": others.by_go},
}
"""By language, since an app may have several; of one language the first one counts."""


def find_recipes(app: Path, root: Path) -> Sequence[Recipe]:
    """One for each language that is locked in the nearest folder with a lock file.

    Raises:
        EnvironmentNotMade, ToolMissing
    """
    for folder in _upwards(app, root):
        found = [recipe for readers in _LANGUAGES.values() if (recipe := _first(readers, folder, app, root))]
        if found:
            return found
    return ()


def find_recipe(language: str, app: Path, root: Path) -> Recipe | None:
    """That of one language, in the nearest folder with a lock file of it; None where nothing is locked.

    Raises:
        EnvironmentNotMade, ToolMissing
    """
    found = (_first(_LANGUAGES[language], folder, app, root) for folder in _upwards(app, root))
    return next((recipe for recipe in found if recipe is not None), None)


def _first(readers: Mapping[str, ReadLock], folder: Path, app: Path, root: Path) -> Recipe | None:
    there = (read(Lock(folder / name, app, root)) for name, read in readers.items() if (folder / name).is_file())
    return next((recipe for recipe in there if recipe is not None), None)


def _upwards(app: Path, root: Path) -> Iterator[Path]:
    yield app
    if app != root and root in app.parents:
        yield from _upwards(app.parent, root)
