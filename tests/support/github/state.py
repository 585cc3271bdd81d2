"""What a GitHub holds: repositories with their refs, pull requests, comments, checks, statuses and deployments."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass
class Record:
    """Something that was made, and with which request."""

    id: int
    said: Json
    born: int = 0


@dataclass
class FakeRepository:
    """Known by its number; `names` are those that it had, the last one is that of now."""

    id: int
    names: list[str]
    folder: Path | None = None
    """A git repository that has its refs and commits; else `heads` has them."""
    default_branch: str = "main"
    archived: bool = False
    fork: bool = False
    heads: dict[str, str] = field(default_factory=dict)
    """Full ref → commit."""
    pulls: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, Record] = field(default_factory=dict)
    checks: dict[int, Record] = field(default_factory=dict)
    statuses: list[Record] = field(default_factory=list)
    deployments: dict[int, Record] = field(default_factory=dict)
    deployment_statuses: dict[int, list[Record]] = field(default_factory=dict)
    workflows: tuple[str, ...] = ()
    """Files of those on the default branch."""
    workflow_runs: dict[int, Record] = field(default_factory=dict)
    rights: dict[str, str] = field(default_factory=dict)
    """User → permission."""

    @property
    def full_name(self) -> str:
        return self.names[-1]

    def refs(self) -> dict[str, str]:
        if self.folder is None:
            return self.heads
        lines = git(self.folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ") for line in lines)

    def merge_base(self, base: str, head: str) -> str:
        if self.folder is None:
            return base
        return git(self.folder, "merge-base", base, head).strip()

    def told(self) -> Json:
        owner, _, name = self.full_name.partition("/")
        plain: Json = {"id": self.id, "full_name": self.full_name, "name": name, "default_branch": self.default_branch}
        return plain | {"archived": self.archived, "fork": self.fork, "owner": {"id": 1, "login": owner}}

    def pull(self, number: int) -> Json:
        """With heads as they are now."""
        said = self.pulls[number]
        refs = self.refs()
        head, base = ({**said[side], "sha": refs.get(f"refs/heads/{said[side]['ref']}")} for side in ("head", "base"))
        head["sha"] = said["head"].get("sha") or head["sha"]
        base["repo"] = base.get("repo") or self.told()
        head["repo"] = head["repo"] if "repo" in head else self.told()
        return {**said, "number": number, "head": head, "base": base}


@dataclass
class FakeInstallation:
    """Where the App was let in."""

    id: int
    account: str
    permissions: dict[str, str]
    repositories: list[int]
    events: list[str] = field(default_factory=list)
    suspended_at: str | None = None

    def told(self) -> Json:
        account = {"id": 1, "login": self.account, "type": "Organization"}
        said: Json = {"id": self.id, "account": account, "permissions": self.permissions, "events": self.events}
        return said | {"repository_selection": "all", "suspended_at": self.suspended_at}


@dataclass
class Faults:
    """What goes wrong, and how often."""

    planned: list[tuple[str, int, dict[str, str], bytes | None]] = field(default_factory=list)
    """(part of an operation's name, status, headers, body) for the next request that fits."""
    lag: int = 0
    """Lists do not show what was made within so many requests."""
    limit: int = 5000
    """Requests an hour."""
    content_a_minute: int = 80
    content: list[float] = field(default_factory=list)
    spent: int = 0

    def next(self, name: str) -> tuple[int, dict[str, str], bytes | None] | None:
        for number, (part, status, headers, body) in enumerate(self.planned):
            if part in name:
                del self.planned[number]
                return status, headers, body
        return None

    def too_much_content(self) -> bool:
        now = time.time()
        self.content = [at for at in self.content if at > now - 60]
        self.content.append(now)
        return len(self.content) > self.content_a_minute


def shown(records: Iterator[Record], count: int, lag: int) -> list[Json]:
    """Those that are old enough."""
    return [{**one.said, "id": one.id} for one in records if one.born <= count - lag]


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
