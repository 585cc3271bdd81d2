"""Who runs with which value, kept beside the leader so that nobody has to read all envers to know."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from odmd.control.ports.log import Logged
from odmd.control.scheduler.state import Dirty, State
from odmd.control.scheduler.values import ValueRef


class UsersIndex:
    """Follows what is committed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_value: dict[ValueRef, set[str]] = {}
        self._by_enver: dict[str, frozenset[ValueRef]] = {}
        self._seen: Dirty | None = None

    def begin(self, state: State) -> None:
        """Starts with a state in which nothing is undecided."""
        for enver in state.envers.values():
            self._note(enver.address, enver.leases)

    def listen(self, _entry: Logged, state: State) -> None:
        """Takes over what a commit changed, once a commit."""
        if state.dirty is self._seen:
            return
        self._seen = state.dirty
        with self._lock:
            for enver in state.dirty.envers.values():
                self._note(enver.address, enver.leases)

    def users(self, refs: Sequence[ValueRef]) -> Mapping[ValueRef, Sequence[str]]:
        """Who runs, or may run, with each."""
        with self._lock:
            return {ref: sorted(self._by_value.get(ref, ())) for ref in refs}

    def _note(self, enver: str, leases: frozenset[ValueRef]) -> None:
        before = self._by_enver.get(enver, frozenset())
        for ref in before - leases:
            self._by_value[ref].discard(enver)
            if not self._by_value[ref]:
                del self._by_value[ref]
        for ref in leases - before:
            self._by_value.setdefault(ref, set()).add(enver)
        self._by_enver[enver] = leases
