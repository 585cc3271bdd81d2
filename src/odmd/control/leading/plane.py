"""The plane: what can be done with a control plane, wherever it is; a command does not know which one it has."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from odmd.control.reading.past import Past


class Plane(Protocol):
    """Opens what it needs when it is first needed, and closes that when it is left."""

    @property
    def past(self) -> Past:
        """What is recorded.

        Raises:
            NothingDeployed: nothing was ever deployed there.
            StateUnreadable, ServerUnreachable, NotSignedIn, NotAllowed
        """
        ...

    def __enter__(self) -> Plane: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
