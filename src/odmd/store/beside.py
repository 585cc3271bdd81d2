"""A store to try things on: what is written is seen by who wrote it, and never kept."""

from __future__ import annotations

from odmd.store.sql import SqlStore
from odmd.store.where import Where


class StoreBeside(SqlStore):
    """Reads what is kept; its documents are its own."""

    def __init__(self, where: Where) -> None:
        super().__init__(where)
        self._own = dict[str, str]()

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:  # noqa: ARG002
        self._own[name] = text

    def put_first(self, name: str, text: str) -> str:
        if (there := self.get(name)) is None:
            self._own[name] = there = text
        return there

    def get(self, name: str) -> str | None:
        return self._own[name] if name in self._own else super().get(name)
