"""What the process itself promises, as far as one need not start it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from odmd.bootstrap.settings import read_settings
from odmd.errors import ServeRefused
from odmd.server.process import ListensAt, listen, serve
from support.workbench import Workbench


def test_answers_do_not_wait_for_the_caller_to_acknowledge_their_head() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_that_is_taken_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Workbench(tmp_path)
    monkeypatch.chdir(tmp_path)
    with listen("127.0.0.1", 0) as listener, pytest.raises(ServeRefused, match="cannot be listened on"):
        serve(read_settings(), ListensAt("127.0.0.1", listener.getsockname()[1], tokens=False), lambda _: None)


@pytest.mark.parametrize("tokens", [True, False])
def test_beyond_this_machine_it_does_not_serve_without_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: bool
) -> None:
    Workbench(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ServeRefused):
        serve(read_settings(), ListensAt("0.0.0.0", 0, tokens=tokens), lambda _: None)
