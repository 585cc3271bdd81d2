"""What has moved since a plan was made, of what it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from odmd.graph import Graph
from odmd.model import naming
from odmd.plan.build import deployed_digest
from odmd.plan.fingerprint import same_source
from odmd.plan.recorded import Recorded
from odmd.plan.settings import NO_SETTINGS, NOTHING_PRIVATE, Private, settings_moved
from odmd.plan.stages import Plan, Unreadable

_SHORT: Final = 7


@dataclass(frozen=True, slots=True)
class Own:
    """What runs of this very plan did already, which never voids it."""

    envers: Collection[str] = ()
    """Those that it deployed."""
    products: Collection[str] = ()
    """Those that it published."""


def moved_since(
    plan: Plan,
    graph: Graph,
    recorded: Recorded,
    heads: Mapping[str, str],
    own: Own | None = None,
    contents: Mapping[str, str] = MappingProxyType({}),
    unreadable: Collection[Unreadable] = (),
    private: Private = NOTHING_PRIVATE,
) -> Iterator[str]:
    """One line for each outside input of the plan that is another one now, or cannot be read any more."""
    own = own or Own()
    yield from (f"{naming.enver_label(one.enver)} cannot be read now: {one.why}" for one in unreadable)
    yield from _contracts(plan, graph)
    for enver, commit in plan.base.heads.items():
        now, before = heads.get(enver, commit), plan.base.contents.get(enver, "")
        if not same_source((now, contents.get(enver, "")), (commit, before)):
            yield f"{naming.enver_label(enver)}: its head moved from {_short(commit)} to {_short(now)}"
    for product, identity in plan.base.values.items():
        value = recorded.values.get(product)
        if product not in own.products and (value is None or value.identity != identity):
            now = f"#{value.version} now ({value.text})" if value else "not published any more"
            yield f"{naming.product_label(product)} has another value: it is {now}"
    yield from _settings(plan, private)
    yield from _deployed(plan, recorded, own)


def _contracts(plan: Plan, graph: Graph) -> Iterator[str]:
    for enver, slice_ in plan.base.slices.items():
        label = naming.enver_label(enver)
        if enver not in graph.envers:
            yield f"{label} is no longer in the contracts"
        elif (now := graph.slice(enver)) != slice_:
            yield f"{label}: what the contracts say of it changed from {_short(slice_)} to {_short(now)}"
    known = {*(step.enver for step in plan.steps()), *plan.unchanged, *plan.left_out}
    known.update(one.enver for one in (*plan.held, *plan.beyond, *plan.unreadable))
    for enver in (enver for enver in plan.base.slices if enver in graph.envers):
        for consumer in sorted({wire.consumer for wire in graph.downstream(enver)} - known):
            yield f"{naming.enver_label(consumer)} is new, and consumes of {naming.enver_label(enver)}"


def _settings(plan: Plan, private: Private) -> Iterator[str]:
    expected = {**plan.base.settings, **{one.enver: one.settings for one in plan.sourceless}}
    expected = {**{step.enver: NO_SETTINGS for step in plan.steps() if not step.held}, **expected}
    for enver, before in expected.items():
        for moved in settings_moved(before, private.settings.get(enver, before)):
            yield f"{naming.enver_label(enver)}: {moved}"


def _deployed(plan: Plan, recorded: Recorded, own: Own) -> Iterator[str]:
    held = {step.enver for step in plan.steps() if step.held}
    for enver, was in plan.base.deployed.items():
        label, found = naming.enver_label(enver), recorded.envers.get(enver)
        if found and found.held is not None and enver not in held:
            yield f"{label} is held at run {found.held} now"
        elif enver not in own.envers and (now := deployed_digest(recorded, enver)) != was:
            if enver in recorded.removed:
                yield f"{label} was removed meanwhile"
            else:
                yield f"{label} was deployed meanwhile" if now else f"nobody knows any more what {label} runs"
        if (paused := recorded.paused.get(enver, "")) != (before := plan.base.paused.get(enver, "")):
            yield f"{label}: {paused}" if paused else f"{label} is no longer paused ({before})"


def _short(text: str) -> str:
    return text.removeprefix("sha256:")[:_SHORT]
