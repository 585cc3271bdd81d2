"""One suite for git and its fake, then what only git can do wrong."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from odmd.control.ports import Repositories
from odmd.errors import RepositoryUnreachable, RevisionNotFound, ToolMissing
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.git.repositories import GitRepositories

IDENTITY = [
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@example.com",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "tag.gpgsign=false",
]


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class RealRepositories(GitRepositories):
    """Git, with somebody who commits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(lambda repo: str(root / repo), root / "cache")

    def commit(self, repo: str, branch: str, files: dict[str, str]) -> str:
        folder = self.root / repo
        if not folder.exists():
            folder.mkdir(parents=True)
            run_git(folder, "init", "--quiet", "-b", branch)
        else:
            run_git(folder, "checkout", "--quiet", "-B", branch)
            run_git(folder, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        run_git(folder, "add", "--all")
        run_git(folder, "commit", "--quiet", "--allow-empty", "-m", "work")
        return run_git(folder, "rev-parse", "HEAD")

    def tag(self, repo: str, name: str, commit: str) -> None:
        run_git(self.root / repo, "tag", "-a", "-m", "annotated", name, commit)


@pytest.fixture
def real(tmp_path):
    return RealRepositories(tmp_path)


@pytest.fixture(params=["git", "fake"])
def repos(request, tmp_path):
    return RealRepositories(tmp_path) if request.param == "git" else FakeRepositories()


def tree(folder: Path) -> dict[str, str]:
    return {str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file()}


class TestHead:
    def test_a_branch_is_its_newest_commit(self, repos):
        repos.commit("acme/app", "main", {"a": "1"})
        second = repos.commit("acme/app", "main", {"a": "2"})
        assert repos.head("acme/app", "branch:main") == second
        assert len(second) == 40

    def test_a_tag_is_its_commit_not_its_tag_object(self, repos):
        first = repos.commit("acme/app", "main", {"a": "1"})
        repos.tag("acme/app", "v1", first)
        repos.commit("acme/app", "main", {"a": "2"})
        assert repos.head("acme/app", "tag:v1") == first

    def test_a_branch_and_a_tag_of_one_name_are_told_apart(self, repos):
        first = repos.commit("acme/app", "main", {"a": "1"})
        repos.tag("acme/app", "main", first)
        second = repos.commit("acme/app", "main", {"a": "2"})
        assert (repos.head("acme/app", "branch:main"), repos.head("acme/app", "tag:main")) == (second, first)

    def test_only_the_whole_name_counts(self, repos):
        repos.commit("acme/app", "feature/main", {"a": "1"})
        with pytest.raises(RevisionNotFound):
            repos.head("acme/app", "branch:main")

    def test_a_near_match_is_named(self, repos):
        repos.commit("acme/app", "main", {"a": "1"})
        with pytest.raises(RevisionNotFound) as refusal:
            repos.head("acme/app", "branch:mian")
        assert "mian" in refusal.value.fact
        assert "branch:main" in refusal.value.next_step

    def test_a_tag_that_is_a_branch_is_named(self, repos):
        repos.commit("acme/app", "release", {"a": "1"})
        with pytest.raises(RevisionNotFound) as refusal:
            repos.head("acme/app", "tag:release")
        assert "branch:release" in refusal.value.next_step

    @pytest.mark.parametrize("revision", ["branch:--upload-pack=touch x", "branch:", "main", "branch:*", "branch:m*n"])
    def test_what_is_no_name_is_not_found(self, repos, revision):
        repos.commit("acme/app", "main", {"a": "1"})
        with pytest.raises(RevisionNotFound):
            repos.head("acme/app", revision)

    def test_a_repository_that_is_not_there_is_unreachable(self, repos):
        with pytest.raises(RepositoryUnreachable, match="acme/none"):
            repos.head("acme/none", "branch:main")


class TestCheckout:
    def test_the_folder_holds_exactly_the_tree(self, repos, tmp_path):
        files = {
            "a": "1\n",
            "deep/er/b": "2",
            "näme": "ü",
            "with space": "",
        }
        commit = repos.commit("acme/app", "main", files)
        repos.checkout("acme/app", commit, tmp_path / "out" / "into")
        assert tree(tmp_path / "out" / "into") == files

    def test_what_was_there_is_replaced(self, repos, tmp_path):
        into = tmp_path / "out"
        into.mkdir()
        (into / "old").write_text("old")
        commit = repos.commit("acme/app", "main", {"a": "1"})
        repos.checkout("acme/app", commit, into)
        assert tree(into) == {"a": "1"}

    def test_an_older_commit_can_be_had_after_a_newer_one(self, repos, tmp_path):
        first = repos.commit("acme/app", "main", {"a": "1"})
        second = repos.commit("acme/app", "main", {"b": "2"})
        for commit, expected in [(second, {"b": "2"}), (first, {"a": "1"}), (second, {"b": "2"})]:
            repos.checkout("acme/app", commit, tmp_path / "out")
            assert tree(tmp_path / "out") == expected

    @pytest.mark.parametrize("commit", ["0" * 40, "main", "--help", "HEAD"])
    def test_a_commit_that_is_not_there_is_not_found(self, repos, tmp_path, commit):
        repos.commit("acme/app", "main", {"a": "1"})
        with pytest.raises(RevisionNotFound):
            repos.checkout("acme/app", commit, tmp_path / "out")

    def test_a_failed_checkout_leaves_the_folder_as_it_was(self, repos, tmp_path):
        commit = repos.commit("acme/app", "main", {"a": "1"})
        repos.checkout("acme/app", commit, tmp_path / "out")
        with pytest.raises(RevisionNotFound):
            repos.checkout("acme/app", "0" * 40, tmp_path / "out")
        assert tree(tmp_path / "out") == {"a": "1"}

    def test_a_repository_that_is_not_there_is_unreachable(self, repos, tmp_path):
        with pytest.raises(RepositoryUnreachable):
            repos.checkout("acme/none", "0" * 40, tmp_path / "out")

    def test_both_are_the_port(self, repos):
        port: Repositories = repos
        assert port is repos


class TestBytesAreAsCommitted:
    def test_line_ends_are_not_converted(self, real, tmp_path):
        real.commit("app", "main", {".gitattributes": "* text eol=crlf\n"})
        (real.root / "app" / "x").write_bytes(b"a\n")
        run_git(real.root / "app", "add", ".")
        run_git(real.root / "app", "commit", "-q", "-m", "x")
        real.checkout("app", run_git(real.root / "app", "rev-parse", "HEAD"), tmp_path / "out")
        assert (tmp_path / "out" / "x").read_bytes() == b"a\n"

    def test_programs_stay_executable_and_links_stay_links(self, real, tmp_path):
        real.commit("app", "main", {"x": "1"})
        app = real.root / "app"
        (app / "x").chmod(0o755)
        (app / "link").symlink_to("x")
        run_git(app, "add", ".")
        run_git(app, "commit", "-q", "-m", "x")
        real.checkout("app", run_git(app, "rev-parse", "HEAD"), tmp_path / "out")
        assert os.access(tmp_path / "out" / "x", os.X_OK)
        assert (tmp_path / "out" / "link").readlink() == Path("x")


class TestHostileSurroundings:
    def test_no_filter_of_the_user_runs_over_a_repository(self, real, tmp_path, monkeypatch):
        home = tmp_path / "home"
        home.mkdir()
        (home / ".gitconfig").write_text(f'[filter "evil"]\n smudge = touch {tmp_path}/ran && cat\n required = true\n')
        commit = real.commit("app", "main", {".gitattributes": "* filter=evil\n", "a": "1"})
        monkeypatch.setenv("HOME", str(home))
        real.checkout("app", commit, tmp_path / "out")
        assert not (tmp_path / "ran").exists()
        assert tree(tmp_path / "out")["a"] == "1"

    def test_hooks_of_the_source_do_not_run(self, real, tmp_path):
        commit = real.commit("app", "main", {"a": "1"})
        for name in ("post-checkout", "pre-upload", "reference-transaction", "post-index-change"):
            hook = real.root / "app" / ".git" / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
            hook.chmod(0o755)
        real.checkout("app", commit, tmp_path / "out")
        assert not (tmp_path / "ran").exists()

    def test_git_variables_of_the_environment_do_not_leak_in(self, real, tmp_path, monkeypatch):
        commit = real.commit("app", "main", {"a": "1"})
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
            monkeypatch.setenv(name, "/nowhere")
        assert real.head("app", "branch:main") == commit
        real.checkout("app", commit, tmp_path / "out")
        assert tree(tmp_path / "out") == {"a": "1"}

    def test_a_repository_around_the_cache_does_not_matter(self, real, tmp_path):
        run_git(tmp_path, "init", "--quiet")
        run_git(tmp_path, "config", "url./nowhere/.insteadOf", str(tmp_path))
        commit = real.commit("app", "main", {"a": "1"})
        assert real.head("app", "branch:main") == commit

    @pytest.mark.parametrize("url", ["ext::sh -c touch% x", "--upload-pack=touch x", "git://127.0.0.1:1/x", "fd::17"])
    def test_only_harmless_transports_are_used(self, tmp_path, url):
        repos = GitRepositories(lambda _: url, tmp_path / "cache")
        with pytest.raises(RepositoryUnreachable):
            repos.head("app", "branch:main")
        assert not list(tmp_path.rglob("x"))

    def test_a_password_in_the_address_is_not_shown(self, tmp_path):
        repos = GitRepositories(lambda _: "https://me:secret@127.0.0.1:1/x", tmp_path / "cache")
        with pytest.raises(RepositoryUnreachable) as refusal:
            repos.head("app", "branch:main")
        assert "secret" not in refusal.value.fact + refusal.value.next_step

    def test_a_machine_without_git_is_told_so(self, real, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(ToolMissing):
            real.head("app", "branch:main")
        with pytest.raises(ToolMissing):
            real.checkout("app", "0" * 40, tmp_path / "out")


class TestTheCache:
    def test_a_commit_once_fetched_needs_no_repository(self, real, tmp_path):
        commit = real.commit("app", "main", {"a": "1"})
        real.checkout("app", commit, tmp_path / "one")
        (real.root / "app" / ".git").rename(tmp_path / "gone")
        real.checkout("app", commit, tmp_path / "two")
        assert tree(tmp_path / "two") == {"a": "1"}

    def test_many_threads_check_out_at_once(self, real, tmp_path):
        commits = [real.commit("app", "main", {"a": str(n), f"f{n}": "x"}) for n in range(4)]
        barrier = threading.Barrier(8)

        def work(n: int) -> dict[str, str]:
            barrier.wait(timeout=30)
            real.checkout("app", commits[n % 4], tmp_path / f"out{n}")
            return tree(tmp_path / f"out{n}")

        with ThreadPoolExecutor(8) as pool:
            trees = list(pool.map(work, range(8)))
        assert trees == [{"a": str(n % 4), f"f{n % 4}": "x"} for n in range(8)]

    def test_lock_files_of_a_killed_git_do_not_matter(self, real, tmp_path):
        real.checkout("app", real.commit("app", "main", {"a": "1"}), tmp_path / "out")
        bare = next((real.root / "cache").glob("*.git"))
        for name in ("index.lock", "shallow.lock", "config.lock", "packed-refs.lock", "HEAD.lock"):
            (bare / name).touch()
        second = real.commit("app", "main", {"a": "2"})
        (bare / "refs" / "odmd" / f"{second}.lock").touch()
        real.checkout("app", second, tmp_path / "out")
        assert tree(tmp_path / "out") == {"a": "2"}

    @pytest.mark.parametrize("damage", ["HEAD", "objects", "config"])
    def test_a_damaged_cache_is_made_anew(self, real, tmp_path, damage):
        commit = real.commit("app", "main", {"a": "1"})
        real.checkout("app", commit, tmp_path / "out")
        bare = next((real.root / "cache").glob("*.git"))
        (bare / damage).rename(tmp_path / "taken")
        real.checkout("app", commit, tmp_path / "out")
        assert tree(tmp_path / "out") == {"a": "1"}

    def test_a_damaged_pack_is_fetched_anew(self, real, tmp_path):
        commit = real.commit("app", "main", {"a": "1" * 5000})
        real.checkout("app", commit, tmp_path / "out")
        for pack in (real.root / "cache").rglob("*.pack"):
            pack.chmod(0o644)
            pack.write_bytes(pack.read_bytes()[:40])
        real.checkout("app", commit, tmp_path / "out")
        assert tree(tmp_path / "out") == {"a": "1" * 5000}


CHECK_OUT = """
import sys
from pathlib import Path
from odmd.providers.git.repositories import GitRepositories
root = Path(sys.argv[1])
print("begun", flush=True)
GitRepositories(lambda repo: str(root / repo), root / "cache").checkout("app", sys.argv[2], root / "out")
print("done", flush=True)
"""


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.08, 0.12])
def test_a_process_killed_in_the_middle_hinders_nobody(real, tmp_path, delay):
    files = {f"d{n % 20}/f{n}": str(n) * 50 for n in range(800)}
    commit = real.commit("app", "main", files)
    child = subprocess.Popen([sys.executable, "-c", CHECK_OUT, str(tmp_path), commit], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"begun\n"
    try:
        child.wait(timeout=delay)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    real.checkout("app", commit, tmp_path / "out")
    assert tree(tmp_path / "out") == files
    deadline = time.monotonic() + 30
    while left := [entry for entry in tmp_path.iterdir() if ".new-" in entry.name]:  # its git may outlive it a little
        assert time.monotonic() < deadline, left
        real.checkout("app", commit, tmp_path / "out")
