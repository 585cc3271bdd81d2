"""What a simulation rests on: contracts, what is recorded, and how long runs took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from odmd.bootstrap.contracts import load_contracts
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import stored
from odmd.control.ports.store import Store
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.state import State
from odmd.errors import ContractsUnsound
from odmd.graph import Graph
from odmd.simulate.durations import Ran
from odmd.simulate.imagine import Grounds

_PAST: Final = 5000
"""How many of the newest recorded runs durations are taken from."""


def grounds(settings: Settings, new: str | None) -> Grounds:
    """All of it here.

    Args:
        new: contracts that the simulation is about, if they are not those of the settings; or a git revision of these.

    Raises:
        SettingsInvalid, ContractsNotLoaded, ContractsUnsound, RevisionNotFound, StateUnreadable
    """
    declared, before = _graphs(settings, new)
    with stored(settings) as store:
        state = store.load() if store else State()
        past = _past(store) if store and state.envers else ()
    return Grounds(
        declared=declared,
        before=before,
        state=state,
        where=str(settings.state),
        past=past,
        runs_at_once=settings.runs_at_once,
        limits=settings.limits,
        retire_after=settings.retire_after,
    )


def _graphs(settings: Settings, new: str | None) -> tuple[Graph, Graph]:
    """The contracts that the simulation is about, and those in force."""
    if new is None:
        graph = load_contracts(settings).graph
        return graph, graph
    from odmd.bootstrap.revisions import edition_of

    told = edition_of(new, settings)
    if told.mistakes:
        raise ContractsUnsound(told.mistakes)
    graph = told.compiled.graph
    return graph, load_contracts(settings).graph if settings.contracts else graph


def _past(store: Store) -> Sequence[Ran]:
    return [
        Ran(run.enver, run.mode.value, run.finished_at - run.started_at)
        for run in store.runs(None, _PAST)
        if run.status is RunStatus.SUCCEEDED and run.finished_at is not None
    ]
