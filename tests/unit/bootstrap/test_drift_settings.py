"""What `[tool.odmd.drift]` says."""

from __future__ import annotations

import pytest

from odmd.bootstrap.drift_settings import DriftSettings, read_drift
from odmd.errors import SettingsInvalid


@pytest.mark.parametrize(("said", "seconds"), [("90s", 90), ("30min", 1800), ("6h", 21_600), ("2d", 172_800)])
def test_a_look_stands_for_as_long_as_is_said(said: str, seconds: float) -> None:
    assert read_drift({"every": said, "resources": True}, "file") == DriftSettings(seconds, resources=True)


def test_unsaid_none_does() -> None:
    assert read_drift({}, "file").every == 0


@pytest.mark.parametrize(
    "wrong", ["6h", 6, {"every": "soon"}, {"every": "0h"}, {"every": 3}, {"each": "6h"}, {"resources": "yes"}]
)
def test_what_says_nothing_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsInvalid, match=r"file: \[tool\.odmd\.drift\]"):
        read_drift(wrong, "file")
