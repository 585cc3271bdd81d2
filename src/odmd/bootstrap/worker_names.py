"""Names of workers: one for each process, and whether the process behind one is surely gone."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import secrets
import socket
import uuid
from contextlib import suppress
from pathlib import Path


def one_name(kind: str) -> str:
    """Of one process, once: its host, its number, where that number means it, and something of its own."""
    return f"{kind}-{socket.gethostname()}-{os.getpid()}-{_numbering()}{secrets.token_hex(2)}"


def is_dead(worker: str) -> bool:
    """Whether it was a process here, and is no more."""
    found = re.fullmatch(rf"[a-z]+-{re.escape(socket.gethostname())}-([0-9]+)-{_numbering()}[0-9a-f]{{4}}", worker)
    if found is None:
        return False
    try:
        with suppress(PermissionError):
            os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return True
    return False


@functools.cache
def _numbering() -> str:
    """What tells apart where process numbers are given: this start of this machine, this container."""
    boot, space = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    known = f"{boot.read_text()} {space.readlink()}" if boot.exists() and space.is_symlink() else str(uuid.getnode())
    return hashlib.sha256(known.encode()).hexdigest()[:4]
