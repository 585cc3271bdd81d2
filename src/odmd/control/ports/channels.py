"""How people are told: by mail, in a chat, by a webhook."""

from __future__ import annotations

from typing import Protocol


class PeopleChannel(Protocol):
    """Reaches some people."""

    def tell(self, title: str, lines: str, *, urgent: bool) -> None:
        """Plain texts, which the channel makes inert for where they are shown.

        Raises:
            NotTold: not all of it was taken; says nothing of the address, which may hold a token.
        """
        ...
