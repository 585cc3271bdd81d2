"""The coffee shop's contracts and services as git repositories, and the edits that the demo makes in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from odmd.errors import DemoFailed, DemoRefused, ToolMissing

CONTRACTS: Final = "contracts"
REPOSITORIES: Final = (CONTRACTS, "foundation", "order-manager", "order-processor")
_OWNERS: Final = {
    "import Account, Branch, Organisation, Stage": "import Account, Approval, Branch, Organisation, Stage, Team",
    'dev = Stage("dev", workloads, "us-west-1")': 'owners = Team("owners")\n'
    'dev = Stage("dev", workloads, "us-west-1", approval=Approval(owners, changes=True))',
    "    central=workloads,\n": "    central=workloads,\n    teams=[owners],\n",
}
"""What lets owners approve, in the file that has the stage."""
_AUTHOR: Final = {
    "GIT_AUTHOR_NAME": "A Barista",
    "GIT_AUTHOR_EMAIL": "barista@coffee-shop.example",
    "GIT_COMMITTER_NAME": "A Barista",
    "GIT_COMMITTER_EMAIL": "barista@coffee-shop.example",
}


class Shop:
    """Working copies of the contracts and the services, one repository each."""

    def __init__(self, example: Path, folder: Path) -> None:
        self._example, self._folder = example, folder

    def open(self) -> None:
        """Makes the repositories.

        Raises:
            DemoRefused: the example is not where it should be.
            ToolMissing: git is missing.
        """
        for service in REPOSITORIES:
            source = self._example / service
            if not source.is_dir():
                raise DemoRefused(
                    f"there is no {source}", next_step="run it in a clone of the project, or give --example"
                )
            shutil.copytree(
                source, self._folder / service, ignore=shutil.ignore_patterns("__pycache__", "cdk.out", ".*")
            )
            self._git(service, "init", "--quiet", "--initial-branch=main")
            self.commit(service, f"{service} as it opens")

    def add_to_menu(self, drink: str, cents: int) -> None:
        """A commit to foundation that publishes nothing new."""
        file = self._folder / "foundation" / "menu.json"
        menu = json.loads(file.read_text())
        lines = [json.dumps(item) for item in (*menu, {"drink": drink, "cents": cents})]
        file.write_text("[\n  " + ",\n  ".join(lines) + "\n]\n")
        self.commit("foundation", f"Serve {drink}")

    def rename_bus(self, before: str, after: str) -> None:
        """A commit to foundation that replaces the bus."""
        self._replace("foundation", "foundation_stack.py", f'BUS = "{before}"', f'BUS = "{after}"')
        self.commit("foundation", f"Call the bus {after}")

    def rename_field_of_orders(self, before: str, after: str) -> str:
        """An edit of the contracts that nobody commits: writer and reader are to call it so. As `git diff` shows it."""
        ends = "guest: str"
        file = "src/coffee_shop/schemas.py"
        self._replace(CONTRACTS, file, f"{before}: int\n    {ends}", f"{after}: int\n    {ends}")
        return self._git(CONTRACTS, "diff", "--unified=0", "--no-color", "--no-prefix")

    def let_owners_approve(self) -> None:
        """A commit to the contracts: what changes in the stage waits for a yes of the owners."""
        file = "src/coffee_shop/__init__.py"
        for before, after in _OWNERS.items():
            self._replace(CONTRACTS, file, before, after)
        self.commit(CONTRACTS, "Owners let in what changes")

    def undo(self, repository: str) -> None:
        """Edits that nobody committed."""
        self._git(repository, "checkout", "--quiet", "--", ".")

    def _replace(self, repository: str, name: str, before: str, after: str) -> None:
        file = self._folder / repository / name
        text = file.read_text()
        if before not in text:
            raise DemoFailed(f"{file} has no {before}")
        file.write_text(text.replace(before, after))

    def commit(self, service: str, message: str) -> None:
        self._git(service, "add", "--all")
        self._git(service, "commit", "--quiet", "--message", message)

    def show_last_commit(self, service: str) -> str:
        """The last commit as a person would look at it."""
        return self._git(service, "show", "--format=%h %s", "--unified=0", "--no-color", "HEAD")

    def _git(self, service: str, *arguments: str) -> str:
        command = ["git", "-C", str(self._folder / service), *arguments]
        environment = {**os.environ, **_AUTHOR, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # fixed words
        except FileNotFoundError as missing:
            raise ToolMissing("git is not on this machine", next_step="install git") from missing
        if done.returncode:
            raise DemoFailed(f"git {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout
