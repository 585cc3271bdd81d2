"""The procedures of this release: the one place where build types meet what carries them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from odmd.agent import Tools
from odmd.agent.mask import Mask
from odmd.agent.removal import Removers, tried_recipe
from odmd.bootstrap.planning import repositories
from odmd.bootstrap.settings import Settings
from odmd.control.ports import Artifacts, Store
from odmd.control.procedures import Procedure
from odmd.control.slices import find_slice
from odmd.control.state_id import state_id
from odmd.control.troubles import Troubles
from odmd.graph import EnverNode, Graph
from odmd.model.build_types import CDK
from odmd.providers.cage import Cage, Isolation, find_cage

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions


def cage_of(settings: Settings, usual: Isolation = Isolation.PREFERRED) -> Cage:
    """What services' apps run in, by the settings, else as is usual.

    Raises:
        NotCaged
    """
    return find_cage(settings.isolation or usual, network=settings.app_network, reads=settings.app_reads)


def agents_tools(
    settings: Settings, artifacts: Artifacts, sessions: Sessions | None = None, cage: Callable[[], Cage] | None = None
) -> Tools:
    """What runs are carried out with."""
    from odmd.providers.aws import AwsHandovers, Sessions

    sessions, cage = sessions or Sessions(profiles=settings.profiles), cage or (lambda: cage_of(settings))
    return Tools(
        repositories=repositories(settings),
        procedures=_procedures(settings, sessions, cage),
        handovers=AwsHandovers(sessions),
        artifacts=artifacts,
    )


def _procedures(settings: Settings, sessions: Sessions, cage: Callable[[], Cage]) -> Mapping[str, Procedure]:
    from odmd.providers.aws import AwsCloud, CdkProcedure, CdkSynthesiser
    from odmd.providers.aws.environments import Environments, Shelf

    environments = Environments(Shelf(settings.state / "environments"), Mask(), settings.demand_lock)
    caches = settings.state / "caches"
    synthesiser = CdkSynthesiser(Mask().stream, environments, settings.qualifiers, cage, caches)
    return {CDK.name: CdkProcedure(synthesiser, AwsCloud(sessions, settings.qualifiers))}


def removers(
    settings: Settings, sessions: Sessions, store: Store, artifacts: Artifacts, graph: Graph, troubles: Troubles
) -> Removers:
    """What takes away what procedures brought about."""
    from odmd.providers.aws import AwsCloud, StackRemover

    stacks = StackRemover(
        AwsCloud(sessions, settings.qualifiers),
        artifacts,
        store,
        lambda enver: tried_recipe(store, enver),
        state_id(store),
        troubles.note,
        Mask(),
    )

    def last(enver: str) -> EnverNode | None:
        for run in store.runs(enver, limit=1):
            if said := find_slice(store, graph, enver, run.fingerprint.contracts):
                return said.enver
        return None

    return Removers({CDK.name: stacks}, last)
