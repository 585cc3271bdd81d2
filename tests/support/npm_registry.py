"""A real registry of npm, verdaccio, with one user who may publish; and the tools that packages are built with."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from odmd.trust import nobody

_TOOLS = Path(__file__).parents[1] / "data" / "npm-tools"
_CONFIG = """
storage: {storage}
auth: {{htpasswd: {{file: {passwords}, max_users: 1, algorithm: sha1}}}}
packages:
  "@locked/*": {{access: $all, publish: $authenticated, unpublish: nobody}}
  "**": {{access: $all, publish: $authenticated, unpublish: $authenticated}}
max_body_size: 100mb
web: {{enable: false}}
log: {{type: stdout, format: json, level: http}}
"""


@dataclass(frozen=True)
class NpmRegistry:
    """Where it answers, and the right to publish there."""

    url: str
    token: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """What lets runs publish."""
        return {f"ODMD_INDEX_{self.host}_PASSWORD": self.token}

    @property
    def host(self) -> str:
        """As names of variables have it."""
        return self.url.removeprefix("http://").strip("/").replace(".", "_").replace(":", "_")

    def document(self, package: str) -> Mapping[str, Any]:
        """What it has of a package."""
        answer = httpx.get(f"{self.url}{quote(package, safe='@')}", verify=nobody())
        return answer.json() if answer.is_success else {}

    def versions(self, package: str) -> list[str]:
        return sorted(self.document(package).get("versions", {}))

    def lose(self, package: str) -> None:
        """All of a package is gone, as somebody took it away."""
        path = f"{quote(package, safe='@')}/-rev/{self.document(package)['_rev']}"
        httpx.delete(f"{self.url}{path}", headers={"Authorization": f"Bearer {self.token}"}).raise_for_status()

    def publications(self, package: str) -> int:
        """How often it was given a version, be it that it refused it."""
        path = f"/{quote(package, safe='@')}".lower()
        return sum(_is_given(line, path) for line in self.log.read_text().splitlines())


def _is_given(line: str, path: str) -> bool:
    """Whether a line says that a publication was asked for."""
    asked = json.loads(line).get("req", {}) if line.startswith("{") else {}
    return (asked.get("method"), asked.get("url", "").lower()) == ("PUT", path)


def npm_tools() -> Path:
    """The folder of what package.json there names, installed once for each version of its lock."""
    lock = (_TOOLS / "package-lock.json").read_bytes()
    folder = Path(sys.prefix) / f"npm-tools-{hashlib.sha256(lock).hexdigest()[:12]}"
    if (folder / "ready").is_file():
        return folder
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine: it comes with Node")
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "ready").is_file():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_TOOLS / name, folder / name)
            words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "ready").touch()
    return folder


@contextmanager
def npm_registry(root: Path) -> Generator[NpmRegistry]:
    """It listens while inside. Of packages below @locked nobody can take a version away."""
    root.mkdir(parents=True, exist_ok=True)
    config, log = root / "config.yaml", root / "registry.log"
    config.write_text(_CONFIG.format(storage=root / "storage", passwords=root / "passwords"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    program = npm_tools() / "node_modules" / "verdaccio" / "bin" / "verdaccio"
    command = ["node", str(program), "--config", str(config), "--listen", url]
    with log.open("wb") as lines:
        process = subprocess.Popen(command, stdout=lines, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=root)
    try:
        yield NpmRegistry(url, _signed_up(url, process), log)
    finally:
        process.terminate()
        process.wait()


def _signed_up(url: str, process: subprocess.Popen[bytes]) -> str:
    """The token of its first user."""
    until = time.monotonic() + 120
    while True:
        assert process.poll() is None, "the registry ended"
        try:
            user = {"name": "publisher", "password": "a-password-of-the-registry"}
            return httpx.put(f"{url}-/user/org.couchdb.user:publisher", json=user, timeout=30, verify=nobody()).json()[
                "token"
            ]
        except httpx.TransportError:
            assert time.monotonic() < until, "the registry does not answer"
            time.sleep(0.05)
