"""An address that passes on to another one, where something else happens before an upload is answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from odmd.trust import nobody

_KEPT = ("Content-Type", "Authorization", "Accept", "Host")


@contextmanager
def forwarding_to(url: str, once_taken: Callable[[], None]) -> Generator[str]:
    """It listens while inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept = {name: self.headers[name] for name in _KEPT if name in self.headers}
            to = f"{url.rstrip('/')}{self.path}"
            answer = httpx.request(self.command, to, content=content, headers=kept, timeout=60, verify=nobody())
            if self.command != "GET":
                once_taken()
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_PUT = do_GET

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
