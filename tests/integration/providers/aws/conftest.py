from __future__ import annotations

from collections.abc import Iterator

import pytest
from aws_worlds import EmulatedWorld, FakeWorld, World

from odmd.providers.aws import AwsCloud, Emulator, Sessions
from support.call_record import CallRecord, recorded


@pytest.fixture(params=["fake", "emulator"])
def world(request: pytest.FixtureRequest) -> World:
    """Every test of the contract runs against both."""
    return FakeWorld() if request.param == "fake" else EmulatedWorld(request.getfixturevalue("emulator"))


@pytest.fixture
def emulated(request: pytest.FixtureRequest) -> EmulatedWorld:
    """What only an AWS with moving parts can show."""
    return EmulatedWorld(request.getfixturevalue("emulator"))


@pytest.fixture
def proxy(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[CallRecord]:
    """What stands between us and the emulator, and can play what the emulator does not."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with recorded(emulator.endpoint) as record:
        yield record


@pytest.fixture
def cloud(proxy: CallRecord) -> AwsCloud:
    """AWS as it is through the proxy."""
    return AwsCloud(Sessions(endpoint=proxy.url, emulated=True))
