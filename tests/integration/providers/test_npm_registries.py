"""What registries of npm answer, well or not; and what somebody is told who asks one that lies."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from odmd.control.running.place import Workplace
from odmd.errors import IndexUnreachable, OdmdError, UploadRefused, VersionTaken
from odmd.graph.built import PackageNode
from odmd.providers.npm.registry import NpmRegistry
from odmd.providers.npm.tarball import integrity
from odmd.providers.packages import web
from odmd.providers.packages.package_version import File, PackageVersion
from odmd.providers.packages.tarballs import PackedFile, pack
from support.jobs import job

NAME = "@acme/orders"
CONTENT = pack({"package.json": PackedFile(json.dumps({"name": NAME, "version": "1.0.0"}).encode())}, "package")
OTHER = pack({"package.json": PackedFile(json.dumps({"name": NAME, "version": "1.0.0"}).encode() + b" ")}, "package")
PAGE = "/@acme%2Forders"

Answer = tuple[int, bytes]


@dataclass
class Double:
    """A registry that answers what it is told to."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    on_put: Callable[[Double], Answer] = lambda _: (500, b"")
    asked: list[tuple[str, str, str | None]] = field(default_factory=list[tuple[str, str, str | None]])

    @property
    def registry(self) -> NpmRegistry:
        return NpmRegistry(PackageNode(NAME, "", self.url, self.url), "b..main")

    def lists(self, content: bytes, **dist: object) -> None:
        """It has a version with a file."""
        said = {"integrity": integrity(content), "tarball": f"{self.url}orders.tgz", **dist}
        page = {"name": NAME, "versions": {"1.0.0": {"dist": said}}, "dist-tags": {"latest": "1.0.0"}}
        self.answers[PAGE] = 200, json.dumps(page).encode()
        self.answers["/orders.tgz"] = 200, content

    def publication(self) -> PackageVersion:
        return PackageVersion(self.registry, "1.0.0", [File(f"{NAME}-1.0.0.tgz", CONTENT)], 0.1, "raise the version")


@pytest.fixture
def double() -> Generator[Double]:
    with answering() as made:
        yield made


@contextmanager
def answering() -> Generator[Double]:
    made = Double()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(made.answers.get(self.path, (404, b"{}")))

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(made.on_put(made))

        def _answer(self, answer: Answer) -> None:
            made.asked.append((self.command, self.path, self.headers.get("Authorization")))
            status, content = answer
            with suppress(ConnectionError):  # who asked may have gone
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", content.decode())
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield made
        finally:
            server.shutdown()


def brought(double: Double, tmp_path: Path) -> None:
    double.publication().bring(job(Workplace(tmp_path)))


def takes(double: Double) -> Answer:
    double.lists(CONTENT)
    return 201, b"{}"


def test_who_came_second_is_no_failure_where_the_first_one_is_listed_only_after_the_no(
    double: Double, tmp_path: Path
) -> None:
    class Slow(dict[str, Answer]):
        """Lists it when it was looked for once more."""

        looks = 0

        def get(self, path: str, otherwise: Answer = (404, b"{}")) -> Answer:  # type: ignore[override]
            self.looks += path == PAGE
            return super().get(path, otherwise) if self.looks > 1 else otherwise

    def refuses(double: Double) -> Answer:
        double.answers = Slow()
        double.lists(CONTENT)
        return 409, b"{}"

    double.on_put = refuses
    brought(double, tmp_path)


def test_what_it_takes_is_read_back(double: Double, tmp_path: Path) -> None:
    double.on_put = takes
    brought(double, tmp_path)
    assert [method for method, _, _ in double.asked].count("PUT") == 1
    assert ("GET", "/orders.tgz", None) in double.asked


def test_one_that_took_it_and_says_that_it_failed_is_believed_by_what_it_has(double: Double, tmp_path: Path) -> None:
    def takes_and_fails(double: Double) -> Answer:
        double.lists(CONTENT)
        return 500, b"oh"

    double.on_put = takes_and_fails
    brought(double, tmp_path)


