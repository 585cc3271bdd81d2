"""Envers that are recorded as deployed, and whose stacks somebody took away."""

from __future__ import annotations

from collections.abc import Mapping

from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.errors import AssemblyUnfit
from odmd.model.targets import Target
from odmd.providers.aws.recipe import from_recipe
from odmd.store.artifacts import SqlArtifacts
from odmd.store.sql import SqlStore


def deployed_stacks(settings: Settings) -> Mapping[Target, Mapping[str, str]]:
    """Place → stack → the enver whose it is, of all that surely runs; what no assembly tells is left out.

    Raises:
        StateUnreadable
    """
    if not has_state(settings):
        return {}
    store, found = SqlStore(database(settings)), dict[Target, dict[str, str]]()
    try:
        artifacts = SqlArtifacts(store.database)
        for enver in store.load().envers.values():
            if enver.deployed is None or enver.recipe is None or enver.target is None:
                continue
            try:
                assembly = from_recipe(artifacts.get(enver.recipe) or b"")
            except AssemblyUnfit:
                continue
            at = found.setdefault(enver.target, {})
            at.update((stack.name, enver.address) for stack in assembly.stacks)
    finally:
        store.close()
    return found


def gone(settings: Settings) -> Mapping[str, str]:
    """Enver → which of its stacks is not there any more.

    Raises:
        StateUnreadable, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    from odmd.providers.aws import AwsCloud, Sessions

    cloud, found = AwsCloud(Sessions(profiles=settings.profiles)), dict[str, str]()
    for target, stacks in deployed_stacks(settings).items():
        for stack in sorted(stacks.keys() - cloud.stacks_there(target)):
            found.setdefault(stacks[stack], f"its stack {stack} is not there any more")
    return found
