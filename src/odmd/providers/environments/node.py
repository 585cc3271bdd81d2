"""Node: `node_modules` made by the tool whose lock file is there, and linked into the checkout.

A module's own imports are looked up from where it really is, so what lies beside it in the linked folder is found.
A lock that refers to other files of the checkout (workspaces, `file:`), or a package with scripts of its own, is
installed in the checkout itself: the tool's own cache makes that quick.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Tool:
    """What installs and packs; which one, the lock file says."""

    name: str
    program: Path
    node: Path
    is_berry: bool = False
    """Whether it is yarn from 2 on."""

    @property
    def reads(self) -> tuple[Path, ...]:
        """What of the machine it is."""
        return (self.node, self.program, _package_of(self.program))


def tool_of(lock: Path | None, checkout: Path) -> Tool:
    """The tool of a lock file; npm where there is none.

    Raises:
        ToolMissing
    """
    name = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn"}.get(lock.name, "npm") if lock else "npm"
    program = _program(name, lock)
    is_berry = lock is not None and name == "yarn" and "__metadata:" in read_text(lock, within=checkout)
    return Tool(name, program, Path(shutil.which("node") or program), is_berry)


def by_lock(lock: Lock) -> Recipe:
    """What the tool of this lock file installs."""
    with_tool, folder = tool_of(lock.file, lock.checkout), lock.folder
    tool, node, berry = with_tool.name, with_tool.node, with_tool.is_berry
    locked, package = read_text(lock.file, within=lock.checkout), _package(lock)
    words = (str(with_tool.program), *_COMMANDS["yarn berry" if berry else tool])
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
    return Recipe(tool, lock.file, key, commands, use, reads=with_tool.reads, writes=writes, in_checkout=in_checkout)


def _package_of(program: Path) -> Path:
    """The folder of the tool's own package; a tool that is one file is alone."""
    return next((one for one in program.parents if one.parent.name == "node_modules"), program)


def _program(tool: str, lock: Path | None) -> Path:
    """Itself, not what links to it: it looks for its parts beside it."""
    if found := shutil.which(tool):
        return Path(found).resolve()
    why = f"the app's environment is locked in {lock.name}" if lock else "packages are packed by npm"
    raise ToolMissing(
        f"{why}, and there is no {tool} on this machine",
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
