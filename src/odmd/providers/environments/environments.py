"""The environments that apps run in: each of its own lock file, none of odmd's."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Final

from odmd.control.running.saying import Progress
from odmd.errors import EnvironmentNotMade, FileUnfit, LockMissing, RegistryUnreachable
from odmd.foreign import read_text
from odmd.private import open_private, private_folder
from odmd.providers.cage import UNCAGED, Cage, Placed
from odmd.providers.environments import install, jsii, registries
from odmd.providers.environments.find import find_recipes
from odmd.providers.environments.recipe import AppEnvironment, Recipe
from odmd.providers.environments.shelf import Shelf
from odmd.providers.leash import USUAL, ProgramLimits
from odmd.providers.node import find_node
from odmd.providers.printed import Printed
from odmd.trees import remove_tree

_CONSTRUCTS: Final = re.compile(r"\b(aws_cdk|constructs|odmd\.cdk)\b")
_SERVICES: Final = re.compile(r"\baws_[a-z0-9_]+\b")
_LOOKED_AT: Final = 200
"""Files."""
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
    limits: ProgramLimits = USUAL
    """What it may take of the machine."""
    cage: Callable[[], Cage] | None = None
    """What keeps installers, and the scripts of packages, to what is theirs; without it, nothing does."""
    scripts: bool = True
    """Whether packages may run scripts of their own while they are installed."""

    @contextmanager
    def of(
        self, app: Path, checkout: Path, log: Path, progress: Progress, *, uses_jsii: bool = True
    ) -> Generator[AppEnvironment]:
        """The environment of the app in a folder of a checkout; it stays while inside.

        Raises:
            EnvironmentNotMade, RegistryUnreachable, ToolMissing, LockMissing
        """
        recipes = find_recipes(app, checkout)
        if not recipes:
            self._refuse_if_demanded()
            progress(_OWN)
        with ExitStack() as held:
            services = _services(app) if uses_jsii else ()
            parts = [held.enter_context(self.made(recipe, log, progress, services)) for recipe in recipes]
            if uses_jsii and _uses_constructs(app) and not any(recipe.venv for recipe in recipes):
                parts.append(held.enter_context(self._own(log, progress)))
            yield _together(parts)

    def _refuse_if_demanded(self) -> None:
        if self.demand_lock:
            raise LockMissing(
                "the app has no lock file, and the settings demand one",
                next_step="commit one (uv lock, pip freeze, npm install …), or set demand-lock = false in [tool.odmd]",
            )

    @contextmanager
    def made(
        self, recipe: Recipe, log: Path, progress: Progress, services: Sequence[str] = ()
    ) -> Generator[AppEnvironment]:
        """The environment of a recipe; it stays while inside. Modules of CDK's package for these services are compiled
        when it is made: an app cannot keep what it compiled.

        Raises:
            EnvironmentNotMade, RegistryUnreachable
        """
        if recipe.in_checkout:
            self._install(recipe, recipe.lock.parent, private_folder(self.shelf.folder), log, progress)
            yield recipe.use(recipe.lock.parent)
            return

        def make(into: Path) -> None:
            self._install(recipe, into, into, log, progress)
            if recipe.venv and jsii.has_jsii(into / recipe.venv):
                self._unpack(into / recipe.venv / "bin" / "python", into, log, progress, services)
            self.shelf.prune()

        key = recipe.key if self.scripts else f"{recipe.key}-no-scripts"
        with self.shelf.kept(key, make, _waits(recipe.lock.name, progress)) as made:
            yield _with_unpacked(recipe.use(made), made)

    @contextmanager
    def _own(self, log: Path, progress: Progress) -> Generator[AppEnvironment]:
        """Of odmd's own Python, what jsii unpacks."""
        if (key := jsii.own_key()) is None:
            yield AppEnvironment()
            return

        def make(into: Path) -> None:
            self._unpack(Path(sys.executable), into, log, progress)

        with self.shelf.kept(key, make, _waits("odmd's own Python", progress)) as made:
            yield _with_unpacked(AppEnvironment(), made)

    def _install(self, recipe: Recipe, into: Path, near: Path, log: Path, progress: Progress) -> None:
        commands = list(recipe.commands(into))
        if not commands:
            return
        cage = self._cage(network=True)
        progress(f"{recipe.tool} installs what {recipe.lock.name} names{_said(cage)}")
        if recipe.note:
            progress(recipe.note)
        began = time.monotonic()
        variables = {**registries.handed_on(caged=cage.program is not None), "CI": "1"}
        variables |= {} if self.scripts else registries.NO_SCRIPTS
        with self._lines(log) as say, _home(near) as home:
            placed = [*_of_checkout(recipe), *registries.files_for(recipe.tool, home)]

            def around(words: Sequence[str]) -> Sequence[str]:
                return cage.around(words, into, recipe.reads, [home], placed=placed, home=home)

            for command in commands:
                install.run(recipe.tool, command, around, variables, say, self.limit, log, self.limits)
        progress(f"installed in {time.monotonic() - began:.1f} s")

    def _unpack(self, python: Path, into: Path, log: Path, progress: Progress, services: Sequence[str] = ()) -> None:
        """Where it cannot, each app does it for itself."""
        node, cage = find_node(), self._cage(network=False)
        unpacked = private_folder(into / jsii.FOLDER)
        progress(f"jsii unpacks the packages of this environment, once for all its apps{_said(cage)}")
        reads = (python.resolve().parent.parent, node.resolve().parent.parent)

        def around(words: Sequence[str]) -> Sequence[str]:
            return cage.around(words, into, reads)

        try:
            with self._lines(log) as say:
                command = jsii.unpacking(python, node, unpacked, services)
                install.run("jsii", command, around, _least(), say, self.limit, log)
        except (EnvironmentNotMade, RegistryUnreachable) as wrong:
            remove_tree(unpacked)
            progress(f"each app unpacks them for itself: {wrong}")

    def _cage(self, *, network: bool) -> Cage:
        return replace(self.cage(), network=network) if self.cage else UNCAGED

    @contextmanager
    def _lines(self, log: Path) -> Generator[install.Say]:
        with open_private(log, "a") as lines:
            printed = Printed(lines)
            try:
                yield lambda line: printed.line(self.mask(line))
            finally:
                printed.end()


