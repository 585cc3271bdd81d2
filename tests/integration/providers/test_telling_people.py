"""Messages really leave: to a webhook on this machine, by an address that nobody is shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from odmd.bootstrap.notify_settings import NotifySettings, read_notify
from odmd.bootstrap.notifying import channel
from odmd.control.leading.notifying import NewsTopic
from odmd.errors import NotTold, SettingsInvalid


class Sink(BaseHTTPRequestHandler):
    heard: list[dict[str, str]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(json.loads(body))
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[type[Sink]]:
    made = type("OwnSink", (Sink,), {"heard": []})
    server = HTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.port = server.server_port  # type: ignore[attr-defined]
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def route(tmp_path: Path, **more: object) -> NotifySettings:
    (one,) = read_notify({"ops": {"to": ["env:OPS"], **more}}, tmp_path, "pyproject.toml")
    return one


def test_a_message_gets_there_as_plain_text(tmp_path: Path, sink: type[Sink], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS", f"json://token-of-ours@127.0.0.1:{sink.port}")  # type: ignore[attr-defined]
    channel(route(tmp_path)).tell("e0@main", "<b>run 7</b> *failed*\nand more", urgent=True)
    (heard,) = sink.heard
    assert (heard["title"], heard["message"], heard["type"]) == (
        "odmd: e0@main",
        "<b>run 7</b> *failed*\nand more",
        "warning",
    )


def test_who_does_not_take_it_says_so_and_the_address_is_in_nothing(
    tmp_path: Path, sink: type[Sink], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sink.status = 500
    monkeypatch.setenv("OPS", f"json://token-of-ours@127.0.0.1:{sink.port}")  # type: ignore[attr-defined]
    with pytest.raises(NotTold, match="route ops did not take the message") as refused:
        channel(route(tmp_path)).tell("x", "y", urgent=False)
    assert "token-of-ours" not in f"{refused.value}{caplog.text}"


def test_an_address_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS", "carrier-pigeon://token-of-ours")
    with pytest.raises(NotTold, match="address 1 of route ops is none that apprise knows") as refused:
        channel(route(tmp_path)).tell("x", "y", urgent=False)
    assert "token-of-ours" not in str(refused.value)


def test_without_an_address_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS", "")
    with pytest.raises(NotTold):
        channel(route(tmp_path)).tell("x", "y", urgent=False)


def test_addresses_of_a_file_are_read_anew(tmp_path: Path) -> None:
    one = route(tmp_path, to=["file:people"])
    with pytest.raises(NotTold, match="file:people has no address"):
        one.addresses()
    (tmp_path / "people").write_text("json://one\n\njson://two\n")
    assert one.addresses() == ["json://one", "json://two"]


def test_what_is_not_said_is_everything(tmp_path: Path) -> None:
    assert route(tmp_path).route.topics == frozenset(NewsTopic)
    quiet = route(tmp_path, quiet="22:00-24:00", days="Mon-Fri", zone="Europe/Berlin").route.quiet
    assert str(quiet) == "Mon-Fri 22:00-24:00 Europe/Berlin"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"to": []}, "lacks"),
        ({"to": ["slack://a/b/c"]}, "is said by reference"),
        ({"to": ["env:X"], "about": ["weather"]}, "is about weather"),
        ({"to": ["env:X"], "quiet": "midnight"}, "which no clock shows"),
        ({"to": ["env:X"], "every": -1}, "every"),
        ({"to": ["env:X"], "colour": "red"}, "colour"),
        ("ops", "lacks"),
    ],
)
def test_settings_that_make_no_sense(tmp_path: Path, said: object, words: str) -> None:
    with pytest.raises(SettingsInvalid, match=words) as refused:
        read_notify({"ops": said}, tmp_path, "pyproject.toml")
    assert refused.value.next_step
