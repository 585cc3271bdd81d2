"""The control plane of a server."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from odmd.client.change import ServedChange
from odmd.client.client import Client
from odmd.control.leading.plane import ToldOnly
from odmd.errors import Interrupted

if TYPE_CHECKING:
    from odmd.compare.comparison import EnverComparison
    from odmd.control.access.tokens import TokenDesk
    from odmd.control.leading.comparing import CompareAsked
    from odmd.control.leading.config_desk import ConfigDesk
    from odmd.control.leading.costs import CostView
    from odmd.control.leading.drift import DriftAsked
    from odmd.control.leading.in_use import DeployAsked
    from odmd.control.leading.plane import Watcher
    from odmd.control.leading.preflight import PreflightAsked
    from odmd.control.leading.secret_desk import SecretDesk
    from odmd.control.leading.where import Whereabouts, WhereAsked
    from odmd.control.leading.wishes import Wish
    from odmd.control.reading.drift import DriftView
    from odmd.control.reading.looking_back import Trail
    from odmd.control.reading.past import Past
    from odmd.control.reading.preflight import PreflightView
    from odmd.control.reading.views import ContractsView
    from odmd.plan import Plan
    from odmd.plan.build import Limited
    from odmd.plan.fitting import FitAnswer


class HttpPlane:
    """A `Plane` over HTTP. `mine` are the contracts here, if there are any."""

    is_local = False

    def __init__(self, server: str, mine: Callable[[], ContractsView | None], token: str | None = None) -> None:
        self._client, self._mine = Client(server, token), mine

    def __enter__(self) -> HttpPlane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def past(self) -> Past:
        return self._client

    @property
    def trail(self) -> Trail:
        return self._client.trail

    @property
    def tokens(self) -> TokenDesk:
        return self._client

    @property
    def config(self) -> ConfigDesk:
        return self._client

    @property
    def secrets(self) -> SecretDesk:
        return self._client

    def other_contracts(self) -> tuple[ContractsView, ContractsView] | None:
        if (mine := self._mine()) is None:
            return None
        theirs = self._client.contracts()
        return None if mine.digest == theirs.digest else (mine, theirs)

    def plan(self, limited: Limited, *, refresh: bool, look: bool) -> Plan:
        del look  # a server looks by its own means
        return self._client.plan(limited, refresh=refresh)

    def compare(self, asked: CompareAsked) -> EnverComparison:
        return self._client.compare(asked)

    def where(self, asked: WhereAsked) -> Whereabouts:
        return self._client.where(asked)

    def can_deploy(self, asked: DeployAsked, hold_until: float | None = None) -> FitAnswer:
        return self._client.can_deploy(asked, hold_until)

    def let_go(self, enver: str, why: str = "") -> bool:
        return self._client.let_go(enver, why)

    def preflight(self, asked: PreflightAsked, *, refresh: bool) -> PreflightView:
        return self._client.preflight(asked, refresh=refresh)

    def costs(self, typed: str | None = None) -> CostView:
        return self._client.costs(typed)

    def drift(self, asked: DriftAsked) -> DriftView:
        return self._client.drift(asked)

    @contextmanager
    def change(self, watcher: Watcher) -> Generator[ServedChange]:
        yield ServedChange(self._client, watcher)

    @contextmanager
    def tell(self, wishes: Sequence[Wish], watcher: Watcher) -> Generator[ToldOnly]:
        del watcher  # the server carries on, and who wants to know more asks
        yield ToldOnly([happened.event for wish in wishes for happened in self._client.tell(wish)])

    def stopped(self) -> Interrupted:
        return Interrupted(
            "stopped; what the server began goes on", next_step="`odmd status` and `odmd runs` show how far it is"
        )
