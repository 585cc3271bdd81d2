"""Python: a virtual environment, made by uv where there is one, else by venv and pip."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from odmd.errors import EnvironmentNotMade, ToolMissing
from odmd.foreign import read_text
from odmd.providers.environments.recipe import AppEnvironment, Command, Lock, Recipe, key_of
from odmd.providers.environments.requirements import read_requirements

_VENV: Final = "venv"
_ASK: Final = "import sys, sysconfig; print(sys.executable, sys.version, sysconfig.get_platform())"
_VERSION_FILES: Final = (".python-version", ".python-versions")
_SPACE: Final = re.compile(r"\s+")


def by_uv_lock(lock: Lock) -> Recipe:
    """What `uv sync --frozen` makes of the app's folder; a package of the checkout is installed as it is now."""
    uv = _needed_uv(lock.file)
    python = _interpreter(uv, lock.app)
    packages: Sequence[dict[str, Any]] = tomllib.loads(read_text(lock.file, within=lock.checkout)).get("package", [])
    sources = [one.get("source", {}) for one in packages]
    paths = [one.get("editable") or one.get("directory") or one.get("path") for one in sources]
    trees = [_inside(lock.folder / path, lock) for path in paths if path]
    members = [lock.folder / path for one in sources if (path := one.get("virtual"))]
    folders = (lock.folder, lock.app, *members)
    manifests = sorted({lock.file, *(one / name for one in folders for name in ("pyproject.toml", "uv.toml"))})
    where = lock.app.relative_to(lock.folder).as_posix()
    sync = (uv, "sync", "--project", str(lock.app), "--frozen", "--no-editable", "--no-progress")

    def commands(into: Path) -> Iterable[Command]:
        words = (*sync, "--python", python.path)
        return [Command(words, into, {"UV_PROJECT_ENVIRONMENT": str(into / _VENV)})]

    key = key_of("uv", python.said, where, files=manifests, trees=trees)
    reads = (Path(uv), python.prefix, *manifests)
    return Recipe("uv", lock.file, key, commands, _use, reads=reads, writes=tuple(trees), venv=_VENV)


def by_pylock(lock: Lock) -> Recipe:
    """The standard's lock file; pip does not install from it yet."""
    uv = _needed_uv(lock.file)
    python = _interpreter(uv, lock.app)
    key = key_of("pylock", python.said, files=[lock.file])
    reads = (Path(uv), python.prefix, lock.file)

    def commands(into: Path) -> Iterable[Command]:
        return _with_uv(uv, python, into, "sync", lock.file)

    return Recipe("uv", lock.file, key, commands, _use, reads=reads, venv=_VENV)


def by_requirements(lock: Lock) -> Recipe | None:
    """None where the list pins nothing: that is a wish, no lock."""
    wanted = read_requirements(lock.file, lock.checkout)
    if not wanted.pinned:
        return None
    uv = find_uv()
    python = _interpreter(uv, lock.app)
    trees = [_inside(path, lock) for path in wanted.local]
    files = [Path(line.removeprefix("-c ")) for line in wanted.lines if line.startswith("-c ")]
    lines = [line.replace(f"{lock.checkout.resolve()}/", "./") for line in wanted.lines]
    key = key_of("uv pip" if uv else "pip", python.said, *lines, files=files, trees=trees)
    note = (
        "" if wanted.all_pinned else f"{lock.file.name} pins not all: the rest is what was newest when it was installed"
    )
    tool, reads = ("uv", (Path(uv), python.prefix, *files)) if uv else ("pip", (python.prefix, *files))
    commands = _installing(uv, python, wanted.lines)
    return Recipe(tool, lock.file, key, commands, _use, reads=reads, writes=tuple(trees), venv=_VENV, note=note)


