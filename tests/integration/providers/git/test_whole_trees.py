"""A checkout holds what a commit only refers to, submodules and files in Git LFS, or it is refused with the paths."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from odmd.errors import CheckoutIncomplete, RepositoryUnreachable
from odmd.providers.git.repositories import GitRepositories

NOBODY = "1" * 40
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
needs_lfs = pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not on this machine")


class Desk:
    """Repositories, and somebody who commits to them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repositories = GitRepositories(lambda repo: str(root / "repos" / repo), root / "cache")

    def git(self, repo: str, *arguments: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
        plain = {**os.environ, "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_CONFIG_GLOBAL": "/dev/null"}
        command = ["git", *who, "-C", str(self.root / "repos" / repo), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=plain).stdout.strip()

    def commit(self, repo: str, files: dict[str, str], links: dict[str, tuple[str, str]] | None = None) -> str:
        """`links`: path → address and commit of a submodule."""
        folder = self.root / "repos" / repo
        if not folder.exists():
            folder.mkdir(parents=True)
            self.git(repo, "init", "--quiet", "-b", "main")
        said = "".join(
            f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n' for path, (url, _) in (links or {}).items() if url
        )
        for name, text in {**files, **({".gitmodules": said} if said else {})}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        self.git(repo, "add", "--all")
        for path, (_, commit) in (links or {}).items():
            self.git(repo, "update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
        self.git(repo, "commit", "--quiet", "--allow-empty", "-m", "work")
        return self.git(repo, "rev-parse", "HEAD")

    def checkout(self, repo: str, commit: str) -> dict[str, str]:
        into = self.root / "out"
        self.repositories.checkout(repo, commit, into)
        return {str(one.relative_to(into)): one.read_text() for one in into.rglob("*") if one.is_file()}

    def refused(self, commit: str) -> str:
        with pytest.raises(CheckoutIncomplete) as refused:
            self.checkout("acme/app", commit)
        assert not (self.root / "out").exists()
        return refused.value.fact


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestSubmodules:
    def test_are_there_at_their_commits_also_inside_each_other(self, desk: Desk) -> None:
        deep = desk.commit("acme/deep", {"d": "deep"})
        shared = desk.commit("acme/shared", {"s": "old"}, {"libs/deep": ("../deep", deep)})
        desk.commit("acme/shared", {"s": "new"})
        app = desk.commit(
            "acme/app", {"app.py": ""}, {"shared": ("../shared", shared), "also": ("../../acme/deep", deep)}
        )

        found = desk.checkout("acme/app", app)

        del found[".gitmodules"], found["shared/.gitmodules"]
        assert found == {"app.py": "", "shared/s": "old", "shared/libs/deep/d": "deep", "also/d": "deep"}

    def test_that_move_move_the_content(self, desk: Desk) -> None:
        shared = [desk.commit("acme/shared", {"s": text}) for text in "ab"]
        apps = [desk.commit("acme/app", {"x/a": ""}, {"x/shared": ("../shared", one)}) for one in shared]

        assert len({desk.repositories.content("acme/app", app, ["x"]) for app in apps}) == 2

    def test_that_are_nowhere_are_named(self, desk: Desk) -> None:
        assert "lib is a submodule, and .gitmodules does not say where" in desk.refused(
            desk.commit("acme/app", {}, {"lib": ("", NOBODY)})
        )

    def test_whose_commit_was_never_pushed_are_named(self, desk: Desk) -> None:
        desk.commit("acme/shared", {"s": ""})

        said = desk.refused(desk.commit("acme/app", {}, {"lib": ("../shared", NOBODY)}))

        assert f"lib is a submodule, and {desk.root}/repos/acme/shared has no commit 1111" in said

    def test_that_cannot_be_read_now_are_unreachable(self, desk: Desk) -> None:
        app = desk.commit("acme/app", {}, {"lib": ("../gone", NOBODY)})

        with pytest.raises(RepositoryUnreachable, match=r"submodule lib of acme/app at .*/acme/gone cannot be read"):
            desk.checkout("acme/app", app)

    @pytest.mark.parametrize(
        "url", ["/{root}/secret", "file://{root}/secret", "ext::touch {root}/hurt", "../../../secret"]
    )
    def test_never_reach_what_is_beside_the_repositories(self, desk: Desk, url: str) -> None:
        (desk.root / "repos").mkdir()
        desk.commit("../secret", {"key": "secret"})
        secret = desk.git("../secret", "rev-parse", "HEAD")
        app = desk.commit("acme/app", {}, {"lib": (url.format(root=desk.root), secret)})

        assert "lib is a submodule at" in desk.refused(app)
        assert not (desk.root / "hurt").exists()

    def test_that_hold_themselves_end(self, desk: Desk) -> None:
        commit = desk.commit("acme/loop", {})
        for _ in range(7):
            commit = desk.commit("acme/loop", {}, {"again": ("../loop", commit)})
        app = desk.commit("acme/app", {}, {"lib": ("../loop", commit)})

        assert "lib/again/again/again/again/again is a submodule too much" in desk.refused(app)

    def test_whose_list_is_garbage_are_refused(self, desk: Desk) -> None:
        app = desk.commit("acme/app", {".gitmodules": "[submodule"}, {"lib": ("", NOBODY)})

        assert ".gitmodules cannot be read" in desk.refused(app)


def pointer(content: str) -> str:
    return POINTER.format(hashlib.sha256(content.encode()).hexdigest(), len(content))


class TestLargeFiles:
    ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"

    def test_are_named_where_they_cannot_be_fetched(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        app = desk.commit("acme/app", {".gitattributes": self.ATTRIBUTES, "models/m.bin": pointer("x"), "n.bin": "no"})

        with monkeypatch.context() as without:
            without.setattr("odmd.providers.git.whole_tree.is_lfs_here", lambda: False)
            said = desk.refused(app)

        assert said == "acme/app: models/m.bin is a Git LFS pointer, and what it stands for is not there"

    def test_that_nobody_says_are_in_lfs_are_files(self, desk: Desk) -> None:
        app = desk.commit("acme/app", {"fixture.txt": pointer("x")})

        assert desk.checkout("acme/app", app) == {"fixture.txt": pointer("x")}

    @needs_lfs
    def test_are_fetched_also_in_submodules(self, desk: Desk) -> None:
        files = {".gitattributes": self.ATTRIBUTES, "run.bin": pointer("of shared")}
        shared = desk.commit("acme/shared", files)
        app = desk.commit("acme/app", {**files, "run.bin": pointer("of app")}, {"lib": ("../shared", shared)})
        for repo, content in (("acme/shared", "of shared"), ("acme/app", "of app")):
            self._push(desk, repo, content)

        found = desk.checkout("acme/app", app)

        assert (found["run.bin"], found["lib/run.bin"]) == ("of app", "of shared")

    @needs_lfs
    def test_that_were_never_pushed_are_named(self, desk: Desk) -> None:
        names = {f"{number}.bin": pointer(str(number)) for number in range(7)}
        app = desk.commit("acme/app", {".gitattributes": self.ATTRIBUTES, **names})

        assert "0.bin, 1.bin, 2.bin, 3.bin, 4.bin and 2 more are Git LFS pointers" in desk.refused(app)

    def _push(self, desk: Desk, repo: str, content: str) -> None:
        digest = hashlib.sha256(content.encode()).hexdigest()
        kept = desk.root / "repos" / repo / ".git" / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
        kept.parent.mkdir(parents=True)
        kept.write_text(content)


def test_many_files_are_looked_at_in_no_time(desk: Desk) -> None:
    app = desk.commit("acme/app", {f"{number % 50}/{number}": str(number) for number in range(3000)})
    began = time.monotonic()

    assert len(desk.checkout("acme/app", app)) == 3000
    assert time.monotonic() - began < 60
