"""One bare repository per URL that keeps every commit once asked for.

Writers hold its lock exclusively, readers share it. The lock is a kernel lock, so a killed process leaves none; lock
files that a killed git left inside are removed by the next writer, who alone may write.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import posixpath
import re
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from odmd.private import open_private, private_folder
from odmd.providers.git.command import GitFailed, git
from odmd.providers.git.remote import Remote

T = TypeVar("T")

DAMAGE = re.compile(r"corrupt|bad object|not a git repository|unable to read|missing blob|invalid index-pack|bad pack")
ABSENT = re.compile(
    r"not our ref|couldn't find remote ref|Not a valid object name|bad object|invalid object|Needed a single revision"
    r"|Invalid symmetric difference"
)
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force")
AS_COMMITTED = "* -filter -ident -text -working-tree-encoding\n"
"""Outranks what a repository says about its files: no program of the user's runs over them, and no byte changes."""


def outermost(paths: Sequence[str]) -> Sequence[str]:
    """The paths in order, without those below another one."""
    plain = sorted({posixpath.normpath(path) for path in paths})
    return [path for path in plain if not any(other != path and f"{path}/".startswith(f"{other}/") for other in plain)]


class Cache:
    """The commits of one remote.

    Args:
        hashes: how the repository names its objects, `sha1` or `sha256`.
    """

    def __init__(self, folder: Path, remote: Remote, hashes: str = "sha1") -> None:
        self._hashes, self._environment = hashes, remote.environment
        url = remote.url
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", url).strip("-.")[-40:]
        self._url = url
        kind = "" if hashes == "sha1" else f"-{hashes}"
        self._bare = folder / f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:16]}{kind}.git"
        self._lock = self._bare.with_suffix(".lock")

    def write_tree(self, commit: str, into: Path) -> None:
        """Fills the empty folder `into` with the files of a commit, fetched if it is not here yet.

        Raises:
            GitFailed: it cannot be fetched.
            ToolMissing
        """
        self._with(commit, lambda: self._write(commit, into))

    def content(self, commit: str, paths: Sequence[str]) -> str:
        """The id of what a commit has at some paths; one that is not there counts as being empty.

        Raises:
            GitFailed: it cannot be fetched.
            ToolMissing
        """
        return self._with(commit, lambda: self._content(commit, outermost(paths)))

    def ask(self, commit: str, *arguments: str) -> str:
        """What git says of a commit.

        Raises:
            GitFailed, ToolMissing
        """
        return self._with(commit, lambda: self._ask(arguments))

    def log(self, commit: str, path: str, *arguments: str) -> str:
        """What `git log` says of what is at a path, from a commit back; all before it is fetched if it is not here yet.

        Raises:
            GitFailed, ToolMissing
        """
        return self._with(commit, lambda: self._log(commit, "log", *arguments, commit, "--", path))

    def history(self, commits: Sequence[str], *arguments: str) -> str:
        """What git says of commits and of all before them, which is fetched as far as it is not here yet.

        Raises:
            GitFailed, ToolMissing
        """
        if self._bare.exists():
            with suppress(GitFailed):
                return self._history(commits, arguments)
        for commit in commits:
            self._ensure(commit)
        return self._with(commits[0], lambda: self._history(commits, arguments))

    def find(self, beginning: str) -> str:
        """The commit whose id begins so: one that is here, or of any branch or tag.

        Raises:
            GitFailed: there is none, or there are several.
            ToolMissing
        """
        words = ("rev-parse", "--verify", "--end-of-options", f"{beginning}^{{commit}}")
        with self._locked(fcntl.LOCK_EX) as lock:
            self._create(lock)
            try:
                return self._git(lock, *words).strip()
            except GitFailed:
                self._fetch_everything(lock)
                return self._git(lock, *words).strip()

    def fetch_large_files(self, commit: str) -> Path:
        """Fetches what a commit has in Git LFS; returns the folder of such files, by their digests.

        Raises:
            GitFailed, ToolMissing
        """
        with self._locked(fcntl.LOCK_EX) as lock:
            self._ask_remote(lock, "-c", f"remote.origin.url={self._url}", "lfs", "fetch", "origin", commit)
        return self._bare / "lfs" / "objects"

    def _with(self, commit: str, do: Callable[[], T]) -> T:
        """Does something with a commit: at once if it is here, as it mostly is; again when the cache is damaged."""
        if self._bare.exists():
            with suppress(GitFailed):
                return do()
        try:
            self._ensure(commit)
            return do()
        except GitFailed as failure:
            if not DAMAGE.search(failure.said):
                raise
            self._drop()
            self._ensure(commit)
            return do()

    def _ensure(self, commit: str) -> None:
        with self._locked(fcntl.LOCK_SH) as lock:
            if self._has(commit, lock):
                return
        with self._locked(fcntl.LOCK_EX) as lock:
            if self._create(lock) or not self._has(commit, lock):
                self._fetch(commit, lock)

    def _has(self, commit: str, lock: int) -> bool:
        if not self._bare.exists():
            return False
        try:
            self._git(lock, "cat-file", "-e", f"{commit}^{{commit}}")
        except GitFailed:
            return False
        return True

    def _create(self, lock: int) -> bool:
        """Makes it, empty, if it is not there; returns whether it did."""
        if self._bare.exists():
            self._clear_up()
            return False
        new = self._bare.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        how = ("--quiet", "--bare", "--template=", f"--object-format={self._hashes}")
        git("init", *how, "--", str(new), within=new.parent, holding=[lock])
        (new / "info").mkdir(exist_ok=True)
        (new / "info" / "attributes").write_text(AS_COMMITTED, encoding="utf-8")
        new.rename(self._bare)
        return True

    def _clear_up(self) -> None:
        """Removes what a killed git left."""
        for stale in [*self._bare.rglob("*.lock"), *self._bare.glob("objects/pack/tmp_*")]:
            stale.unlink(missing_ok=True)

    def _fetch(self, commit: str, lock: int, depth: str = "--depth=1") -> None:
        try:
            self._ask_remote(lock, *_FETCH, depth, "--", self._url, f"{commit}:refs/odmd/{commit}")
        except GitFailed:  # servers need not give a commit by its id: then take everything and look again
            self._fetch_everything(lock, "--update-shallow" if depth == "--depth=1" else depth)

    def _fetch_everything(self, lock: int, depth: str = "--update-shallow") -> None:
        everything = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        self._ask_remote(lock, *_FETCH, depth, "--", self._url, *everything)

    def _log(self, commit: str, *arguments: str) -> str:
        with self._locked(fcntl.LOCK_EX) as lock:
            if self._git(lock, "rev-parse", "--is-shallow-repository").strip() == "true":
                self._fetch(commit, lock, "--unshallow")
            return self._git(lock, *arguments)

    def _history(self, commits: Sequence[str], arguments: Sequence[str]) -> str:
        with self._locked(fcntl.LOCK_EX) as lock:
            for commit in commits:
                if self._is_cut_off(commit, lock):
                    self._fetch(commit, lock, "--unshallow")
            return self._git(lock, *arguments)

    def _is_cut_off(self, commit: str, lock: int) -> bool:
        """Whether something before a commit is not here."""
        shallow = self._bare / "shallow"
        ends = set(shallow.read_text(encoding="ascii").split()) if shallow.exists() else set[str]()
        return bool(ends) and not ends.isdisjoint(self._git(lock, "rev-list", commit).split())

    def _ask(self, arguments: Sequence[str]) -> str:
        with self._locked(fcntl.LOCK_SH) as lock:
            return self._git(lock, *arguments)

    def _content(self, commit: str, paths: Sequence[str]) -> str:
        with self._locked(fcntl.LOCK_SH) as lock:
            if "." in paths:
                return self._git(lock, "rev-parse", "--verify", f"{commit}^{{tree}}").strip()
            found = self._git(lock, "ls-tree", "-z", "--full-tree", commit, "--", *paths)
        entries = sorted(found.split("\0"))
        return hashlib.sha256(json.dumps([*paths, *entries]).encode()).hexdigest()

    def _write(self, commit: str, into: Path) -> None:
        with self._locked(fcntl.LOCK_SH) as lock, tempfile.TemporaryDirectory(prefix="odmd-index-") as folder:
            private = {"GIT_INDEX_FILE": f"{folder}/index", "GIT_WORK_TREE": str(into.absolute())}
            self._git(lock, "read-tree", f"{commit}^{{tree}}", extra=private)
            self._git(lock, "checkout-index", "--all", "--force", within=into, extra=private, leash=True)

    def _drop(self) -> None:
        with self._locked(fcntl.LOCK_EX):
            shutil.rmtree(self._bare, ignore_errors=True)

    def _git(
        self,
        lock: int,
        *arguments: str,
        within: Path | None = None,
        extra: Mapping[str, str] | None = None,
        leash: bool = False,
    ) -> str:
        words, where = (f"--git-dir={self._bare}", *arguments), within or self._bare
        return git(*words, within=where, extra=extra, holding=[lock], leash=leash)

    def _ask_remote(self, lock: int, *arguments: str) -> None:
        """Only what is asked of another machine is told as whom."""
        self._git(lock, *arguments, extra=self._environment, leash=True)

    @contextmanager
    def _locked(self, how: int) -> Generator[int]:
        private_folder(self._lock.parent)
        with open_private(self._lock, "a") as file:
            fcntl.flock(file, how)
            yield file.fileno()
