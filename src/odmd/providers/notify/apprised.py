"""Tells people by apprise: one address for each of a hundred services. An address holds tokens, and is never told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from odmd.errors import NotTold, ToolMissing

if TYPE_CHECKING:
    apprise: Any


class Apprised:
    """A `PeopleChannel`. Addresses are read anew for each message, so that one that was rotated is taken up."""

    def __init__(self, name: str, addresses: Callable[[], Sequence[str]]) -> None:
        self._name, self._addresses = name, addresses

    def tell(self, title: str, lines: str, *, urgent: bool) -> None:
        try:
            import apprise  # pyright: ignore[reportMissingTypeStubs]
        except ModuleNotFoundError as missing:
            raise ToolMissing(
                "apprise is not installed, and the settings say who is to be told",
                next_step="pip install 'ondemandenv[notify]'",
            ) from missing
        sender: Any = apprise.Apprise()
        for number, address in enumerate(self._addresses(), 1):
            if not sender.add(address):
                raise NotTold(
                    f"address {number} of route {self._name} is none that apprise knows",
                    next_step="see https://appriseit.com for how each service's is written",
                )
        kind: Any = apprise.NotifyType.WARNING if urgent else apprise.NotifyType.INFO
        plain: Any = apprise.NotifyFormat.TEXT
        if not sender.notify(body=lines, title=f"odmd: {title}", notify_type=kind, body_format=plain):
            raise NotTold(f"route {self._name} did not take the message", next_step="`odmd notify test` tries it")
