"""The control plane of a state folder, or of a database, worked by the process that asks."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.reading.past import Past


class LocalPlane:
    """A `Plane` here."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._opened = settings, ExitStack()
        self._past: Past | None = None

    def __enter__(self) -> LocalPlane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    @property
    def past(self) -> Past:
        if self._past is None:
            from odmd.bootstrap.records import open_records

            self._past = records = open_records(self._settings)
            self._opened.callback(records.store.close)
        return self._past
