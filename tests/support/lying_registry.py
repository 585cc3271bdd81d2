"""A registry of images on this machine that is honest, or not, as a test wants it."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "AWS", "a-right-of-twelve-hours"
OTHER = f"sha256:{'0' * 64}"


@dataclass
class LyingRegistry:
    """Keeps what it is given; `answers` are (method, part of the path, status) to be given once each, in any order."""

    url: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    """By digest and by tag."""
    answers: list[tuple[str, str, int]] = field(default_factory=list)
    uploads: int = 0
    asked: list[str] = field(default_factory=list)
    authorisations: set[str] = field(default_factory=set)
    says_another_digest: bool = False
    has_another_content: bool = False
    forgets: bool = False
    """What it took is not there afterwards."""
    drips: bool = False
    """Never comes to the end of an answer, and is never silent for long."""
    sends_away: str = ""
    """Where uploads go on, if not here."""
    password: str = PASSWORD


@contextmanager
def lying_registry() -> Iterator[LyingRegistry]:
    registry = LyingRegistry()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(registry))
    registry.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(registry: LyingRegistry) -> type[BaseHTTPRequestHandler]:
    sessions = dict[str, bytes]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def say(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name.replace("_", "-"), text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def drip(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(10**6))
            self.end_headers()
            with suppress(OSError):
                while registry.drips:
                    self.wfile.write(b" ")
                    time.sleep(0.02)
            self.close_connection = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            registry.asked.append(f"{self.command} {parts.path}")
            registry.authorisations.add(self.headers.get("Authorization", ""))
            wanted = base64.b64encode(f"{USER}:{registry.password}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {wanted}":
                return self.say(401, b'{"errors":[{"code":"UNAUTHORIZED"}]}')
            for answer in registry.answers:
                if answer[0] == self.command and answer[1] in parts.path:
                    registry.answers.remove(answer)
                    return self.say(answer[2], b"as you wish", Retry_After="1", Location="http://127.0.0.1:9/elsewhere")
            if registry.drips:
                return self.drip()
            if parts.path == "/v2/":
                return self.say(200)
            what, _, name = parts.path.partition("/tea/")[2].partition("/")
            return self.blob(name, parts.query, body) if what == "blobs" else self.manifest(name, body)

        def blob(self, name: str, query: str, body: bytes) -> None:
            match self.command:
                case "HEAD":
                    return self.say(200 if name in registry.blobs else 404)
                case "POST":
                    registry.uploads += 1
                    sessions[str(registry.uploads)] = b""
                    where = f"{registry.sends_away}/v2/tea/blobs/uploads/{registry.uploads}?state=x"
                    return self.say(202, Location=where)
                case "PATCH":
                    sessions[name.rpartition("/")[2]] += body
                    return self.say(202, Location=f"/v2/tea/blobs/{name}?state=y")
                case _:
                    content = sessions.pop(name.rpartition("/")[2])
                    digest = parse_qs(query)["digest"][0]
                    if digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
                        return self.say(400, b"DIGEST_INVALID")
                    registry.blobs[digest] = content
                    return self.say(201)

        def manifest(self, name: str, body: bytes) -> None:
            if self.command == "PUT":
                digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
                if name in registry.manifests and registry.manifests[name] != body:
                    return self.say(400, b"TAG_INVALID: it never moves")
                if not registry.forgets:
                    registry.manifests |= {name: body, digest: body}
                said = OTHER if registry.says_another_digest else digest
                return self.say(201, Docker_Content_Digest=said)
            content = registry.manifests.get(name)
            if content is None:
                return self.say(404)
            if registry.has_another_content:
                content = content.replace(b"layers", b"LAYERS")
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            return self.say(200, content, Docker_Content_Digest=digest)

        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = handle_any

    return Handler
