"""Holds a program: ends it, with all that it started, when nobody holds the leash any more or it takes too much.

The leash is the standard input: when that closes (`kill -9` of its holder closes it too), the program is told to end,
then made to. What the program starts stays below this process whatever session it goes into, and when this process
has ended, all of that is dead, so that nothing changes any more. This file runs alone: it imports nothing of odmd.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # to import these takes longer than most programs of git's run
    from collections.abc import Callable, Iterator, Sequence
    from typing import Final

NOT_STARTED: Final = 127
"""The exit code when there is no such program, as shells have it."""
LEAST_ROOM: Final = 64_000_000
"""Bytes that stay free on a disk to which a program that is bounded writes."""

_GRACE: Final = 3.0
_TICK: Final = 0.5
"""Seconds between two looks at what a program takes."""
_IDLE: Final = 20
"""How many times as long as it took to measure folders they are left alone."""
_GIVE_UP: Final = 30.0
"""After which one that the system cannot end is left to it."""
_ADOPT: Final = 36
"""PR_SET_CHILD_SUBREAPER: whose parent died becomes a child of this process, not of the machine's first one."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class _Quiet:
    """Passes over some errors, as `contextlib.suppress` does, which takes much longer to import."""

    def __init__(self, *kinds: type[BaseException]) -> None:
        self._kinds = kinds

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, self._kinds)


class Bounds:
    """What a program may take, with all that it starts.

    Args:
        told: a file descriptor for what it took too much of, and how much of it: `memory 123`.
        memory: bytes.
        processes: threads count as well.
        disk: bytes, in the folders.
    """

    def __init__(self, told: int, memory: int, processes: int, seconds: int, disk: int, *folders: str) -> None:
        self.told, self.memory, self.processes, self.seconds, self.disk = told, memory, processes, seconds, disk
        self.folders = folders

    def words(self) -> Sequence[str]:
        """As the arguments of this file."""
        numbers = (self.told, self.memory, self.processes, self.seconds, self.disk)
        return [*map(str, numbers), *self.folders]


class Running:
    """A process below this one, and the bytes that are its own or shared with others."""

    def __init__(self, pid: int, parent: int, threads: int, memory: int) -> None:
        self.pid, self.parent, self.threads, self.memory = pid, parent, threads, memory


def main(words: Sequence[str]) -> int:
    """Holds the program behind `--`, within the bounds before it; returns its exit code, or that it was not started."""
    end = list(words).index("--")
    bounds, command = _bounds(words[:end]), words[end + 1 :]
    with _Quiet(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)
    try:
        program = _start_expendable(command) if bounds else _start(command)
    except OSError as wrong:
        os.write(2, f"{command[0]}: {wrong.strerror}\n".encode())
        return NOT_STARTED
    code = _Held(program, bounds).wait()
    return code if code >= 0 else 128 - code


def _start(command: Sequence[str]) -> int:
    """In a session of its own, with nothing of ours: no file, no input, no signal that Python leaves aside.

    It is spawned, not forked: to copy a process costs more than all else here.
    """
    for name in os.listdir("/dev/fd"):  # noqa: PTH208
        with _Quiet(OSError):  # one of them was there to list them
            os.set_inheritable(int(name), int(name) <= 2)
    nothing = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    plain = [signal.SIGPIPE, signal.SIGXFSZ]
    return os.posix_spawnp(command[0], list(command), os.environ, file_actions=nothing, setsid=True, setsigdef=plain)


def _start_expendable(command: Sequence[str]) -> int:
    """Where memory runs out, the system takes it first; it leaves no picture of its memory on the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    usual = _first_to_go("1000")
    try:
        return _start(command)
    finally:
        _first_to_go(usual)


def _first_to_go(score: str) -> str:
    """How soon the system takes this process, and what it starts, where memory runs out; returns what it was."""
    try:
        with open("/proc/self/oom_score_adj", "r+") as file:  # noqa: PTH123
            usual = file.read()
            file.seek(0)
            file.write(score)
    except OSError:
        return score
    return usual


def _bounds(words: Sequence[str]) -> Bounds | None:
    if not words:
        return None
    told, memory, processes, seconds, disk = map(int, words[:5])
    return Bounds(told, memory, processes, seconds, disk, *words[5:])


class _Held:
    """A program that runs, and what it started."""

    def __init__(self, pid: int, bounds: Bounds | None) -> None:
        self._pid, self._bounds = pid, bounds
        self._over = threading.Event()
        _watch(self._until_let_go)
        if bounds:
            _watch(lambda: self._until_too_much(bounds))
            _watch(lambda: self._until_too_large(bounds))

    def wait(self) -> int:
        """Its exit code, once all that it started has ended, too; below zero: the signal that ended it."""
        code = next(status for pid, status in iter(os.wait, None) if pid == self._pid)
        self._over.set()
        until = time.monotonic() + _GIVE_UP
        while _has_children() and time.monotonic() < until:
            self._kill()
            time.sleep(0.01)
        return os.waitstatus_to_exitcode(code)

    def _until_let_go(self) -> None:
        while os.read(0, 1024):
            pass
        self._signal(signal.SIGTERM)
        if not self._over.wait(_GRACE):
            self._kill()

    def _until_too_much(self, bounds: Bounds) -> None:
        until = time.monotonic() + bounds.seconds
        while not self._over.wait(_TICK):
            if time.monotonic() > until:
                self._refuse(bounds, "seconds", bounds.seconds)
            if (room := min(map(_room, bounds.folders), default=LEAST_ROOM)) < LEAST_ROOM:
                self._refuse(bounds, "room", room)
            below = list(_below(os.getpid()))
            if (threads := sum(one.threads for one in below)) > bounds.processes:
                self._refuse(bounds, "processes", threads)
            if (memory := _memory(below, bounds.memory)) > bounds.memory:
                self._refuse(bounds, "memory", memory)

    def _until_too_large(self, bounds: Bounds) -> None:
        pause = _TICK
        while not self._over.wait(pause):
            began, size = time.monotonic(), 0
            for held in _sizes(bounds.folders):
                size += held
                if size > bounds.disk:
                    self._refuse(bounds, "disk", size)
                    return
            pause = max(2.0, _IDLE * (time.monotonic() - began))

    def _refuse(self, bounds: Bounds, what: str, taken: int) -> None:
        """Says it once, and ends the program."""
        if not self._over.is_set():
            self._over.set()
            os.write(bounds.told, f"{what} {taken}\n".encode())
        self._kill()

    def _kill(self) -> None:
        """Everything at once where the program is a cage; else each is stopped first, so that it starts no other."""
        self._signal(signal.SIGKILL)
        known = set[int]()
        while fresh := {one.pid for one in _below(os.getpid())} - known:
            _send(fresh, signal.SIGSTOP)
            known |= fresh
        _send(known, signal.SIGKILL)

    def _signal(self, which: signal.Signals) -> None:
        """To the program's group."""
        with _Quiet(ProcessLookupError, PermissionError):
            os.killpg(self._pid, which)


