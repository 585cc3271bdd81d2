"""Makes a plan: reads the heads of all repositories, compares with the recorded state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from odmd.bootstrap.settings import Settings
from odmd.control.ports import Repositories
from odmd.control.recorded import recorded
from odmd.control.state import State
from odmd.graph import Graph
from odmd.plan import Plan, build_plan
from odmd.plan.carried_out import refuse_what_is_not_carried_out


def repositories(settings: Settings) -> Repositories:
    """Git, by the settings' paths or URLs."""
    from odmd.providers.git.repositories import GitRepositories

    return GitRepositories(settings.locate, settings.state / "git")


def recorded_state(settings: Settings) -> State:
    """The state as last committed; an empty one where there is none yet.

    Raises:
        StateUnreadable
    """
    from odmd.store.sql import SqlStore

    path = database(settings)
    if not path.exists():
        return State()
    store = SqlStore(path)
    try:
        return store.load()
    finally:
        store.close()


def database(settings: Settings) -> Path:
    """Where the embedded control plane keeps everything but artifacts."""
    return settings.state / "state.db"


def make_plan(graph: Graph, state: State, sources: Repositories) -> Plan:
    """The plan from what is recorded to the contracts at the heads of their repositories.

    Raises:
        NotYetCarriedOut, RepositoryUnreachable, RevisionNotFound, ToolMissing
    """
    refuse_what_is_not_carried_out(graph)
    wanted = {(enver.repo, enver.revision) for enver in graph.envers.values()}
    with ThreadPoolExecutor(8) as pool:
        reading = {(repo, revision): pool.submit(sources.head, repo, revision) for repo, revision in wanted}
    found = {one: head.result() for one, head in reading.items()}
    heads = {enver.address: found[enver.repo, enver.revision] for enver in graph.envers.values()}
    return build_plan(graph, recorded(state), heads)
