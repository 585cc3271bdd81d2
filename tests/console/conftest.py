"""A browser for each file of tests; servers whose state tests move by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from odmd.control.scheduler.actor import Scope
from odmd.server.console import console_files
from support.browser import Visit, chromium, missing
from support.served import Served
from support.worlds import graph_of, node, wire

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Real Chromium, of the system; while it is there, no other test of this process can have an event loop."""
    lacks = missing() or ("" if console_files() else "the console is not built: `make console`")
    if lacks:
        assert os.environ.get("ODMD_BROWSER") != "required", lacks
        pytest.skip(lacks)
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """e0 → e1 → e2, the last wire gated: e2 asks."""
    graph = graph_of([node(0), node(1, [wire(0, 1)]), node(2, [wire(1, 2, mode="gated")])])
    with Served(graph, tmp_path_factory.mktemp("small")).serving() as made:
        made.deploy()
        made.say(1, "step one")
        yield made


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Opens the console of a server as somebody; ends with no violation of the policy, and no error, on any page."""
    made = list[Visit]()

    def open_(served: Served, path: str = "/", token: str | None = None, **more: object) -> Visit:
        text = token if token is not None else served.own or served.token(Scope.ADMIN).text
        made.append(Visit(browser, served.url, text, more))
        made[-1].go(path)
        return made[-1]

    yield open_
    for one in made:
        one.end()
