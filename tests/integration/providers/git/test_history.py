"""What was before commits: one suite for git and for its twin in memory."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import rmtree

import pytest

from odmd.control.ports.world import Kinship, SourceHistory
from odmd.errors import RepositoryUnreachable, RevisionNotFound
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.git.history import GitHistory
from odmd.providers.git.repositories import GitRepositories

APP = "acme/app"


class Pushing:
    """Somebody who pushes to a repository of either kind: `a - b - c` on main, `b - x` on side, v1 at b."""

    def __init__(self, root: Path, kind: str) -> None:
        self.folder, self.fake = root / APP, FakeRepositories() if kind == "fake" else None
        self.cache = root / "cache"
        self.git = GitHistory(GitRepositories(lambda repo: f"file://{root / repo}", self.cache))
        self.a, self.b = self.commit("main", "first"), self.commit("main", "second")
        self.tag("v1", self.b)
        self.x = self.commit("side", "beside", since="main")
        self.c = self.commit("main", "third")

    @property
    def history(self) -> SourceHistory:
        return self.fake or self.git

    def commit(self, branch: str, subject: str, since: str = "") -> str:
        if self.fake:
            return self.fake.commit(APP, branch, {"f": subject}, subject, since)
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            self.do("init", "-q", "-b", branch)
        self.do("checkout", "-q", *(("-b", branch, since) if since else (branch,)), check=self.has_commits())
        (self.folder / "f").write_text(subject)
        self.do("add", "--all")
        self.do("commit", "-q", "--allow-empty", "-m", subject)
        return self.do("rev-parse", "HEAD")

    def has_commits(self) -> bool:
        return bool(self.do("rev-parse", "--verify", "-q", "HEAD", check=False))

    def tag(self, name: str, commit: str) -> None:
        if self.fake:
            self.fake.tag(APP, name, commit)
        else:
            self.do("tag", name, commit)

    def lose(self) -> None:
        if self.fake:
            self.fake.lose(APP)
        else:
            rmtree(self.folder)

    def do(self, *words: str, check: bool = True) -> str:
        identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
        done = subprocess.run(["git", *identity, *words], cwd=self.folder, check=check, capture_output=True, text=True)
        return done.stdout.strip()


@pytest.fixture(params=["git", "fake"])
def pushing(request: pytest.FixtureRequest, tmp_path: Path) -> Pushing:
    return Pushing(tmp_path, request.param)


def test_names_and_beginnings_of_ids_are_found(pushing: Pushing) -> None:
    find = pushing.history.find
    assert find(APP, "main") == find(APP, pushing.c[:8]) == find(APP, pushing.c) == pushing.c
    assert (find(APP, "side"), find(APP, "v1"), find(APP, pushing.a[:10])) == (pushing.x, pushing.b, pushing.a)


@pytest.mark.parametrize("text", ["nothing", "0000000", "--upload-pack=touch x", "", "m*", "HEAD"])
def test_what_is_not_there_is_not_found(pushing: Pushing, text: str) -> None:
    with pytest.raises(RevisionNotFound):
        pushing.history.find(APP, text)


def test_commits_are_ahead_behind_or_on_another_line(pushing: Pushing) -> None:
    found = pushing.history.kinship(APP, pushing.b, [pushing.a, pushing.b, pushing.c, pushing.x, "0" * 40])
    assert found == {
        pushing.a: Kinship(0, 1),
        pushing.b: Kinship(0, 0),
        pushing.c: Kinship(1, 0),
        pushing.x: Kinship(1, 0),
    }
    assert pushing.history.kinship(APP, pushing.c, [pushing.x]) == {pushing.x: Kinship(1, 1)}


def test_commits_between_are_told_newest_first_with_whose_they_are(pushing: Pushing) -> None:
    found = pushing.history.between(APP, pushing.a, pushing.c, 9)
    assert (found.commits, found.count) == ([(pushing.c, "third", True), (pushing.b, "second", True)], 2)
    apart = pushing.history.between(APP, pushing.x, pushing.c, 9)
    assert {(subject, new) for _, subject, new in apart.commits} == {("third", True), ("beside", False)}
    few = pushing.history.between(APP, pushing.c, pushing.a, 1)
    assert (few.commits, few.count) == ([(pushing.c, "third", False)], 2)


def test_a_cache_with_newest_commits_only_gets_what_was_before(tmp_path: Path) -> None:
    pushing = Pushing(tmp_path, "git")
    for commit in (pushing.x, pushing.a, pushing.c):
        assert pushing.git.repositories.said(APP, commit)
    assert pushing.git.kinship(APP, pushing.c, [pushing.a]) == {pushing.a: Kinship(0, 2)}
    later = pushing.commit("main", "fourth")
    pushing.git.repositories.said(APP, later)
    assert pushing.git.kinship(APP, later, [pushing.a, pushing.x]) == {
        pushing.a: Kinship(0, 3),
        pushing.x: Kinship(1, 2),
    }


def test_what_was_read_is_known_when_the_repository_is_away(tmp_path: Path) -> None:
    pushing = Pushing(tmp_path, "git")
    pushing.git.between(APP, pushing.a, pushing.c, 9)
    pushing.lose()
    assert pushing.git.between(APP, pushing.a, pushing.c, 9).count == 2
    with pytest.raises(RepositoryUnreachable):
        pushing.git.find(APP, "main")


def test_a_repository_that_is_away_is_said_to_be(pushing: Pushing) -> None:
    pushing.lose()
    with pytest.raises(RepositoryUnreachable):
        pushing.history.kinship(APP, pushing.c, [pushing.a])
