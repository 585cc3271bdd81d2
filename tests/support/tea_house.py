"""The tea house on disk: its contracts, its settings, and a git repository for each of its services."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

TEA_HOUSE: Final = Path(__file__).parents[2] / "examples" / "tea_house"
SERVICES: Final = ("tea", "prices", "menu", "site")
SETTINGS: Final = """[tool.odmd]
contracts = "tea_house/__init__.py:organisation"
repositories = "repos/{repo}"
retire-after = 0

[tool.odmd.clusters.tea]
server = "SERVER"
token-file = "token"
"""
CRASHES: Final = "#!/bin/busybox sh\nexit 3\n"
_WHO: Final = ("-c", "user.name=A Tea Master", "-c", "user.email=tea@tea-house.example")


class TeaHouse:
    """All of it in a folder, for an account, a registry of npm, and a cluster with a token for it."""

    def __init__(self, root: Path, account: str, registry: str, server: str, token: str, authority: str = "") -> None:
        self.root = root
        shutil.copytree(TEA_HOUSE / "contracts" / "src" / "tea_house", root / "tea_house")
        wired = root / "tea_house" / "__init__.py"
        said = wired.read_text().replace("111122223333", account).replace("stuck_seconds=5", "stuck_seconds=0.5")
        wired.write_text(said.replace("http://localhost:4873/", registry))
        settings = SETTINGS.replace("SERVER", server)
        if authority:
            (root / "ca.pem").write_text(authority)
            settings += 'certificate-authority = "ca.pem"\n'
        (root / "pyproject.toml").write_text(settings)
        (root / "token").write_text(f"{token}\n")
        for service in SERVICES:
            shutil.copytree(TEA_HOUSE / service, self.folder(service))
            self._git(service, "init", "-q", "-b", "main")
            self.push(service, f"{service} as it opens")

    def folder(self, service: str) -> Path:
        return self.root / "repos" / "tea-house" / service

    def push(self, service: str, message: str = "change", **files: str) -> None:
        """A commit with some files written anew; `__` in a name is a slash."""
        for name, text in files.items():
            (self.folder(service) / name.replace("__", "/")).write_text(text)
        self._git(service, "add", "-A")
        self._git(service, "commit", "-q", "--allow-empty", "-m", message)

    def closes(self, *envers: str) -> None:
        """These are no longer declared."""
        wired = self.root / "tea_house" / "__init__.py"
        text = wired.read_text()
        for enver in envers:
            text = re.sub(rf"^{enver} = .*\n", "", text, flags=re.MULTILINE)
            text = re.sub(rf"(?<=[\[ ]){enver}(, |(?=\]))", "", text).replace(", ]", "]")
        wired.write_text(text)

    def _git(self, service: str, *words: str) -> None:
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(["git", "-C", str(self.folder(service)), *_WHO, *words], env=environment, check=True)
