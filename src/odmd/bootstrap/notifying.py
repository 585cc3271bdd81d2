"""Who tells people, as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings
from odmd.graph import Graph

if TYPE_CHECKING:
    from odmd.bootstrap.notify_settings import NotifySettings
    from odmd.control.leading.notifying import Notifying
    from odmd.control.ports.channels import PeopleChannel


def notifying(settings: Settings, graph: Callable[[], Graph | None]) -> Sequence[Notifying]:
    """A subscriber for each route.

    Args:
        graph: the contracts in force.
    """
    if not settings.notify:
        return ()
    from odmd.control.leading.notifying import Notifying

    return [Notifying(one.route, channel(one), graph) for one in settings.notify]


def channel(route: NotifySettings) -> PeopleChannel:
    """How a route's people are reached."""
    from odmd.providers.notify import Apprised

    return Apprised(route.route.name, route.addresses)
