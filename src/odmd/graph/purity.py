"""Notices, while contracts are loaded, what makes them say something else elsewhere or tomorrow."""

from __future__ import annotations

import os
import random
import sys
import sysconfig
import time
from collections.abc import Callable, Generator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from inspect import currentframe
from pathlib import Path
from types import FrameType
from typing import Any, Final

from odmd.errors import Place

_OURS: Final = str(Path(__file__).parents[1])
_PYTHON: Final = sysconfig.get_path("stdlib")
_PACKAGES: Final = sysconfig.get_path("purelib")
_ENVIRONMENT: Final = (os.__file__, f"{_PYTHON}/_collections_abc.py")
_EVENTS: Final = {
    "socket.connect": "the network",
    "socket.getaddrinfo": "the network",
    "subprocess.Popen": "another program",
    "os.system": "another program",
}


@dataclass(frozen=True, slots=True)
class Noticed:
    """What contracts asked, and where."""

    what: str
    place: Place


@dataclass(slots=True)
class _Watch:
    package: str
    found: dict[Noticed, None] = field(default_factory=dict[Noticed, None])

    def note(self, what: str, *, through: tuple[str, ...] = (_PYTHON,)) -> None:
        """Notes what the contracts themselves ask, through these files; not what a library does that they import."""
        frame = currentframe()
        while frame and frame.f_code.co_filename.startswith((_OURS, "<", *through)):
            if _PACKAGES and frame.f_code.co_filename.startswith(_PACKAGES):
                break  # some put packages below the standard library
            frame = frame.f_back
        if frame is not None and self._is_contracts(frame):
            self.found[Noticed(what, Place(frame.f_code.co_filename, frame.f_lineno))] = None

    def _is_contracts(self, frame: FrameType) -> bool:
        file = frame.f_code.co_filename
        if file.startswith(_PACKAGES) or "site-packages" in file:
            return str(frame.f_globals.get("__name__", "")).partition(".")[0] == self.package
        return not file.startswith(_PYTHON)


class _Environ(MutableMapping[str, str]):
    """The environment, watched."""

    def __init__(self, real: MutableMapping[str, str], watch: _Watch) -> None:
        self._real, self._watch = real, watch

    def __getitem__(self, key: str) -> str:
        self._watch.note(f"the environment ({key})", through=_ENVIRONMENT)
        return self._real[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._real[key] = value

    def __delitem__(self, key: str) -> None:
        del self._real[key]

    def __iter__(self) -> Any:
        return iter(self._real)

    def __len__(self) -> int:
        return len(self._real)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


_watching: list[_Watch] = []
_hooked: list[bool] = []


def _hook(event: str, _arguments: object) -> None:
    if _watching and event in _EVENTS:
        _watching[-1].note(_EVENTS[event])


@contextmanager
def watched(package: str) -> Generator[dict[Noticed, None]]:
    """Collects what the contracts of a package ask while inside: environment, clock, chance, network, programs."""
    watch = _Watch(package)
    if not _hooked:
        sys.addaudithook(_hook)  # stays for ever: Python offers no way back
        _hooked.append(True)
    real = [(module, name, getattr(module, name)) for module, names, _ in _ASKED for name in names]
    _watching.append(watch)
    real_environ = os.environ
    os.__dict__["environ"] = _Environ(real_environ, watch)
    for module, names, what in _ASKED:
        for name in names:
            module.__dict__[name] = _noting(getattr(module, name), what, watch)
    try:
        yield watch.found
    finally:
        os.__dict__["environ"] = real_environ
        for module, name, was in real:
            module.__dict__[name] = was
        _watching.pop()


_ASKED: Final = (
    (time, ("time", "time_ns"), "the clock"),
    # uuid4 and secrets ask the first, secrets.choice and SystemRandom the second
    (os, ("urandom",), "chance"),
    (
        random,
        (
            "_urandom",
            "random",
            "randint",
            "randrange",
            "choice",
            "choices",
            "sample",
            "shuffle",
            "uniform",
            "getrandbits",
        ),
        "chance",
    ),
)


def _noting(real: Callable[..., Any], what: str, watch: _Watch) -> Callable[..., Any]:
    @wraps(real)
    def noted(*given: Any, **named: Any) -> Any:
        watch.note(what)
        return real(*given, **named)

    return noted
