"""A real package index, pypiserver, with one user who may upload; what it is asked can be looked at, and altered."""

from __future__ import annotations

import base64
import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from odmd.trust import nobody

USER, PASSWORD = "publisher", "a-password-of-the-index"


@dataclass(frozen=True)
class PackageIndex:
    """Where it answers, and where its files lie."""

    url: str
    folder: Path

    @property
    def simple(self) -> str:
        return f"{self.url}simple/"

    @property
    def environment(self) -> dict[str, str]:
        """What lets runs upload."""
        host = self.url.removeprefix("http://").strip("/").replace(".", "_").replace(":", "_")
        return {f"ODMD_INDEX_{host}_USERNAME": USER, f"ODMD_INDEX_{host}_PASSWORD": PASSWORD}

    def files(self) -> dict[str, str]:
        """By name, the sha256 of what lies there."""
        return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in sorted(self.folder.iterdir())}

    def uploads(self) -> int:
        """How many it was asked to take, be it that it refused them."""
        return self._log.read_text().count('"POST')

    def clear(self) -> None:
        """As it was when it began."""
        for one in self.folder.iterdir():
            one.unlink()
        self._log.write_text("")  # it appends to it

    @property
    def _log(self) -> Path:
        return self.folder.parent / "index.log"


@contextmanager
def package_index(root: Path) -> Generator[PackageIndex]:
    """It listens while inside; a file that it has it takes no second time."""
    folder = root / "packages"
    folder.mkdir(parents=True)
    passwords = root / "passwords"
    sha1 = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
    passwords.write_text(f"{USER}:{{SHA}}{sha1}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "pypiserver", "run", "--interface", "127.0.0.1", "--port", str(port),
        "--passwords", str(passwords), "--authenticate", "update", "--server", "wsgiref",
        "--hash-algo", "sha256", "-v", "--log-stream", "none", "--log-file", str(root / "index.log"), str(folder),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        made = PackageIndex(f"http://127.0.0.1:{port}/", folder)
        _wait_for(made.url, process)
        yield made
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the index ended"
        try:
            httpx.get(url, timeout=5, verify=nobody())
            return
        except httpx.TransportError:
            assert time.monotonic() < until, "the index does not answer"
            time.sleep(0.05)