def _watch(watch: Callable[[], None]) -> None:
    threading.Thread(target=watch, daemon=True).start()


def _send(pids: set[int], which: signal.Signals) -> None:
    for pid in pids:
        with _Quiet(ProcessLookupError, PermissionError):
            os.kill(pid, which)


def _has_children() -> bool:
    """Whether any are left, once those that ended are buried."""
    with _Quiet(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False


def _below(top: int) -> Iterator[Running]:
    """All processes below one; none where the system does not tell."""
    children: dict[int, list[Running]] = {}
    for one in _all():
        children.setdefault(one.parent, []).append(one)
    parents = [top]
    while parents:
        found = children.pop(parents.pop(), [])
        parents += [one.pid for one in found]
        yield from found


def _all() -> Iterator[Running]:
    try:
        names = os.listdir("/proc")  # noqa: PTH208
    except OSError:
        return
    for name in filter(str.isdigit, names):
        with _Quiet(OSError):
            # What is in brackets is the program's own name for itself, and may hold anything.
            fields = _read(f"/proc/{name}/stat").rpartition(b")")[2].split()
            yield Running(int(name), int(fields[1]), int(fields[17]), int(fields[21]) * _PAGE)


def _memory(below: Sequence[Running], enough: int) -> int:
    """Bytes that they have, and that their own temporary folders have; what they share counts once."""
    held = _temporary(below)
    if (at_most := sum(one.memory for one in below) + held) <= enough:
        return at_most
    return sum(map(_share, below)) + held


def _share(one: Running) -> int:
    """Bytes of one process, and its share of what it has together with others; none once it has ended."""
    try:
        for line in _read(f"/proc/{one.pid}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except ProcessLookupError:
        return 0
    except OSError:
        return one.memory if os.path.exists(f"/proc/{one.pid}") else 0  # noqa: PTH110
    return 0


def _temporary(below: Sequence[Running]) -> int:
    """Bytes of file systems in memory that only they see: those of a cage."""
    spaces = {_space(one.pid): str(one.pid) for one in below}
    ours, sizes = {device for device, _ in _in_memory("self")}, dict[bytes, int]()
    for pid in (pid for space, pid in spaces.items() if space not in (_space("self"), "")):
        for device, place in _in_memory(pid):
            if device not in ours and device not in sizes:
                with _Quiet(OSError):
                    sizes[device] = _held_by(device, os.fsencode(f"/proc/{pid}/root") + place)
    return sum(sizes.values())


def _held_by(device: bytes, place: bytes) -> int:
    """Bytes in a file system; none where another one is at its place by now, as while a cage is made."""
    found = os.open(place, os.O_PATH | os.O_DIRECTORY)
    try:
        there = os.fstat(found).st_dev
        if b"%d:%d" % (os.major(there), os.minor(there)) != device:
            return 0
        about = os.fstatvfs(found)
        return (about.f_blocks - about.f_bfree) * about.f_frsize
    finally:
        os.close(found)


def _in_memory(pid: str) -> Iterator[tuple[bytes, bytes]]:
    """The file systems in memory that a process sees: device, and where they are."""
    with _Quiet(OSError):
        for line in _read(f"/proc/{pid}/mountinfo").splitlines():
            if b" - tmpfs " in line:
                fields = line.split()
                yield fields[2], fields[4]


def _space(pid: int | str) -> str:
    """Which mounts a process sees."""
    try:
        return os.readlink(f"/proc/{pid}/ns/mnt")  # noqa: PTH115
    except OSError:
        return ""


def _room(folder: str) -> int:
    """Bytes that are free for this user."""
    try:
        about = os.statvfs(folder)
    except OSError:
        return LEAST_ROOM
    return about.f_bavail * about.f_frsize


def _sizes(folders: Sequence[str]) -> Iterator[int]:
    """Bytes on the disk, file by file."""
    seen, left = set[tuple[int, int]](), list(folders)
    while left:
        with _Quiet(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                with _Quiet(OSError):
                    about = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    if about.st_nlink == 1 or (about.st_dev, about.st_ino) not in seen:
                        seen |= {(about.st_dev, about.st_ino)} if about.st_nlink > 1 else set()
                        yield about.st_blocks * 512


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()
