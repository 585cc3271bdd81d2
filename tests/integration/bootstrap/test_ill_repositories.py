"""Everything that can be wrong with a real repository is its own: the others are read."""

from __future__ import annotations

import shutil
import socketserver
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from odmd.control.leading.sources import SourceReader
from odmd.providers.git import repositories
from odmd.providers.git.repositories import GitRepositories
from support.until import TOO_LONG
from support.workbench import Workbench
from support.worlds import graph_of, node

GRAPH = graph_of([node(0, repo="acme/reader"), node(1, repo="acme/writer")])


def gone(repo: Path) -> None:
    shutil.rmtree(repo)


def renamed(repo: Path) -> None:
    repo.rename(repo.with_name("other"))


def branch_gone(repo: Path) -> None:
    (repo / ".git" / "refs" / "heads" / "main").unlink()


def objects_gone(repo: Path) -> None:
    shutil.rmtree(repo / ".git" / "objects")
    (repo / ".git" / "objects").mkdir()


def blobs_gone(repo: Path) -> None:
    """The commit is there, and not all that is in it."""
    commit = (repo / ".git" / "refs" / "heads" / "main").read_text().strip()
    for one in (repo / ".git" / "objects").glob("??/*"):
        if one.parent.name + one.name != commit:
            one.unlink()


def head_damaged(repo: Path) -> None:
    (repo / ".git" / "HEAD").write_text("nonsense")
    (repo / ".git" / "config").write_text("[nonsense")


def a_file(repo: Path) -> None:
    shutil.rmtree(repo)
    repo.write_text("no repository")


def a_circle(repo: Path) -> None:
    shutil.rmtree(repo)
    repo.symlink_to(repo)


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    made = Workbench(tmp_path)
    made.commit("reader", {})
    made.commit("writer", {})
    return made


def read(bench: Workbench, writer: str = "") -> list[tuple[str, str]]:
    def locate(repo: str) -> str:
        return writer if writer and repo == "acme/writer" else str(bench.root / "repos" / repo)

    reader = SourceReader(GitRepositories(locate, bench.root / "cache"), None)
    found = reader.read(list(GRAPH.envers.values()), GRAPH.envers)
    assert list(found.heads) == list(found.contents) == ["e0/b..main"]
    return [(one.enver, one.code) for one in found.unreadable]


@pytest.mark.parametrize(
    ("away", "code"),
    [(gone, "ODMD201"), (renamed, "ODMD201"), (branch_gone, "ODMD202"), (objects_gone, "ODMD202"),
     (blobs_gone, "ODMD201"), (head_damaged, "ODMD201"), (a_file, "ODMD201"), (a_circle, "ODMD201")],
)  # fmt: skip
def test_what_is_wrong_with_one_repository_is_said_of_its_enver(
    bench: Workbench, away: Callable[[Path], None], code: str
) -> None:
    away(bench.root / "repos" / "acme" / "writer")
    assert read(bench) == [("e1/b..main", code)]


@contextmanager
def answering(handler: type[socketserver.BaseRequestHandler]) -> Generator[str]:
    with HTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/acme/writer.git"
        server.shutdown()


@pytest.mark.parametrize("status", [401, 403, 404, 500, 302])
def test_a_host_that_refuses(bench: Workbench, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    _allow_http(monkeypatch)
    with answering(Refusing) as url:
        assert read(bench, url) == [("e1/b..main", "ODMD201")]


def test_a_host_that_is_away(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    _allow_http(monkeypatch)
    assert read(bench, "http://127.0.0.1:1/acme/writer.git") == [("e1/b..main", "ODMD201")]


def test_a_host_that_does_not_answer(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            over.wait(TOO_LONG)

    _allow_http(monkeypatch)
    monkeypatch.setattr(repositories, "ASKING_SECONDS", 1.0)
    with answering(Silent) as url:
        assert read(bench, url) == [("e1/b..main", "ODMD201")]
        over.set()


@pytest.mark.parametrize("where", ["/nowhere\0at all", "/" + "x" * 5000, "/nowhere/\udcff", "-nothing", ""])
def test_an_address_that_is_none(bench: Workbench, where: str) -> None:
    assert read(bench, where or str(bench.root)) == [("e1/b..main", "ODMD201")]


def _allow_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the user's own settings only https is; the environment of git's is odmd's."""
    from odmd.providers.git import command

    before = command._environment
    monkeypatch.setattr(command, "_environment", lambda within: before(within) | {"GIT_ALLOW_PROTOCOL": "file:http"})
