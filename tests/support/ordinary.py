"""A program as an ordinary user runs it: where tests run as root, it drops root's rights once it has its imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

NOBODY: Final = 65534
_DROP: Final = f"""
import ctypes, os
if os.getuid() == 0:
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # whoever changed his user is not dumpable; who never was another is
"""


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
