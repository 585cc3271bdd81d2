"""The procedures of this release: the one place where build types meet what carries them out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from odmd.agent import Tools
from odmd.agent.mask import Mask
from odmd.agent.removal import LOGGER, Removers, job_of_removal, last_run, with_texts
from odmd.bootstrap.clusters import clusters_of
from odmd.bootstrap.costing import pricers
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.secret_stores import secret_stores
from odmd.bootstrap.settings import Settings
from odmd.control.leading.planner import Inventories
from odmd.control.leading.state_id import state_id
from odmd.control.ports.store import Store
from odmd.control.ports.world import Artifacts, Handovers
from odmd.control.reading.left import is_left
from odmd.control.reading.tried import tried
from odmd.control.reading.troubles import Troubles
from odmd.control.running.procedures import Job, Procedure
from odmd.control.running.saying import Discreet
from odmd.control.running.verifying import Verifier
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.values import Value, ValueRef, ValueStatus
from odmd.graph import Compiled, EnverNode
from odmd.isolation import Isolation
from odmd.model import naming
from odmd.model.build_types import CDK, COMMAND, CONTRACTS, IMAGE, KUBERNETES, NPM, PYTHON
from odmd.model.targets import Target
from odmd.plan.inventory import Inventory
from odmd.providers.cage import Cage, find_cage

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions
    from odmd.providers.command.running import Runner
    from odmd.providers.environments import Environments
    from odmd.providers.images import Building
    from odmd.providers.kubernetes import KubernetesProcedure
    from odmd.providers.workroom import Workroom
    from odmd.store.sql import SqlStore

_LOOK_SECONDS: Final = 5.0
"""For which somebody who plans waits for a cluster."""
_MOST_VALUES: Final = 10_000
"""Of one enver, that are told before it goes."""


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
    from odmd.bootstrap.provers import WorldProver, recipe_needs
    from odmd.providers.aws import AwsHandovers, AwsMirror, Sessions
    from odmd.providers.npm import NpmHandovers
    from odmd.providers.python import PythonHandovers

    sessions = sessions or Sessions(profiles=settings.profiles, roles=settings.roles.use)
    cage = cage or (lambda: cage_of(settings))
    return Tools(
        repositories=repositories(settings),
        procedures=_procedures(settings, artifacts, sessions, cage),
        handovers={"aws": AwsHandovers(sessions), NPM.name: NpmHandovers(), PYTHON.name: PythonHandovers()},
        artifacts=artifacts,
        prover=WorldProver(settings, sessions),
        recipe_needs=recipe_needs(),
        parameters=AwsMirror(sessions),
        secrets=secret_stores(sessions),
        verifier=_verifier(settings, sessions, cage, artifacts),
        pricers=pricers(settings),
    )


def _verifier(settings: Settings, sessions: Sessions, cage: Callable[[], Cage], artifacts: Artifacts) -> Verifier:
    from odmd.providers.aws.alarms import states_of_alarms
    from odmd.providers.verification import WorldVerifier
    from odmd.providers.verification.programs import Programs

    programs = Programs(_room(settings, cage), _environments(settings, cage), artifacts.put_report, sessions.handed_out)
    alarms = partial(states_of_alarms, sessions)
    return WorldVerifier(programs, alarms, lambda target: sessions.on_this_machine(target) is not None)


def _procedures(
    settings: Settings, artifacts: Artifacts, sessions: Sessions, cage: Callable[[], Cage]
) -> Mapping[str, Procedure]:
    from odmd.bootstrap.shapes import PackagedShapes
    from odmd.providers.aws import AwsCloud, AwsImageCloud, CdkProcedure, CdkSynthesiser
    from odmd.providers.command import CommandProcedure
    from odmd.providers.contracts import ContractsProcedure
    from odmd.providers.images import ImageProcedure
    from odmd.providers.images.scans import Threshold
    from odmd.providers.npm import NpmProcedure
    from odmd.providers.packages.workshop import Workshop
    from odmd.providers.python import PythonProcedure

    environments, limits = _environments(settings, cage), settings.app_limits.of_programs
    synthesiser = CdkSynthesiser(Mask().stream, environments, settings.qualifiers, cage, limits)
    workshop = Workshop(_room(settings, cage), environments)
    return {
        CDK.name: CdkProcedure(synthesiser, AwsCloud(sessions, settings.qualifiers, looks_up=settings.looks_up)),
        COMMAND.name: CommandProcedure(_runner(settings, cage), artifacts),
        NPM.name: NpmProcedure(workshop),
        PYTHON.name: PythonProcedure(workshop),
        CONTRACTS.name: ContractsProcedure(workshop, PackagedShapes(cage)),
        IMAGE.name: ImageProcedure(
            _building(settings, sessions, cage), AwsImageCloud(sessions), Threshold(settings.image_findings)
        ),
        KUBERNETES.name: _kubernetes(settings, sessions, cage),
    }


def handovers(tools: Tools, sessions: Sessions, state: str) -> Mapping[str, Handovers]:
    """What takes away what was behind values that nobody needs."""
    from odmd.providers.aws import AwsImageCloud
    from odmd.providers.images import ImageHandovers
    from odmd.providers.images.procedure import PROVIDER

    return {**tools.handovers, PROVIDER: ImageHandovers(AwsImageCloud(sessions), state)}


def removers(
    settings: Settings,
    sessions: Sessions,
    store: Store,
    artifacts: Artifacts,
    compiled: Compiled,
    troubles: Troubles,
    patience: float = 30.0,
) -> Removers:
    """What takes away what procedures brought about.

    Args:
        patience: seconds for which a cluster that does not answer is asked again.
    """
    from odmd.providers.aws import AwsCloud, AwsImageCloud, AwsMirror, StackRemover
    from odmd.providers.command import CommandRemover
    from odmd.providers.images import ImageRemover
    from odmd.providers.kubernetes import KubernetesRemover
    from odmd.providers.npm.handover import is_taken_away
    from odmd.providers.packages.removal import PackageRemover

    recorded, state = _Recorded(settings, store, compiled), state_id(store)
    left, cage, secrets = partial(is_left, store), partial(cage_of, settings), secret_stores(sessions)
    stacks = StackRemover(
        AwsCloud(sessions, settings.qualifiers), artifacts, store, recorded.recipe, state, troubles.note, Mask()
    )
    releases = _kubernetes(settings, sessions, cage, patience)
    by_type = {
        CDK.name: stacks,
        COMMAND.name: CommandRemover(
            _runner(settings, cage), recorded.commands, left, lambda removal: with_texts(removal, secrets)
        ),
        IMAGE.name: ImageRemover(AwsImageCloud(sessions), left, state, _log_removal),
        KUBERNETES.name: KubernetesRemover(releases, recorded.job, left, state, _log_removal, artifacts.get),
        NPM.name: PackageRemover(_log_removal, recorded.published, is_taken_away),
        **dict.fromkeys((PYTHON.name, CONTRACTS.name), PackageRemover(_log_removal, recorded.published)),
    }
    return Removers(by_type, recorded.node, AwsMirror(sessions))


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What is recorded of an enver that is to go; None where nothing of it is known."""

    settings: Settings
    store: Store
    compiled: Compiled

    def node(self, enver: str) -> EnverNode | None:
        """As the contracts had it at its last run."""
        found = last_run(self.store, self.compiled.graph, enver)
        return found[1].enver if found else None

    def recipe(self, enver: str) -> str | None:
        """Of the run that was tried last."""
        return found.recipe if (found := tried(self.store, enver)) else None

    def job(self, enver: str, there: Target | None = None) -> Job | None:
        """Its last run, or that in a place."""
        found = last_run(self.store, self.compiled.graph, enver, lambda node: there in (None, node.target))
        if found is None:
            return None
        folder = self.settings.state / "removals"
        return job_of_removal(*found, repositories(self.settings), folder, state_id(self.store))

    def commands(self, enver: str, there: Target | None) -> Job | None:
        """The same of commands, which know what they brought about."""
        found = self.job(enver, there)
        return found if found and found.enver.type is COMMAND else None

    def published(self, enver: str) -> Sequence[Value]:
        """Its values that are there still."""
        found = self.store.values_below(enver, ValueRef("", 0), _MOST_VALUES)
        return [one for one in found if one.status is not ValueStatus.RETIRED]


