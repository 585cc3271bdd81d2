"""Stands between AWS clients and the emulator, and writes down what was asked and how it was answered."""

from __future__ import annotations

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


class CallRecord:
    """Every call that was answered, in the order of the answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self.url = ""

    def note(self, body: bytes, status: int) -> None:
        said = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if "Action" in said:
            call = Call(said["Action"], said.get("StackName", ""), said.get("ChangeSetName", ""), status)
            with self._lock:
                self._calls.append(call)

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
            upstream = HTTPConnection(host, timeout=120)
            try:
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                content = answer.read()
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
