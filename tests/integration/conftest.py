"""One AWS emulator for each worker of the tests, started when the first test needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odmd.providers.aws import Emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Shared: tests keep apart by accounts or by names of their own."""
    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running