def inventories(settings: Settings, store: SqlStore, compiled: Compiled) -> Inventories:
    """Looks what the removal of envers would take and leave."""
    from odmd.providers.aws import Sessions
    from odmd.store.artifacts import SqlArtifacts

    def look(leaving: Sequence[Enver]) -> Mapping[str, Inventory]:
        artifacts = SqlArtifacts(store.database)
        sessions = Sessions(profiles=settings.profiles, roles=settings.roles.use)
        found = removers(settings, sessions, store, artifacts, compiled, Troubles(store), _LOOK_SECONDS)
        return found.look(leaving)

    return look


def _kubernetes(
    settings: Settings, sessions: Sessions, cage: Callable[[], Cage], patience: float = 30.0
) -> KubernetesProcedure:
    from odmd.providers.kubernetes import KubernetesProcedure, Renderer

    renderer = Renderer(_room(settings, cage), _environments(settings, cage))
    return KubernetesProcedure(renderer, clusters_of(settings, sessions), patience)


def _log_removal(enver: str, what: str) -> None:
    LOGGER.info("%s: %s", naming.enver_label(enver), what)


def _building(settings: Settings, sessions: Sessions, cage: Callable[[], Cage]) -> Building:
    from odmd.providers.aws import AwsImageCloud
    from odmd.providers.images import Building
    from odmd.providers.images.builders import find_builder
    from odmd.providers.images.shelf import ImageShelf

    cloud = AwsImageCloud(sessions)
    return Building(
        lambda: find_builder(settings.image_builder),
        ImageShelf(settings.state / "images"),
        _hides,
        lambda name, job: cloud.secret(name, job.target),
        cage,
        settings.app_limits.of_programs,
    )


def _runner(settings: Settings, cage: Callable[[], Cage]) -> Runner:
    from odmd.providers.command.running import Runner

    return Runner(_room(settings, cage), _environments(settings, cage))


def _room(settings: Settings, cage: Callable[[], Cage]) -> Workroom:
    from odmd.providers.workroom import Workroom

    return Workroom(_hides, cage, settings.app_limits.of_programs)


def _hides(secrets: Mapping[str, str]) -> Discreet:
    """What hides some secrets, by variable, and this process's own."""
    return Mask({**os.environ, **secrets}).stream()


def _environments(settings: Settings, cage: Callable[[], Cage]) -> Environments:
    from odmd.providers.environments import Environments, Shelf

    return Environments(
        Shelf(settings.state / "environments"),
        Mask(),
        settings.demand_lock,
        cage=cage,
        scripts=settings.package_scripts,
        limits=settings.app_limits.of_programs,
    )
