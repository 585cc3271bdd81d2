"""The environments that apps run in: each of its own lock file, none of odmd's."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from odmd.control.ports import Progress
from odmd.errors import LockMissing
from odmd.providers.aws.environments import install
from odmd.providers.aws.environments.find import find_recipes
from odmd.providers.aws.environments.recipe import AppEnvironment, Recipe
from odmd.providers.aws.environments.shelf import Shelf
from odmd.providers.printed import Printed

_OWN: Final = "no lock file: the app runs in odmd's own environment"


@dataclass(frozen=True, slots=True)
class Environments:
    """Makes what an app's lock files name, or finds it on the shelf."""

    shelf: Shelf
    mask: Callable[[str], str]
    """Hides secrets in what installers print."""
    demand_lock: bool = False
    """Whether an app without a lock file is refused."""
    limit: float = 900.0
    """Seconds that one command of an installer may take."""

    @contextmanager
    def of(self, app: Path, checkout: Path, log: Path, progress: Progress) -> Generator[AppEnvironment]:
        """The environment of the app in a folder of a checkout; it stays while inside.

        Raises:
            EnvironmentNotMade, RegistryUnreachable, ToolMissing, LockMissing
        """
        recipes = find_recipes(app, checkout)
        if not recipes:
            self._refuse_if_demanded()
            progress(_OWN)
        with ExitStack() as held:
            yield _together([held.enter_context(self._one(recipe, log, progress)) for recipe in recipes])

    def _refuse_if_demanded(self) -> None:
        if self.demand_lock:
            raise LockMissing(
                "the app has no lock file, and the settings demand one",
                next_step="commit one (uv lock, pip freeze, npm install …), or set demand-lock = false in [tool.odmd]",
            )

    @contextmanager
    def _one(self, recipe: Recipe, log: Path, progress: Progress) -> Generator[AppEnvironment]:
        if recipe.in_checkout:
            self._install(recipe, recipe.lock.parent, log, progress)
            yield recipe.use(recipe.lock.parent)
            return

        def make(into: Path) -> None:
            self._install(recipe, into, log, progress)
            self.shelf.prune()

        def waits() -> None:
            progress(f"another run makes the environment of {recipe.lock.name}: waits for it")

        with self.shelf.kept(recipe.key, make, waits) as made:
            yield recipe.use(made)

    def _install(self, recipe: Recipe, into: Path, log: Path, progress: Progress) -> None:
        commands = list(recipe.commands(into))
        if not commands:
            return
        progress(f"{recipe.tool} installs what {recipe.lock.name} names")
        if recipe.note:
            progress(recipe.note)
        began = time.monotonic()
        with log.open("a") as lines:
            printed = Printed(lines)
            for command in commands:
                try:
                    install.run(command, lambda line: printed.line(self.mask(line)), self.limit, log)
                finally:
                    printed.end()
        progress(f"installed in {time.monotonic() - began:.1f} s")


def _together(parts: Sequence[AppEnvironment]) -> AppEnvironment:
    path = [folder for part in parts for folder in part.path]
    variables = {name: text for part in parts for name, text in part.variables.items()}
    return AppEnvironment(tuple(path), variables, tuple(one for part in parts for one in part.reads))
