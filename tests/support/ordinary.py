"""A program as an ordinary user runs it: where tests run as root, it drops root's rights once it has its imports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from odmd.providers.cage import Isolation, find_cage

NOBODY: Final = 65534
_DROP: Final = f"""
import ctypes, os
if os.getuid() == 0:
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # whoever changed his user is not dumpable; who never was another is
"""
_PYTEST: Final = "import sys\nos.execv(sys.executable, [sys.executable, '-m', 'pytest', *sys.argv[1:]])"
_NOT_HIS: Final = ("HOME", "PYTEST_", "XDG_", "ODMD_", "AWS_")
"""Beginnings of names in the environment that are the tests' own."""


def is_root() -> bool:
    return os.getuid() == 0


def let_through(folder: Path) -> Path:
    """Others may go through it, and what it lies in; what is there says itself who may read it."""
    for one in (folder, *folder.parents):
        if not one.stat().st_mode & 0o001:
            one.chmod(one.stat().st_mode | 0o001)
    return folder


def start(imports: str, program: str, **environment: str) -> subprocess.Popen[str]:
    """Starts a program in Python."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{imports}\n{_DROP}\n{program}"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(imports: str, program: str, **environment: str) -> str:
    """What it prints."""
    process = start(imports, program, **environment)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return said


def tests(files: Sequence[Path], home: Path) -> tuple[int, str]:
    """Runs tests of ours, all of them as an ordinary user, whose `home` is his; the exit code, and what was printed."""
    words = ["-p", "no:cacheprovider", "-rs", f"--basetemp={home / 'tests'}", *map(str, files)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_HIS)}
    done = subprocess.run(
        [*_readable(), sys.executable, "-c", f"{_DROP}\n{_PYTEST}", *words],
        env={**environment, "HOME": str(home)},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _readable() -> Sequence[str]:
    """Puts Python and what is installed before him, at its own place, where it lies in folders of root's alone."""
    needed = {*map(Path, (sys.prefix, sys.base_prefix, *filter(None, sys.path))), Path(__file__).parents[2]}
    hidden = {path: closed for path in sorted(needed) if path.exists() and (closed := _closed(path))}
    if not hidden:
        return []
    words = [word for closed in sorted(set(hidden.values())) for word in ("--tmpfs", str(closed))]
    for path, closed in hidden.items():
        between = [one for one in reversed(path.parents) if one.is_relative_to(closed)]
        words += [word for one in between for word in ("--dir", str(one))]
        words += ["--ro-bind", str(path), str(path)]
    return [str(find_cage(Isolation.REQUIRED).program), "--dev-bind", "/", "/", *words, "--"]


def _closed(path: Path) -> Path | None:
    """The outermost folder on the way to it that others may not go through."""
    return next((one for one in reversed(path.parents) if not one.stat().st_mode & 0o001), None)
