"""Node: `node_modules` made by the tool whose lock file is there, and linked into the checkout.

A module's own imports are looked up from where it really is, so what lies beside it in the linked folder is found.
A lock that refers to other files of the checkout (workspaces, `file:`), or a package with scripts of its own, is
installed in the checkout itself: the tool's own cache makes that quick.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import EnvironmentNotMade, ToolMissing
from odmd.foreign import read_bytes, read_json, read_text
from odmd.providers.environments.recipe import AppEnvironment, Command, Lock, Recipe, key_of

_MODULES: Final = "node_modules"
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "npm": ("ci", "--no-audit", "--no-fund", "--no-update-notifier"),
    "pnpm": ("install", "--frozen-lockfile"),
    "yarn": ("install", "--frozen-lockfile", "--non-interactive"),
    "yarn berry": ("install", "--immutable"),
}
_IN_CHECKOUT: Final = {"YARN_ENABLE_GLOBAL_CACHE": "false"}
"""Plug'n'Play runs packages out of yarn's cache, and a caged app sees none of the home folder."""
_SCRIPTS: Final = ("preinstall", "install", "postinstall", "prepare")
_OF_CHECKOUT: Final = re.compile(r"[\"' @](file|link|portal|patch|workspace):|\"link\": true")


def by_lock(lock: Lock) -> Recipe:
    """What the tool of this lock file installs."""
    tool = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn"}.get(lock.file.name, "npm")
    program, folder = _program(tool, lock.file), lock.folder
    node = Path(shutil.which("node") or program)
    locked, package = read_text(lock.file, within=lock.checkout), _package(lock)
    berry = tool == "yarn" and "__metadata:" in locked
    words = (str(program), *_COMMANDS["yarn berry" if berry else tool])
    files = [file for name in (lock.file.name, "package.json", ".npmrc") if (file := folder / name).is_file()]
    in_checkout = berry or "workspaces" in package or (folder / "pnpm-workspace.yaml").is_file()
    in_checkout = in_checkout or _needs_checkout(package, locked)

    def commands(into: Path) -> Iterable[Command]:
        if not in_checkout:
            into.mkdir(parents=True, exist_ok=True)
            for file in files:
                (into / file.name).write_bytes(read_bytes(file, within=lock.checkout))
        return [Command(words, into, _IN_CHECKOUT if berry else {})]

    def use(made: Path) -> AppEnvironment:
        if not in_checkout:
            _link(folder / _MODULES, made / _MODULES)
        own = [one / _MODULES / ".bin" for one in (lock.app, folder)]
        return AppEnvironment(tuple(dict.fromkeys(own)), reads=(made,))

    key = key_of(tool, str(node.resolve()), str(node.resolve().stat().st_mtime_ns), files=files)
    writes = (lock.checkout,) if in_checkout else ()
    reads = (node, program, _package_of(program))
    return Recipe(tool, lock.file, key, commands, use, reads=reads, writes=writes, in_checkout=in_checkout)


def _package_of(program: Path) -> Path:
    """The folder of the tool's own package; a tool that is one file is alone."""
    return next((one for one in program.parents if one.parent.name == "node_modules"), program)


def _program(tool: str, lock: Path) -> Path:
    """Itself, not what links to it: it looks for its parts beside it."""
    if found := shutil.which(tool):
        return Path(found).resolve()
    raise ToolMissing(
        f"the app's environment is locked in {lock.name}, and there is no {tool} on this machine",
        next_step="install it beside Node, or: corepack enable" if tool != "npm" else "it comes with Node: nodejs.org",
    )


def _package(lock: Lock) -> Mapping[str, Any]:
    try:
        loaded = read_json(lock.folder / "package.json", within=lock.checkout)
    except (OSError, ValueError) as wrong:
        raise EnvironmentNotMade(f"package.json beside the lock file cannot be read: {wrong}") from wrong
    return cast("Mapping[str, Any]", loaded) if isinstance(loaded, dict) else {}


def _needs_checkout(package: Mapping[str, Any], locked: str) -> bool:
    scripts = cast("Mapping[str, object]", package.get("scripts") or {})
    return any(name in scripts for name in _SCRIPTS) or _OF_CHECKOUT.search(locked) is not None


def _link(link: Path, made: Path) -> None:
    if link.is_symlink():
        link.unlink()
    if link.exists():
        raise EnvironmentNotMade(
            f"{link.parent.name}/{_MODULES} is in the repository", next_step="take it out of git: the lock says it all"
        )
    if made.is_dir():
        link.symlink_to(made, target_is_directory=True)
