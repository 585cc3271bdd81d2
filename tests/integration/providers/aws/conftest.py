from __future__ import annotations

import pytest
from aws_worlds import EmulatedWorld, FakeWorld, World


@pytest.fixture(params=["fake", "emulator"])
def world(request: pytest.FixtureRequest) -> World:
    """Every test of the contract runs against both."""
    return FakeWorld() if request.param == "fake" else EmulatedWorld(request.getfixturevalue("emulator"))


@pytest.fixture
def emulated(request: pytest.FixtureRequest) -> EmulatedWorld:
    """What only an AWS with moving parts can show."""
    return EmulatedWorld(request.getfixturevalue("emulator"))
