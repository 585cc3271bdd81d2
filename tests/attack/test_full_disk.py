"""A disk that somebody filled."""

from __future__ import annotations

import sys

import httpx
import pytest

from odmd.bootstrap.numbers import read_numbers
from odmd.bootstrap.quotas import Quotas
from odmd.errors import SettingsInvalid
from odmd.server import service
from support.served import Served


def test_a_server_without_room_is_not_ready(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has filled the disk. Wants requests to go on to a server that can keep nothing."""
    assert httpx.get(f"{served.url}/readyz").status_code == 200
    monkeypatch.setattr(service, "LEAST_FREE", sys.maxsize)
    assert httpx.get(f"{served.url}/readyz").status_code == 503
    assert httpx.get(f"{served.url}/healthz").status_code == 200


def test_quotas_are_settings() -> None:
    """Attacks nothing: a quota that is no number is told, and no quota is lifted by a slip."""
    assert read_numbers(Quotas, {"steps-mb": 1}, "quotas", "here") == Quotas(steps_mb=1)
    for wrong in ({"steps": 0}, {"steps": True}, {"step": 1}, {"lines": "many"}, "no table"):
        with pytest.raises(SettingsInvalid, match="here"):
            read_numbers(Quotas, wrong, "quotas", "here")