@pytest.mark.parametrize("status", [403, 409])
def test_who_is_second_with_the_same_content_is_done_and_with_another_one_is_told(
    double: Double, tmp_path: Path, status: int
) -> None:
    def has(content: bytes) -> Callable[[Double], Answer]:
        def put(double: Double) -> Answer:
            double.lists(content)
            return status, b'{"error": "this package is already present"}'

        return put

    double.on_put = has(CONTENT)
    brought(double, tmp_path)
    double.answers.clear()
    double.on_put = has(OTHER)
    with pytest.raises(VersionTaken, match="with other content"):
        brought(double, tmp_path)


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (401, UploadRefused, "401"),
        (403, UploadRefused, "403"),
        (409, UploadRefused, "409"),
        (413, UploadRefused, "413"),
        (429, IndexUnreachable, "429"),
        (500, IndexUnreachable, "500"),
        (503, IndexUnreachable, "503"),
    ],
)
def test_a_refusal_says_what_the_registry_says(
    double: Double, tmp_path: Path, status: int, error: type[OdmdError], said: str
) -> None:
    double.on_put = lambda _: (status, b"E40x you shall not")
    with pytest.raises(error, match=said) as refused:
        brought(double, tmp_path)
    assert refused.value.next_step


def test_one_that_lists_another_integrity_than_what_it_took_is_told(double: Double, tmp_path: Path) -> None:
    def lies(double: Double) -> Answer:
        double.lists(OTHER)
        return 201, b"{}"

    double.on_put = lies
    with pytest.raises(VersionTaken):
        brought(double, tmp_path)


def test_one_that_lists_it_and_has_other_bytes_is_told(double: Double, tmp_path: Path) -> None:
    def lies(double: Double) -> Answer:
        double.lists(CONTENT)
        double.answers["/orders.tgz"] = 200, OTHER
        return 201, b"{}"

    double.on_put = lies
    with pytest.raises(IndexUnreachable, match="is not what the registry lists"):
        brought(double, tmp_path)


def test_one_that_says_no_integrity_is_asked_for_the_bytes(double: Double) -> None:
    double.lists(CONTENT, integrity=None)
    assert double.publication().is_there()
    double.lists(OTHER, integrity="sha1-only")
    with pytest.raises(VersionTaken, match="no hash"):
        double.publication().is_there()


def test_one_that_never_lists_what_it_took_has_not_got_it(double: Double, tmp_path: Path) -> None:
    double.on_put = lambda _: (201, b"{}")
    with pytest.raises(UploadRefused, match="does not list it after"):
        brought(double, tmp_path)


def test_one_that_says_nothing_is_not_waited_for_for_ever(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(web, "SECONDS", 0.2)
    double.answers = _Silent(over)
    began = time.monotonic()
    with pytest.raises(IndexUnreachable, match="ReadTimeout"):
        double.registry.versions()
    over.set()
    assert time.monotonic() - began < 20


class _Silent(dict[str, Answer]):
    def __init__(self, over: threading.Event) -> None:
        super().__init__()
        self._over = over

    def get(self, *_: object) -> Answer:  # type: ignore[override]
        self._over.wait(60)
        return 404, b"{}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, b"<html>"), "is no page of a registry"),
        ((200, b"[]"), "is no page of a registry"),
        ((200, b"[" * 100_000), "is no page of a registry"),
        ((200, b"\xff\xfe"), "is no page of a registry"),
        ((401, b"{}"), "answers 401"),
        ((500, b"{}"), "answers 500"),
        ((302, PAGE.encode()), "leads in a circle"),
    ],
)
def test_what_is_no_answer_of_a_registry_says_so(double: Double, answer: Answer, said: str) -> None:
    double.answers[PAGE] = answer
    with pytest.raises(IndexUnreachable, match=said):
        double.registry.versions()


@pytest.mark.parametrize(
    "versions", [None, 7, {"1.0.0": 7}, {"1.0.0": {"dist": 7}}, {"1.0.0": {"dist": {"tarball": 7}}}]
)
def test_what_says_less_than_registries_do_ends_in_no_traceback(double: Double, versions: object) -> None:
    double.answers[PAGE] = 200, json.dumps({"versions": versions}).encode()
    for one in double.registry.published("1.0.0"):
        assert one.digest == ""
        with pytest.raises(IndexUnreachable):
            one.read()


def test_another_registry_that_is_sent_on_to_does_not_count(double: Double) -> None:
    with answering() as other:
        other.lists(CONTENT)
        double.answers[PAGE] = 302, f"{other.url.rstrip('/')}{PAGE}".encode()
        assert double.registry.versions() == {}
        assert other.asked == []


def test_a_token_goes_to_its_host_alone(double: Double, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with answering() as other:
        other.lists(CONTENT)
        double.lists(CONTENT, tarball=f"{other.url}orders.tgz")
        (tmp_path / "npmrc").write_text(f"{double.url.removeprefix('http:')}:_authToken=a-token\n")
        monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "npmrc"))
        assert [one.read() for one in double.registry.published("1.0.0")] == [CONTENT]
        assert double.asked == [("GET", PAGE, "Bearer a-token")]
        assert other.asked == [("GET", "/orders.tgz", None)]
