"""Clones that people made on demand come, stay, and go."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from odmd.control.scheduler import events as e
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.state import State


def clones_went_on(
    state: State,
    event: e.ClonesDeclared | e.ClonesKept | e.ClonesEndSoon | e.ClonesEnded | e.ClonesLeft | e.ClonesGone,
) -> None:
    """What is to be there on demand is another one."""
    match event:
        case e.ClonesDeclared():
            kept = KeptClones(event.set, event.by, event.at, event.ttl, event.until, event.why)
        case e.ClonesKept():
            kept = replace(state.clones[event.clones], ttl=event.ttl, until=event.until, warned=False)
        case e.ClonesEndSoon():
            kept = replace(state.clones[event.clones], warned=True)
        case e.ClonesEnded():
            kept = replace(state.clones[event.clones], until=None, ended=event.why or f"{event.by} deleted them")
        case e.ClonesLeft():
            before = state.clones[event.clones]
            _forget(state, event.clones)
            pairs = zip(before.set.clones, before.set.addresses, strict=True)
            stay = tuple([clone for clone, address in pairs if address not in event.envers])
            if not stay:
                return
            kept = replace(before, set=replace(before.set, clones=stay))
        case e.ClonesGone():
            _forget(state, event.clones)
            return
        case _:
            assert_never(event)
    state.keep_clones(kept)
    state.dirty.clones[kept.address] = kept


def _forget(state: State, clones: str) -> None:
    state.forget_clones(clones)
    state.dirty.clones[clones] = None


def note_clone(state: State, event: e.RunSucceeded | e.RunFailed | e.EnverRemoved) -> None:
    """To deploy the first of a set is to use it, as that is the one that people work on; less may be left of those that
    are to go."""
    if (first := state.clones_of.get(event.enver)) is None:
        return
    kept = state.clones[first]
    if kept.ended:
        state.agenda.ended_clones[first] = None
    elif isinstance(event, e.RunSucceeded) and kept.ttl and event.enver == first:
        state.keep_clones(kept := kept.used(event.at))
        state.dirty.clones[first] = kept