def _said(cage: Cage) -> str:
    return "" if cage is UNCAGED else f", {cage}"


def _waits(what: str, progress: Progress) -> Callable[[], None]:
    return lambda: progress(f"another run makes the environment of {what}: waits for it")


def _of_checkout(recipe: Recipe) -> Sequence[Placed]:
    return [Placed(one, one, writable=True) for one in recipe.writes]


@contextmanager
def _home(near: Path) -> Generator[Path]:
    """A home for one installation, with its caches in it: none of them outlives it, and nobody else reads them."""
    with tempfile.TemporaryDirectory(prefix=".home-", dir=near, ignore_cleanup_errors=True) as home:
        yield Path(home)


def _least() -> Mapping[str, str]:
    return {name: text for name in ("PATH", "LANG", "LC_ALL", "HOME") if (text := os.environ.get(name))}


def _uses_constructs(app: Path) -> bool:
    """Whether one of an app's Python files speaks of CDK's packages; one that hides that unpacks them for itself."""
    files = chain(app.glob("*.py"), app.glob("*/*.py"))
    return any(_CONSTRUCTS.search(_text(file, app)) for file in islice(files, _LOOKED_AT))


def _services(app: Path) -> Sequence[str]:
    """Those that an app's Python files speak of, as modules of CDK's package are called."""
    files = chain(app.glob("*.py"), app.glob("*/*.py"))
    return sorted({name for file in islice(files, _LOOKED_AT) for name in _SERVICES.findall(_text(file, app))})


def _text(file: Path, app: Path) -> str:
    try:
        return read_text(file, within=app, most=1_000_000)
    except (OSError, ValueError, FileUnfit):
        return ""


def _with_unpacked(environment: AppEnvironment, made: Path) -> AppEnvironment:
    unpacked = made / jsii.FOLDER
    return replace(environment, unpacked=unpacked) if unpacked.is_dir() else environment


def _together(parts: Sequence[AppEnvironment]) -> AppEnvironment:
    path = [folder for part in parts for folder in part.path]
    variables = {name: text for part in parts for name, text in part.variables.items()}
    reads = tuple(one for part in parts for one in part.reads)
    return AppEnvironment(tuple(path), variables, reads, next((one for part in parts if (one := part.unpacked)), None))
