"""One suite for git and its fake, then what only git can do wrong."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odmd.control.ports.world import Repositories
from odmd.errors import RepositoryUnreachable, RevisionNotFound, ToolMissing
from odmd.plan.commits import Author
from odmd.providers.git import cache
from odmd.providers.git.command import GitFailed, git
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.git.repositories import GitRepositories
from support.soak import rounds
from support.until import until

IDENTITY = [
    "-c",
    "user.name=somebody",
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


class TestSaid:
    def test_it_is_the_first_line_of_the_message_and_who_wrote_it_when(self, repos):
        commit = repos.commit("acme/app", "main", {"a": "1"})
        said = repos.said("acme/app", commit)
        assert said.subject == "work"
        assert said.author.name == "somebody"
        assert 1.6e9 < said.author.at < 4e9

    def test_that_of_a_commit_that_is_not_there_is_refused(self, repos):
        repos.commit("acme/app", "main", {"a": "1"})
        with pytest.raises(RevisionNotFound):
            repos.said("acme/app", "0" * 40)

    @pytest.mark.parametrize(
        ("header", "said"),
        [
            (b"\x1b[2Jeve \xe2\x80\xaetxt <e> 5 +0000", Author("\x1b[2Jeve \u202etxt", 5.0)),
            (b"x" * 10_000 + b" <e> 5 +0000", Author("x" * 10_000, 5.0)),
            (b"eve <e> 99999999999999999 +0000", Author("eve")),
            (b"eve <e> -5 +0000", Author("eve")),
            (b"\xff\xfe <e> 5 +0000", Author("\ufffd\ufffd", 5.0)),
            (b"ev\0e <e> 5 +0000", None),
            (b" <e> 5 +0000", None),
            (b"nonsense", None),
        ],
    )
    def test_whatever_somebody_writes_there_is_a_name_and_a_time_or_nothing(self, real, header, said):
        commit = real.commit("acme/app", "main", {"a": "1"})
        folder = real.root / "acme/app"
        tree = run_git(folder, "rev-parse", f"{commit}^{{tree}}").encode()
        made = b"tree " + tree + b"\nauthor " + header + b"\ncommitter A <a> 5 +0000\n\nfree\0dom\n"
        words = ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
        new = subprocess.run(words, cwd=folder, input=made, capture_output=True, check=True).stdout.decode().strip()
        run_git(folder, "update-ref", "refs/heads/main", new)
        assert real.said("acme/app", real.head("acme/app", "branch:main")).author == said


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


PATHS = st.sampled_from(["a/x", "a/y", "b/x", "ab/x", "README"])
TREES = st.dictionaries(PATHS, st.sampled_from(["1", "2"]), min_size=1)


class TestContent:
    @settings(max_examples=rounds(6, 12), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(history=st.lists(TREES, min_size=2, max_size=3), paths=st.sampled_from([["a"], ["a", "README"], ["."]]))
    def test_it_is_equal_exactly_where_what_is_below_the_paths_is(self, repos, history, paths):
        def read(files: dict[str, str]) -> dict[str, str]:
            return {n: t for n, t in files.items() if any(p in (".", n) or n.startswith(f"{p}/") for p in paths)}

        commits = [repos.commit("acme/app", "main", files) for files in history]
        contents = [repos.content("acme/app", commit, paths) for commit in commits]
        for one, first in zip(contents, history, strict=True):
            assert [one == other for other in contents] == [read(first) == read(second) for second in history]

    def test_a_path_below_another_one_adds_nothing(self, real):
        commit = real.commit("acme/app", "main", {"a/b/x": "1", "a/y": "2"})
        assert real.content("acme/app", commit, ["a", "a/b"]) == real.content("acme/app", commit, ["a/"])

    def test_a_commit_that_is_not_there_is_not_found(self, repos):
        repos.commit("acme/app", "main", {"a": "1"})
        with pytest.raises(RevisionNotFound):
            repos.content("acme/app", "0" * 40, ["."])

    def test_what_is_known_needs_no_repository(self, real, tmp_path):
        commit = real.commit("app", "main", {"a/x": "1"})
        before = real.content("app", commit, ["a"])
        (real.root / "app" / ".git").rename(tmp_path / "gone")
        assert real.content("app", commit, ["a"]) == before


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

    def nothing_is_left() -> bool:
        real.checkout("app", commit, tmp_path / "out")
        return not [entry for entry in tmp_path.iterdir() if ".new-" in entry.name]

    until(nothing_is_left)  # its git may outlive it a little


def _program(at: Path, text: str) -> Path:
    at.write_text(f"#!/bin/sh\n{text}\n")
    at.chmod(0o755)
    return at


def _ssh(tmp_path: Path) -> GitRepositories:
    return GitRepositories(lambda _: "ssh://nobody@127.0.0.1:1/app", tmp_path / "cache")


@contextmanager
def _wants_a_password() -> Generator[str]:
    """A server that lets nobody in."""

    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/app"
    finally:
        server.shutdown()
        server.server_close()


class TestWhatGitStarts:
    def test_when_time_is_up_nothing_is_left_of_it_and_the_lock_is_free(self, tmp_path, monkeypatch):
        """An ssh that hangs, ignores what it is told, and has a child: all end, and the next fetch need not wait."""
        pids = tmp_path / "pids"
        hangs = f"trap '' TERM\nsleep 300 &\necho $! >> {pids}\necho $$ >> {pids}\nwait"
        monkeypatch.setenv("GIT_SSH", str(_program(tmp_path / "hangs", hangs)))
        (tmp_path / "lock").touch()
        with (tmp_path / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with pytest.raises(GitFailed, match="no answer"):
                git("ls-remote", "--", "ssh://a@b/c", within=tmp_path, holding=[file.fileno()], leash=True, timeout=1)
        left = [int(pid) for pid in pids.read_text().split()]
        assert len(left) == 2
        psutil.wait_procs([psutil.Process(pid) for pid in left if psutil.pid_exists(pid)], timeout=10)
        assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in left)
        with (tmp_path / "lock").open() as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_the_next_checkout_waits_for_no_ssh_of_the_last_one(self, tmp_path, monkeypatch):
        """After argoproj/argo-cd#20785 and #28394: ssh hangs below a fetch, and then the network is well again."""
        commit = RealRepositories(tmp_path).commit("upstream", "main", {"README": "x"})
        monkeypatch.setattr(cache, "git", lambda *words, **more: git(*words, **{**more, "timeout": 2}))
        monkeypatch.setenv("GIT_SSH", str(_program(tmp_path / "hangs", "trap '' TERM\nsleep 300 & wait")))
        with pytest.raises(RepositoryUnreachable, match="no answer within 2 s"):
            _ssh(tmp_path).checkout("app", commit, tmp_path / "out")
        monkeypatch.setattr(cache, "git", git)
        monkeypatch.setenv("GIT_SSH", str(_program(tmp_path / "well", f"exec git upload-pack {tmp_path}/upstream")))
        began = time.monotonic()
        _ssh(tmp_path).checkout("app", commit, tmp_path / "out")
        assert (tmp_path / "out" / "README").read_text() == "x"
        assert time.monotonic() - began < 60

    def test_what_leaves_the_group_ends_with_it_and_holds_no_lock(self, tmp_path, monkeypatch):
        """Also who takes a session of its own."""
        leaves = (
            f"{sys.executable} -c 'import os,subprocess; "
            f'print(subprocess.Popen(["sleep", "300"], start_new_session=True, stdin=-3, stdout=-3, stderr=-3).pid, '
            f'file=open("{tmp_path}/pid", "w"))\''
        )
        monkeypatch.setenv("GIT_SSH", str(_program(tmp_path / "leaves", leaves)))
        (tmp_path / "lock").touch()
        with (tmp_path / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with pytest.raises(GitFailed):
                git("ls-remote", "--", "ssh://a@b/c", within=tmp_path, holding=[file.fileno()], leash=True, timeout=20)
        assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
        with (tmp_path / "lock").open() as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_nothing_asks_at_a_terminal(self, tmp_path, monkeypatch):
        """It has none, even where odmd has one; a program that wants to ask ends at once."""
        asks = f"read answer </dev/tty && echo asked > {tmp_path}/asked"
        monkeypatch.setenv("GIT_SSH", str(_program(tmp_path / "asks", asks)))
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                _ssh(tmp_path).head("app", "branch:main")
            except RepositoryUnreachable:
                os._exit(7)
            os._exit(1)
        try:
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        finally:
            os.close(terminal)
        assert not (tmp_path / "asked").exists()

    @pytest.mark.parametrize("asker", ["SSH_ASKPASS", "core.askPass", "GIT_ASKPASS"])
    def test_only_an_askpass_that_is_git_s_own_is_asked(self, tmp_path, monkeypatch, asker):
        program = _program(tmp_path / "ask", f"echo $1 > {tmp_path}/asked")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("GIT_ASKPASS", raising=False)
        if asker == "core.askPass":
            (tmp_path / ".gitconfig").write_text(f"[core]\n askPass = {program}\n")
        else:
            monkeypatch.setenv(asker, str(program))
        with _wants_a_password() as address, pytest.raises(GitFailed):
            git("ls-remote", "--", address, within=tmp_path, extra={"GIT_ALLOW_PROTOCOL": "http"}, timeout=20)
        assert (tmp_path / "asked").exists() == (asker == "GIT_ASKPASS")

    @pytest.mark.parametrize(
        ("own", "expected"),
        [("", "-o BatchMode=yes"), ("GIT_SSH_COMMAND", "mine"), ("core.sshCommand", "mine")],
    )
    def test_ssh_runs_as_a_batch_unless_the_user_names_a_command(self, tmp_path, monkeypatch, own, expected):
        said = tmp_path / "said"
        (tmp_path / "bin").mkdir()
        _program(tmp_path / "bin" / "ssh", f'echo "$@" > {said}; exit 1')
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("GIT_SSH_COMMAND", raising=False)
        if own == "GIT_SSH_COMMAND":
            monkeypatch.setenv(own, "ssh mine")
        elif own:
            (tmp_path / ".gitconfig").write_text("[core]\n sshCommand = ssh mine\n")
        with pytest.raises(RepositoryUnreachable):
            _ssh(tmp_path).head("app", "branch:main")
        assert said.read_text().startswith(expected)

    @pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "x" * 200_000])
    def test_what_cannot_be_said_to_a_program_is_a_repository_that_cannot_be_read(self, real, name):
        real.commit("app", "main", {"a": "1"})
        with pytest.raises((RepositoryUnreachable, RevisionNotFound)):
            real.head("app", f"branch:{name}")


def test_repositories_with_long_ids_work(real, tmp_path):
    folder = tmp_path / "long"
    folder.mkdir()
    run_git(folder, "init", "--quiet", "-b", "main", "--object-format=sha256")
    commit = real.commit("long", "main", {"a": "1"})
    assert len(commit) == 64
    assert real.head("long", "branch:main") == commit
    real.checkout("long", commit, tmp_path / "out")
    assert tree(tmp_path / "out") == {"a": "1"}
