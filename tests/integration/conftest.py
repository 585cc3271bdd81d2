"""Each database twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.store.where import Where
from support.state_files import state_file


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    """Each of the places that a state can be kept in."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres")
    return state_file(tmp_path)
