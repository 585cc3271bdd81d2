"""Stands between AWS clients and the emulator: writes down what was asked and how it was answered, and answers as AWS
documents what the emulator does not play (throttling, expired tokens, refusals, other words, a line that is cut)."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Call:
    """One request of CloudFormation's query protocol."""

    action: str
    stack: str
    change_set: str
    status: int


@dataclass(slots=True)
class _Refusal:
    """What some of the next calls are answered instead."""

    action: str
    left: int
    code: str
    """Empty: the connection is cut."""
    message: str
    status: int
    key: str

    def fits(self, action: str, authorization: str) -> bool:
        return self.left > 0 and self.action in ("", action) and self.key in authorization


@dataclass(slots=True)
class _Words:
    """AWS's words for the emulator's, in some answers to an action."""

    action: str
    old: str
    new: str
    left: int
    until: str


class CallRecord:
    """Every call that was answered, in the order of the answers; and a script of what is answered otherwise."""

    def __init__(self) -> None:
        self._refusals: list[_Refusal] = []
        self._words: list[_Words] = []
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self.owners: dict[str, str] = {}
        """Bucket → the account that has it, where somebody took its name; it lets everybody in."""
        self.url = ""

    def refuse(
        self, action: str, code: str, message: str, *, times: int = 10**9, status: int = 400, key: str = ""
    ) -> None:
        """Lets AWS refuse the next calls of an action (of all, for ''), maybe only those signed with an access key."""
        self._refusals.append(_Refusal(action, times, code, message, status, key))

    def cut(self, action: str, times: int) -> None:
        """Cuts the connection at the next calls of an action."""
        self._refusals.append(_Refusal(action, times, "", "", 0, ""))

    def reword(self, action: str, old: str, new: str, *, times: int = 10**9, until: str = "") -> None:
        """Puts AWS's words in place of the emulator's (regular expressions), in the next answers to an action, until
        another action is asked for."""
        self._words.append(_Words(action, old, new, times, until))

    def follow_aws(self) -> None:
        """Ends the script."""
        self._refusals.clear()
        self._words.clear()

    def anothers(self, path: str, expected: str | None) -> _Refusal | None:
        """S3 refuses who expects another owner of a bucket, whatever its policy says."""
        owner = self.owners.get(urlsplit(path).path.split("/")[1])
        if owner is None or expected in (None, owner):
            return None
        return _Refusal("", 1, "AccessDenied", "Access Denied", 403, "")

    def refusal(self, action: str, authorization: str) -> _Refusal | None:
        with self._lock:
            found = next((one for one in self._refusals if one.fits(action, authorization)), None)
            if found:
                found.left -= 1
            return found

    def reworded(self, action: str, content: bytes) -> bytes:
        if not self._words:
            return content
        text = content.decode("utf-8", "replace")
        for one in [one for one in self._words if one.action == action and one.left > 0]:
            text, one.left = re.sub(one.old, one.new, text), one.left - 1
        self._words = [one for one in self._words if one.until != action]
        return text.encode()

    def note(self, body: bytes, status: int) -> None:
        said = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if "Action" in said:
            call = Call(said["Action"], said.get("StackName", ""), said.get("ChangeSetName", ""), status)
            with self._lock:
                self._calls.append(call)

    def asked(self) -> set[str]:
        """The actions that were asked for, since the last time that this was called."""
        with self._lock:
            found = {call.action for call in self._calls}
            self._calls.clear()
            return found

    def of(self, *actions: str) -> list[Call]:
        """Those that were carried out."""
        with self._lock:
            return [call for call in self._calls if call.action in actions and call.status == 200]


@contextmanager
def recorded(endpoint: str) -> Generator[CallRecord]:
    """A record of what is asked of `endpoint` by those who ask its `url` instead."""
    record, host = CallRecord(), urlsplit(endpoint).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
            refusal = record.refusal(action, self.headers.get("Authorization", "")) or record.anothers(
                self.path, self.headers.get("x-amz-expected-bucket-owner")
            )
            if refusal is not None:
                record.note(body, refusal.status)
                self.refuse(refusal)
                return
            upstream = HTTPConnection(host, timeout=120)
            try:
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                content = record.reworded(action, answer.read())
                record.note(body, answer.status)
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            finally:
                upstream.close()

        def refuse(self, refusal: _Refusal) -> None:
            if not refusal.code:
                self.close_connection = True
                return
            if self.command == "HEAD":
                self.send_response(refusal.status)
                self.end_headers()
                return
            said = f"<Code>{refusal.code}</Code><Message>{refusal.message}</Message>"
            content = f"<ErrorResponse><Error><Type>Sender</Type>{said}</Error></ErrorResponse>".encode()
            self.send_response_only(refusal.status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = pass_on  # the library's names

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that was killed

    with Server(("127.0.0.1", 0), Handler) as server:
        record.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield record
        finally:
            server.shutdown()
