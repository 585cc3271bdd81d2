"""Limits that a process of contracts sets to itself, before it runs a line of theirs; there is no way back."""

from __future__ import annotations

import ctypes
import errno
import platform
import resource
import struct
import sys
from typing import Final

MOST_MEMORY: Final = 2 * 1024**3
"""Bytes of a contracts' process."""
_MOST_FILES: Final = 256
"""At a time."""

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2  # prctl(2)
_LOAD, _EQUALS, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # struct seccomp_data
_ALLOW, _ERROR, _THREAD, _CLONE3, _X32 = 0x7FFF0000, 0x00050000, 0x00010000, 435, 0x40000000
_MACHINES: Final = {"x86_64": (0xC000003E, 56, (57, 58)), "aarch64": (0xC00000B7, 220, ())}
"""What the kernel calls it, and its numbers of clone, and of fork and vfork."""


def confine(memory: int, *, caged: bool) -> None:
    """Bounds memory and open files; in a cage, too, no file grows, and no other process begins."""
    _bound(resource.RLIMIT_DATA, memory)
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_NOFILE, _MOST_FILES)
    if caged:
        _bound(resource.RLIMIT_FSIZE, 0)
        _alone()


def _bound(what: int, most: int) -> None:
    """Both limits; what is lower stays."""
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _alone() -> None:
    """Threads only from here on. A limit to the number of processes would bind everybody but root."""
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return
    program = b"".join(_filter(*machine))
    kept = ctypes.create_string_buffer(program, len(program))
    filtered = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    for words in ((_NO_NEW_PRIVILEGES, 1, 0), (_SECCOMP, _FILTER, filtered)):
        if libc.prctl(*words, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


def _filter(architecture: int, clone: int, forks: tuple[int, ...]) -> list[bytes]:
    """A program for seccomp(2): the last three lines are reached by jumps from above."""
    tests = [
        (_LOAD, _ARCHITECTURE, "", ""),
        (_EQUALS, architecture, "", "refuse"),
        (_LOAD, _NUMBER, "", ""),
        (_AT_LEAST, _X32, "refuse", ""),
        (_EQUALS, _CLONE3, "unknown", ""),  # its flags are out of reach: who gets this error asks clone instead
        *((_EQUALS, fork, "refuse", "") for fork in forks),
        (_EQUALS, clone, "", "allow"),
        (_LOAD, _FIRST_ARGUMENT, "", ""),
        (_ANY_BIT, _THREAD, "allow", "refuse"),
    ]
    ends = {"allow": _ALLOW, "refuse": _ERROR | errno.EPERM, "unknown": _ERROR | errno.ENOSYS}
    at = {name: len(tests) + number for number, name in enumerate(ends)}
    program = list[bytes]()
    for number, (code, value, true, false) in enumerate(tests):
        true_by, false_by = (at[name] - number - 1 if name else 0 for name in (true, false))
        program.append(struct.pack("HBBI", code, true_by, false_by, value))
    return program + [struct.pack("HBBI", _RETURN, 0, 0, value) for value in ends.values()]
