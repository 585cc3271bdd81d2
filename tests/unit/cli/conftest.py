"""Every test gets a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.recording import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, capsys, monkeypatch)
