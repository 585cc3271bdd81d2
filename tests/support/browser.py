"""A browser of the system, driven; and somebody who looks at the console with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from odmd.server.browsers import COOKIE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

AXE: Final = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
MISSING: Final = "there is no Chromium here: `apt-get install chromium`"
_ARGUMENTS: Final = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_PATIENCE_MS: Final = 60_000
_VIOLATION: Final = "Content Security Policy"


def missing() -> str:
    """What is not there of what driving a browser needs; empty: all is."""
    return "" if shutil.which("chromium") else MISSING


@contextmanager
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS.split())
        yield started
        started.close()


class Visit:
    """One person with a window of his own."""

    def __init__(self, browser: Browser, url: str, token: str, more: Mapping[str, Any]) -> None:
        self.url = url
        self.errors: list[str] = []
        self._expected: list[str] = []
        self._context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **more})
        self._context.set_default_timeout(_PATIENCE_MS)
        if token:
            said: Any = {"name": COOKIE, "value": token, "url": url.replace("http:", "https:"), "secure": True}
            self._context.add_cookies([said | {"httpOnly": True, "sameSite": "Strict"}])
        self.page: Page = self._context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda wrong: self.errors.append(str(wrong)))

    def go(self, path: str) -> None:
        """To a page of the console."""
        self.page.goto(f"{self.url}/console{path}")

    def tab(self, path: str) -> Page:
        """Another one, of the same person."""
        page = self._context.new_page()
        page.goto(f"{self.url}/console{path}")
        return page

    def sees(self, text: str) -> None:
        """Waits for it."""
        self.page.get_by_text(text).first.wait_for()

    def has(self, button: str) -> None:
        """Waits for a button of that name."""
        self.page.get_by_role("button", name=button).wait_for()

    def accessible(self) -> list[str]:
        """What axe finds wrong with what is shown."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run().then(one => one.violations)")
        return [f"{one['id']}: {[node['html'] for node in one['nodes']][:3]}" for one in found]

    def expected(self, text: str) -> None:
        """Errors that say this are what is tried."""
        self._expected.append(text)

    def end(self) -> None:
        """Nothing went wrong meanwhile."""
        self._context.close()
        assert not [one for one in self.errors if not any(text in one for text in self._expected)]

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and (_VIOLATION in said.text or "Failed to load resource" not in said.text):
            self.errors.append(said.text)
