"""Loads and compiles the contracts that the settings name."""

from __future__ import annotations

from odmd.bootstrap.settings import Settings
from odmd.graph import Compiled, compile_contracts, load_organisation


def load_contracts(settings: Settings) -> Compiled:
    """The organisation, proven.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound
    """
    loaded = load_organisation(settings.contracts_or_refuse(), settings.contracts_base)
    return compile_contracts(loaded.organisation, loaded.declared, version=loaded.version)
