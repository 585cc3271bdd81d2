"""Loads and compiles the contracts that the settings name."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

from odmd.bootstrap.settings import Settings
from odmd.graph import Compiled, compile_contracts, load_organisation


def load_contracts(settings: Settings) -> Compiled:
    """The organisation, proven.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound
    """
    with _no_collecting():
        loaded = load_organisation(settings.contracts_or_refuse(), settings.contracts_base)
        return compile_contracts(loaded.organisation, loaded.declared, loaded.noticed, version=loaded.version)


@contextmanager
def _no_collecting() -> Generator[None]:
    """What contracts make lives as long as the process: looking for garbage in it costs half of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
