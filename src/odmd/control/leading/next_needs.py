"""What the next run of an enver needs: by its contracts, the values that it would take, and the recipe it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from odmd.control.running.bound_secrets import bound_secrets
from odmd.control.running.needed import RecipeNeeds, of_contracts, of_source, of_value
from odmd.control.running.needs import (
    BeyondNeeded,
    BoundSecretNeeded,
    InputNeeded,
    Missing,
    Proven,
    RunNeed,
    SettingsNeeded,
    SourceNeeded,
)
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.inputs import newest
from odmd.control.scheduler.state import State
from odmd.control.scheduler.values import RunInput
from odmd.errors import (
    NotThere,
    NotYetCarriedOut,
    RecipeUnfit,
    RepositoryUnreachable,
    RevisionNotFound,
    TagMoved,
)
from odmd.graph import EnverNode, WireEdge
from odmd.model import naming
from odmd.model.kinds import Kind, NotOfKind
from odmd.plan import Plan, Step
from odmd.plan.carried_out import beyond
from odmd.plan.stages import FromStep, Known
from odmd.plan.wiring import Wiring

_OF_SOURCE: Final = frozenset({RepositoryUnreachable.code, RevisionNotFound.code, TagMoved.code})


@dataclass(frozen=True, slots=True)
class NextRun:
    """The run that an enver would have: by the plan, or as the state is where the plan has none for it."""

    enver: EnverNode
    step: Step | None
    recorded: Enver
    plan: Plan

    @property
    def is_new(self) -> bool:
        """Whether nothing of it was deployed before."""
        return self.recorded.deployed is None and not self.recorded.unknown and not self.recorded.units.there


@dataclass(frozen=True, slots=True)
class NextInlet:
    """What a wire would let in: a value, or why it lets in none yet."""

    wire: WireEdge
    need: InputNeeded
    text: str | None


def needs_of(next: NextRun, state: State, wiring: Wiring, kinds: Mapping[str, type[Kind]]) -> Iterator[RunNeed]:
    """All that is known of before its source is prepared."""
    enver = next.enver
    if why := "; ".join(beyond(enver)):
        refused = NotYetCarriedOut(f"{enver.label} cannot be deployed: {why}", next_step="`odmd plan` lists it, too")
        yield BeyondNeeded(Missing(refused), enver.address)
    yield from (_as_read(need, next) for need in of_source(enver))
    if enver.configs or enver.secrets:
        yield SettingsNeeded(_unreadable(next, of_source=False) or Proven("as the plan has them"), enver.address)
        settings = next.step.settings if next.step else next.recorded.settings
        for name, secret in bound_secrets(settings).items():
            yield BoundSecretNeeded(name, secret.reference, enver.target)
    for inlet in inlets(next, state, wiring):
        yield inlet.need
        if inlet.text is not None and (kind := kinds.get(inlet.wire.kind)):
            yield from of_value(enver, inlet.wire, kind, inlet.text)
    yield from of_contracts(enver, is_new=next.is_new)


def needs_of_recipe(
    of: RecipeNeeds, recipe: bytes, next: NextRun, before: bytes | None, texts: Mapping[str, str]
) -> Iterator[RunNeed]:
    """What a recipe needs; one that cannot be read is made anew by the run."""
    try:
        yield from of(recipe, next.enver, texts, before)
    except RecipeUnfit:
        return


def handed(next: NextRun, state: State, wiring: Wiring, kinds: Mapping[str, type[Kind]]) -> Mapping[str, str]:
    """Input → the text that would be handed over, of those that have one; empty while an earlier step brings it."""
    texts = dict[str, str]()
    for inlet in inlets(next, state, wiring):
        if isinstance(inlet.need.found, Proven):
            texts[inlet.wire.name] = _consumed(kinds.get(inlet.wire.kind), inlet.text)
    return texts


def inlets(next: NextRun, state: State, wiring: Wiring) -> Iterator[NextInlet]:
    """Of every wire, in order."""
    said = {given.name: given.source for given in next.step.inputs} if next.step else {}
    for wire, latch in wiring.inputs.get(next.enver.address, ()):
        match said.get(wire.name):
            case FromStep(step=number):
                brings = f"step {number} ({naming.enver_label(wire.producer)}) brings it"
                yield NextInlet(wire, _input(wire, Proven(brings)), None)
            case Known(version=version, text=text) if version:
                yield NextInlet(wire, _input(wire, Proven(f"#{version}")), text)
            case Known() | None:
                yield _recorded(wire, next.recorded, state, latch=latch)


def _recorded(wire: WireEdge, recorded: Enver, state: State, *, latch: bool) -> NextInlet:
    now = newest(state, wire)
    given: RunInput | None = recorded.picked.get(wire.name) if latch else now
    if given is not None:
        return NextInlet(wire, _input(wire, Proven(f"#{given.version}")), given.text)
    if wire.placeholder is not None:
        return NextInlet(wire, _input(wire, Proven("its placeholder")), None)
    return NextInlet(wire, _input(wire, Missing(_lacking(wire, is_offered=latch and now is not None))), None)


def _lacking(wire: WireEdge, *, is_offered: bool) -> NotThere:
    consumer, producer = naming.enver_label(wire.consumer), naming.enver_label(wire.producer)
    if is_offered:
        return NotThere(
            f"`{wire.name}` waits for an approval", next_step=f"`odmd approve {consumer} {wire.name}` lets it in"
        )
    return NotThere(
        f"`{wire.name}` was never published by {producer}",
        next_step=f"`odmd apply --target {producer}` deploys it; `odmd why {producer}` says why it was not",
    )


def _as_read(need: RunNeed, next: NextRun) -> RunNeed:
    """The plan has read the repositories already."""
    if not isinstance(need, SourceNeeded):
        return need
    if missing := _unreadable(next, of_source=True):
        return replace(need, found=missing)
    commit = next.plan.base.heads.get(next.enver.address)
    return replace(need, found=Proven(f"is at {naming.short_commit(commit)}")) if commit else need


def _unreadable(next: NextRun, *, of_source: bool) -> Missing | None:
    """Why the plan leaves an enver as it is: its source cannot be read, or it cannot have its settings."""
    has_settings = bool(next.enver.configs or next.enver.secrets)
    for one in next.plan.unreadable:
        if one.enver == next.enver.address and (one.code in _OF_SOURCE or not has_settings) is of_source:
            return Missing(NotThere(one.why, next_step=one.next_step), one.code)
    return None


def _input(wire: WireEdge, found: Proven | Missing) -> InputNeeded:
    return InputNeeded(found, wire.consumer, wire.name, wire.product)


def _consumed(kind: type[Kind] | None, text: str | None) -> str:
    if kind is None or text is None:
        return ""
    try:
        return kind.parse(text).consumed()
    except NotOfKind:
        return ""
