"""Loads the contracts that the settings name: the user's own in this process, foreign ones apart, in a cage."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from odmd.bootstrap.in_process import load_here, refuse_unsound_policies
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.source import is_one_file, source_of
from odmd.errors import ContractsUnsound, Severity
from odmd.graph import Compiled
from odmd.isolation import Isolation

if TYPE_CHECKING:
    from odmd.providers.cage import Cage


def load_contracts(settings: Settings, usual: Isolation = Isolation.PREFERRED) -> Compiled:
    """The organisation, proven.

    Args:
        usual: whether contracts are caged where the settings do not say it. Unless they have to be, they are taken for
            the user's own, and loaded in this process, if it can end them there.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound
        NotCaged: they have to be caged, and cannot be.
    """
    if (settings.isolation or usual) is Isolation.REQUIRED or threading.current_thread() is not threading.main_thread():
        return load_contracts_again(settings, usual)
    with _no_collecting():
        return load_here(settings.contracts_or_refuse(), settings.contracts_base)


def load_edition(settings: Settings) -> Compiled:
    """The organisation as the state has it: with the clones that were made on demand.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound, NotCaged, StateUnreadable
    """
    from odmd.bootstrap.state import database, has_state

    compiled = load_contracts(settings)
    if not has_state(settings):
        return compiled
    from odmd.control.scheduler.clones import with_kept
    from odmd.store.reads import open_reads

    with closing(open_reads(database(settings))) as reads:
        return with_kept(compiled, reads.clones(), time.time())


def load_contracts_again(settings: Settings, usual: Isolation = Isolation.PREFERRED) -> Compiled:
    """The organisation as its files say now, also in a process that loaded it before: in a process of its own.

    What is at work with the earlier edition goes on with it.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound, NotCaged
    """
    from odmd.bootstrap.apart import load_apart, surroundings
    from odmd.bootstrap.apart_inside import Errand

    where, base, cage = settings.contracts_or_refuse(), settings.contracts_base, contracts_cage(settings, usual)
    errand = Errand(where, str(base), path=tuple(map(os.path.abspath, sys.path)))
    compiled = load_apart(errand, cage, surroundings(where, base, settings.state))
    if any(one.severity is Severity.ERROR for one in compiled.warnings):
        raise ContractsUnsound(compiled.warnings)
    refuse_unsound_policies(compiled)  # what another process tells is believed of nothing
    return compiled


def contracts_cage(settings: Settings, usual: Isolation = Isolation.PREFERRED) -> Cage:
    """What contracts run in that are loaded apart: never with a network.

    Raises:
        NotCaged
    """
    from odmd.providers.cage import find_cage

    return find_cage(settings.isolation or usual)


def contracts_stamp(compiled: Compiled) -> object:
    """Changes when a file does that the contracts were loaded from."""
    found = list[tuple[str, int, int]]()
    for file in compiled.files:
        with suppress(OSError):
            stat = file.stat()
            found.append((str(file), stat.st_mtime_ns, stat.st_size))
    return found


def contracts_paths(settings: Settings, compiled: Compiled) -> Sequence[Path]:
    """What the loaded contracts consist of: their package's folder, or their file, the modules beside it that it loads,
    and the schemas below."""
    where = settings.contracts_or_refuse()
    if (source := source_of(where, settings.contracts_base)) is None or not is_one_file(where):
        return [source] if source else ()
    return [file for file in compiled.files if file.is_relative_to(source.parent)]


@contextmanager
def _no_collecting() -> Generator[None]:
    """What contracts make lives as long as the process: looking for garbage in it costs half of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