def of_requirements(project: Path, requirements: Sequence[str]) -> Recipe:
    """What a project says that it is built with, by one requirement a line.

    Args:
        project: its pyproject.toml.
    """
    uv = find_uv()
    python = _interpreter(uv, project.parent)
    key = key_of("uv pip" if uv else "pip", python.said, *requirements)
    tool, reads = ("uv", (Path(uv), python.prefix)) if uv else ("pip", (python.prefix,))
    return Recipe(tool, project, key, _installing(uv, python, requirements), _use, reads=reads, venv=_VENV)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python, and what it says of itself."""

    path: str
    said: str

    @property
    def prefix(self) -> Path:
        """Where all of it is."""
        return Path(self.path).parent.parent


def find_uv() -> str | None:
    """On PATH, or beside our own Python."""
    beside = Path(sys.executable).parent / "uv"
    return shutil.which("uv") or (str(beside) if beside.is_file() else None)


def _needed_uv(lock: Path) -> str:
    if uv := find_uv():
        return uv
    raise ToolMissing(
        f"the app's environment is locked in {lock.name}, and there is no uv on this machine",
        next_step="pip install uv, or write what it locks to requirements.txt: `uv export -o requirements.txt`",
    )


def _interpreter(uv: str | None, app: Path) -> Interpreter:
    """The one that the project asks for (`requires-python`, `.python-version`) as uv finds it, else our own."""
    path = sys.executable
    if uv:
        _refuse_own_program(app)
        asked = subprocess.run(  # noqa: S603
            [uv, "python", "find", "--no-python-downloads", "--system"],
            cwd=app, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if asked.returncode:
            raise EnvironmentNotMade(
                f"there is no Python for the app: {_SPACE.sub(' ', asked.stderr).strip()}",
                next_step="install one that its requires-python, or .python-version, takes",
            )
        path = asked.stdout.strip()
    really = str(Path(path).resolve())
    return Interpreter(really, _said(really))


def _refuse_own_program(app: Path) -> None:
    """`.python-version` may name a file: uv would run it, uncaged, to ask what Python it is."""
    for file in (folder / name for folder in (app, *app.parents) for name in _VERSION_FILES):
        for line in file.read_text(errors="replace").split() if file.is_file() else ():
            if "/" in line or (app / line).exists():
                raise EnvironmentNotMade(
                    f"{file.name} names a program, {line}", next_step="say a version there, such as 3.12"
                )


@cache
def _said(path: str) -> str:
    return subprocess.run([path, "-I", "-c", _ASK], capture_output=True, text=True, check=True).stdout  # noqa: S603


def _inside(path: Path, lock: Lock) -> Path:
    found = path.resolve()
    if found.exists() and found.is_relative_to(lock.checkout.resolve()):
        return found
    raise EnvironmentNotMade(
        f"{lock.file.name} installs {path.name} from a path that the checkout does not have",
        next_step="take it from a registry or from git, or put it into the repository",
    )


def _installing(uv: str | None, python: Interpreter, lines: Sequence[str]) -> Callable[[Path], Iterable[Command]]:
    def commands(into: Path) -> Iterable[Command]:
        file = _written(lines, into)
        return _with_uv(uv, python, into, "install", file, "-r") if uv else _with_pip(python, into, file)

    return commands


def _written(lines: Sequence[str], into: Path) -> Path:
    into.mkdir(parents=True, exist_ok=True)
    file = into / "requirements.txt"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def _with_uv(uv: str, python: Interpreter, into: Path, do: str, file: Path, *flags: str) -> Iterator[Command]:
    yield Command((uv, "venv", "--no-progress", "--python", python.path, str(into / _VENV)), into)
    install = (uv, "pip", do, "--no-progress", "--python", str(into / _VENV / "bin" / "python"), *flags, str(file))
    yield Command(install, into)


def _with_pip(python: Interpreter, into: Path, file: Path) -> Iterator[Command]:
    own = str(into / _VENV / "bin" / "python")
    yield Command((python.path, "-m", "venv", str(into / _VENV)), into)
    yield Command((own, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(file)), into)


def _use(made: Path) -> AppEnvironment:
    venv = made / _VENV
    its_python = (venv / "bin" / "python").resolve().parent.parent
    return AppEnvironment((venv / "bin",), {"VIRTUAL_ENV": str(venv)}, (made, its_python))
