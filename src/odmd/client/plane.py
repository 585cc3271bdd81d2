"""The control plane of a server."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from odmd.client.client import Client

if TYPE_CHECKING:
    from odmd.control.reading.past import Past


class HttpPlane:
    """A `Plane` over HTTP."""

    def __init__(self, server: str, token: str | None = None) -> None:
        self._client = Client(server, token)

    def __enter__(self) -> HttpPlane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, trace)

    @property
    def past(self) -> Past:
        return self._client
