"""Envers that are recorded as deployed, and whose stacks somebody took away."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.drift import Deviation, DeviationSort, gone_unit, news
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import NoteDrift
from odmd.model.build_types import CDK
from odmd.model.targets import Target
from odmd.store.sql import SqlStore

_SORTS: Final[tuple[DeviationSort, ...]] = ("gone",)


def deployed_stacks(settings: Settings) -> Mapping[Target, Mapping[str, str]]:
    """Place → stack → the enver whose it is, of all that surely runs.

    Raises:
        StateUnreadable
    """
    if not has_state(settings):
        return {}
    store = SqlStore(database(settings))
    try:
        return stacks_of(store.load().envers.values())
    finally:
        store.close()


def stacks_of(envers: Iterable[Enver]) -> Mapping[Target, Mapping[str, str]]:
    """Place → stack → the enver of these whose it is, of all that surely runs and is not just being removed."""
    found = dict[Target, dict[str, str]]()
    for enver in envers:
        leaves = enver.departure is not None and enver.departure.under_way
        for unit in enver.units.current() if enver.deployed is not None and not leaves else ():
            if unit.what == CDK.unit:
                found.setdefault(unit.target, {})[unit.name] = enver.address
    return found


def gone(settings: Settings) -> Mapping[str, str]:
    """Enver → which of its stacks is not there any more.

    Raises:
        StateUnreadable, CloudUnreachable, CredentialsRefused, CloudRefused
    """
    found = dict[str, str]()
    for enver, stack in _gone(settings, deployed_stacks(settings)):
        found.setdefault(enver, f"its stack {stack} is not there any more")
    return found


def notes_of_gone(settings: Settings, envers: Mapping[str, Enver], by: Actor) -> Iterator[NoteDrift]:
    """What is to be noted of those of these envers that lost a stack, as far as it is not known already.

    Raises:
        CloudUnreachable, CredentialsRefused, CloudRefused
    """
    yield from notes(envers, _gone(settings, stacks_of(envers.values())), by, time.time())


def notes(envers: Mapping[str, Enver], gone: Iterable[tuple[str, str]], by: Actor, at: float) -> Iterator[NoteDrift]:
    """What is to be noted of (enver, its stack) of each stack that is gone: what was not known, or was accepted for a
    time that is over."""
    found = dict[str, list[Deviation]]()
    for address, stack in gone:
        found.setdefault(address, []).append(gone_unit(stack, CDK.unit))
    for address, seen in found.items():
        enver = envers[address]
        if news(enver.drift, seen, _SORTS, at):
            yield NoteDrift(address, enver.deployed_by, tuple(seen), _SORTS, by, at)


def _gone(settings: Settings, deployed: Mapping[Target, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """(enver, its stack) of each that is not there any more: a request for each place that has any."""
    from odmd.providers.aws import AwsCloud, Sessions

    cloud = AwsCloud(Sessions(profiles=settings.profiles))
    for target, stacks in deployed.items():
        yield from ((stacks[stack], stack) for stack in sorted(stacks.keys() - cloud.stacks_there(target)))
