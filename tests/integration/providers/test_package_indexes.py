"""What package indexes answer, in either form of their API, well or not."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest.mock import ANY

import pytest

from odmd.errors import IndexUnreachable
from odmd.graph.built import PackageNode
from odmd.providers.packages.index import Index

JSON = "application/vnd.pypi.simple.v1+json"
PAGE = "/simple/acme-contracts/"
CONTENT = b"a wheel"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WHEEL = "acme_contracts-1.0.0-py3-none-any.whl"

Answer = tuple[int, Mapping[str, str], bytes]


def listed(*files: object, kind: str = JSON) -> Answer:
    page = {"meta": {"api-version": "1.4"}, "name": "acme-contracts", "files": files, "versions": []}
    return 200, {"Content-Type": kind}, json.dumps(page).encode()


def file(name: str = WHEEL, **more: object) -> Mapping[str, object]:
    return {"filename": name, "url": f"../../files/{name}", "hashes": {"sha256": SHA256}, **more}


@contextmanager
def answering(answers: Mapping[str, Answer]) -> Generator[tuple[Index, list[tuple[str, str | None]]]]:
    """An index that answers so, and who asked it with what right."""
    asked = list[tuple[str, str | None]]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization")))
            status, headers, content = answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, said in headers.items():
                self.send_header(name, said)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield Index(PackageNode("acme-contracts", "acme_contracts:acme", f"{url}simple", url)), asked
        finally:
            server.shutdown()


def test_the_json_form_is_read_with_addresses_that_are_relative() -> None:
    answers = {PAGE: listed(file(), kind=f"{JSON}; charset=utf-8"), f"/files/{WHEEL}": (200, {}, CONTENT)}
    with answering(answers) as (index, _):
        (release,) = index.releases()
        assert (release.filename, str(release.version), release.sha256) == (WHEEL, "1.0.0", SHA256)
        assert index.content(release) == CONTENT


def test_where_an_index_says_no_hash_what_lies_there_has_one() -> None:
    with answering({PAGE: listed(file(hashes={})), f"/files/{WHEEL}": (200, {}, CONTENT)}) as (index, _):
        (release,) = index.releases()
        assert release.sha256 == ""
        (published,) = index.published("1.0.0")
        assert (published.digest, index.digest(published.read())) == ("", SHA256)


def test_what_is_of_another_package_or_has_no_version_is_not_counted() -> None:
    files = (file("other-1.0.0-py3-none-any.whl"), file("acme_contracts.exe"), file("acme_contracts-one.tar.gz"))
    with answering({PAGE: listed(*files, file("acme_contracts-0.9.tar.gz"))}) as (index, _):
        assert [str(one.version) for one in index.releases()] == ["0.9"]


def test_a_package_that_is_not_there_was_never_published() -> None:
    with answering({}) as (index, _):
        assert index.releases() == ()


def test_another_index_that_is_sent_on_to_is_not_asked() -> None:
    with (
        answering({PAGE: listed(file())}) as (another, asked),
        answering({PAGE: (302, {"Location": f"{another.package.upload}simple/acme-contracts/"}, b"")}) as (index, _),
    ):
        assert index.releases() == ()
        assert asked == []


def test_who_signs_in_is_told_to_its_host_alone(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    with answering({f"/files/{WHEEL}": (200, {}, CONTENT)}) as (elsewhere, told_elsewhere):
        away = f"{elsewhere.package.upload}files/{WHEEL}"
        with answering({PAGE: listed(file()), f"/files/{WHEEL}": (302, {"Location": away}, b"")}) as (index, told):
            host = index.package.upload.removeprefix("http://").strip("/").replace(".", "_").replace(":", "_")
            monkeypatch.setenv(f"ODMD_INDEX_{host}_PASSWORD", "a-password-of-it")
            assert index.content(index.releases()[0]) == CONTENT
            assert [right is not None for _, right in told] == [True, True]
            assert told_elsewhere == [(ANY, None)]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {"Content-Type": "application/json"}, b"{}"), "is no page of a package index"),
        ((200, {"Content-Type": JSON}, b"{"), "is no page of a package index"),
        ((200, {"Content-Type": JSON}, b"[]"), "is no page of a package index"),
        ((200, {"Content-Type": JSON}, b'{"files": 7}'), "is no page of a package index"),
        ((200, {"Content-Type": JSON}, b'{"files": [{"filename": 7}]}'), "is no page of a package index"),
        ((200, {"Content-Type": JSON}, b"[" * 100_000), "is no page of a package index"),
        ((200, {"Content-Type": "text/html"}, b'<a href="/x-1.whl#nothing">x</a>'), "is no page of a package index"),
        ((200, {"Content-Type": "text/html"}, b"<a>" * 6_000_000), "more than 16,000,000 bytes"),
        ((500, {}, b""), "answers 500"),
        ((401, {}, b""), "answers 401"),
        ((302, {"Location": PAGE}, b""), "leads in a circle"),
    ],
)
def test_what_is_no_answer_of_an_index_says_so(answer: Answer, said: str) -> None:
    with answering({PAGE: answer}) as (index, _), pytest.raises(IndexUnreachable, match=said):
        index.releases()


@pytest.mark.parametrize("url", ["file:///etc/hostname", "http://127.0.0.1:1/x.whl", "http://[/x.whl", "ftp://x/y"])
def test_a_file_that_lies_nowhere_is_not_read(url: str) -> None:
    with answering({PAGE: listed(file(url=url))}) as (index, _), pytest.raises(IndexUnreachable):
        index.content(index.releases()[0])
