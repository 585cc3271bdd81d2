"""What a GitHub holds: repositories with their refs, pull requests, comments, checks, statuses and deployments."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PEOPLE: dict[str, int] = {}
"""Everybody who ever said something, and his number."""


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
    messages: dict[str, str] = field(default_factory=dict)
    """Commit → what it says, where there is no folder."""
    pushed_at: float = field(default_factory=lambda: time.time() - 60)
    committed_at: float | None = None
    """What its newest commit says; None: when it was pushed."""

    @property
    def full_name(self) -> str:
        return self.names[-1]

    def refs(self) -> dict[str, str]:
        if self.folder is None:
            return self.heads
        lines = git(self.folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ") for line in lines)

    def between(self, base: str, head: str) -> list[Json]:
        """The commits that only the second has."""
        if self.folder is None:
            return (
                [told_commit(head, self.messages.get(head, "a change"), self.committed_at or self.pushed_at)]
                if head != base
                else []
            )
        text = git(self.folder, "log", "--reverse", "--format=%H%x01%ct%x01%B%x00", f"{base}..{head}")
        found = [one.strip("\n").split("\x01") for one in text.split("\0") if one.strip()]
        return [told_commit(sha, message, float(at)) for sha, at, message in found]

    def say(self, number: int, text: str, login: str = "ada", *, at: float | None = None, **more: Any) -> int:
        """A person comments; the comment's number."""
        stamp = moment(time.time() if at is None else at)
        made = max(self.comments, default=1000) + 1
        user = {"id": PEOPLE.setdefault(login, 500 + len(PEOPLE)), "login": login, "type": "User"}
        said = {"body": text, "user": user, "number": number, "created_at": stamp, "updated_at": stamp, **more}
        self.comments[made] = Record(made, said)
        return made

    def merge_base(self, base: str, head: str) -> str:
        if self.folder is None:
            return base
        return git(self.folder, "merge-base", base, head).strip()

    def told(self) -> Json:
        owner, _, name = self.full_name.partition("/")
        plain: Json = {"id": self.id, "full_name": self.full_name, "name": name, "default_branch": self.default_branch}
        plain |= {"pushed_at": moment(self.pushed_at)}
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


def moment(at: float) -> str:
    """As GitHub writes times."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told_commit(sha: str, message: str, at: float) -> Json:
    by = {"name": "Ada", "email": "ada@acme.example", "date": moment(at)}
    return {"sha": sha, "commit": {"message": message, "committer": by, "author": by}}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
