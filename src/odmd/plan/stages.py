"""A plan: stages of steps. Whoever previews, applies or draws a plan reads these and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from odmd.graph import digest
from odmd.model.targets import Target
from odmd.plan.inventory import Inventory
from odmd.plan.run_steps import RunStep
from odmd.plan.settings import NO_SETTINGS, PlannedSettings, SettingMoved

FORMAT: Final = 3
"""Of a stored plan; another one is not understood."""


_TOLD_OF: Final = 5
"""The last fields of a step, which are not approved for themselves."""


class StepAction(StrEnum):
    """What a step does to its enver."""

    CREATE = "create"
    ADOPT = "adopt"
    """A stack of that name is there, and no enver made it."""
    UPDATE = "update"
    VALUES = "values only"
    """New parameters for the template that runs: no checkout, build or synth."""
    LIVE = "live config"
    """What its service reads live is written: no deployment."""
    PROMOTE = "promote"
    """The source that another enver runs."""
    REPLACE = "replace"
    """It moves to another account, region or build type: what it publishes is made anew."""


class Known(NamedTuple):
    """A value that is published; version 0 is the wire's placeholder."""

    version: int
    text: str


class FromStep(NamedTuple):
    """A value, or a commit, that an earlier step may bring."""

    step: int


class StepInput(NamedTuple):
    """One input of a step. Tuples, as there are many."""

    name: str
    product: str
    kind: str
    source: Known | FromStep


class Reach(NamedTuple):
    """Whom something may concern over automatic wires, if every value changes."""

    envers: int
    teams: int


class Step(NamedTuple):
    """One enver to bring to new inputs."""

    number: int
    enver: str
    action: StepAction
    certain: bool
    """False: only if one of its inputs really changes."""
    commit: str
    slice: str
    """Of the contracts."""
    inputs: tuple[StepInput, ...]
    reasons: tuple[str, ...]
    source: int = 0
    """The step whose commit it takes over, for a promoted enver."""
    settles: int = 0
    """It is in a cycle, which takes at most so many more passes until it is settled."""
    waits: tuple[str, ...] = ()
    """Why it does not begin now, in words: it is told, and begins when none of these is so any more."""
    told: bool = False
    """It was told to go there already, by a plan that was carried out."""
    held: int = 0
    """It goes to the inputs of this earlier run, at which it is held."""
    reach: Reach | None = None
    """Whom it may concern, itself not counted; told of few steps, and no part of the digest."""
    seconds: float | None = None
    """How long it is expected to take; no part of the digest."""
    looks_up: bool = False
    """What its app looked up before is looked up again."""
    content: str = ""
    """Id of the trees that it reads at its commit."""
    subject: str = ""
    """What the commit says of itself; no part of the digest, as it follows from the commit."""
    run_steps: tuple[RunStep, ...] = ()
    """What its run will do; no part of the digest, as it follows from the rest."""
    settings: PlannedSettings = NO_SETTINGS
    """Its private config and secrets; they are approved with what the plan rests on."""
    settings_moved: tuple[SettingMoved, ...] = ()
    """Where these differ from what runs; no part of the digest, as it follows from the rest."""

    def approved(self) -> tuple[object, ...]:
        """What of it is approved: the content stands for the commit, where it is known."""
        told = self._replace(reach=None, seconds=None)
        if self.content:  # reasons quote commits, and follow from the rest
            told = told._replace(commit=self.content, reasons=())
        return told[:-_TOLD_OF]


@dataclass(frozen=True, slots=True)
class PlanStage:
    """Steps that wait for earlier stages only, never for each other."""

    number: int
    steps: tuple[Step, ...]


class Gate(NamedTuple):
    """Where the plan ends until somebody says so: a new value, or a commit, that has to be approved."""

    enver: str
    input: str
    """Empty for the commit of a promoted enver; `~` for what a run would change."""
    team: str | None
    """Who approves; None: whoever deploys the enver."""
    source: Known | FromStep


class Beyond(NamedTuple):
    """An enver that this release cannot deploy: it has no step."""

    enver: str
    why: str


@dataclass(frozen=True, slots=True, order=True)
class Unreadable:
    """An enver whose repository, branch or tag cannot be read: it stays as it is, and follows nothing meanwhile."""

    enver: str
    since: float
    """When that was first seen, in seconds since the epoch; 0: it is not said."""
    code: str
    """Of the error."""
    why: str
    next_step: str


class Sourceless(NamedTuple):
    """An enver that waits for its first commit, and is told before which settings it is to begin with."""

    enver: str
    slice: str
    settings: PlannedSettings


class Held(NamedTuple):
    """An enver that is held at an earlier run, and so has no step."""

    enver: str
    run: int


class User(NamedTuple):
    """Who runs with a value."""

    enver: str
    product: str
    version: int


class Removal(NamedTuple):
    """An enver that runs and is no longer in the contracts: it goes when nobody else runs with what it publishes."""

    enver: str
    users: tuple[User, ...]
    """Those that stay, and still run with what it publishes: they have to move before it goes."""
    inventory: Inventory | None = None
    """What it takes and what it leaves; None: nobody looked."""

    def approved(self) -> object:
        """What is approved of it."""
        return self.enver if self.inventory is None else (self.enver, self.inventory.goes, self.inventory.asks)


class Leaving(NamedTuple):
    """A unit that left its enver's app, or will with a step: it goes after the others were deployed."""

    enver: str
    unit: str
    target: Target
    why: str
    """It leaves, or is there still."""
    again: bool = False
    """Its removal failed, and is tried again."""
    what: str = "stack"
    """What people call one of its kind."""


class Retirement(NamedTuple):
    """A value that is superseded, or may be by a step, and lives until its last user moved."""

    product: str
    version: int
    step: int
    """0: it is superseded already."""
    users: tuple[str, ...]
    behind: str = ""
    """What goes with it, such as an image by its digest."""
    goes_back: tuple[str, ...] = ()
    """Those that do not run with it and may come to, as they are held at it, were let have it, or ask about it."""


class WireVerdict(NamedTuple):
    """What the contracts' change means for one wire."""

    enver: str
    input: str
    verdict: str
    """`additive`, `value-only`, `breaking` or `removed`."""
    says: str


class SchemaMisfit(NamedTuple):
    """What a step breaks, or may break, of what runs beside it, or moves with it."""

    product: str
    writer: str
    reader: str
    input: str
    team: str
    """Of the reader."""
    surely: bool
    """False: nobody can tell."""
    says: tuple[str, ...]
    fitting: tuple[str, ...]
    """Versions that would fit."""
    proposal: tuple[str, ...]
    """An order in which it goes without a break."""
    held_by: str = ""
    """Who holds an answer without which it would fit."""


@dataclass(frozen=True, slots=True)
class Base:
    """The outside inputs that the steps rest on: when one of them moved, the plan is outdated."""

    heads: Mapping[str, str]
    """Enver → commit."""
    slices: Mapping[str, str]
    """Enver → digest of what the contracts say of it."""
    values: Mapping[str, str]
    """Product that a step consumes → identity of its current value."""
    deployed: Mapping[str, str]
    """Enver → digest of what surely runs, and by which run; empty where nothing does."""
    paused: Mapping[str, str] = field(default_factory=dict[str, str])
    """Enver of a step → by whom it is paused."""
    contents: Mapping[str, str] = field(default_factory=dict[str, str])
    """Enver → id of the trees that it reads at its head."""
    settings: Mapping[str, PlannedSettings] = field(default_factory=dict[str, PlannedSettings])
    """Enver of a step → its private settings; nothing for who has none."""

    def private(self) -> tuple[object, ...]:
        """What digests say of the settings: nothing where nobody has any."""
        return tuple((enver, self.settings[enver].said()) for enver in sorted(self.settings))

    def sources(self) -> Mapping[str, str]:
        """Enver → what stands for its source: the content, or else the commit."""
        return {enver: self.contents.get(enver) or commit for enver, commit in self.heads.items()}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to do, and what it was derived from."""

    organisation: str
    contracts: str
    stages: tuple[PlanStage, ...]
    unchanged: tuple[str, ...]
    base: Base
    targets: tuple[str, ...] = ()
    """It is limited to these envers and what they need; to none: all."""
    only_values: bool = False
    """It is limited to steps that need no new source and no new contracts."""
    left_out: tuple[str, ...] = ()
    """Envers that would have a step, were the plan not limited."""
    gates: tuple[Gate, ...] = ()
    held: tuple[Held, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    """No part of the digest, as nothing of it is done to them."""
    removals: tuple[Removal, ...] = ()
    """In the order in which they can go: consumers before producers."""
    sourceless: tuple[Sourceless, ...] = ()
    """Those that are told of other settings before they have any source."""
    leaving: tuple[Leaving, ...] = ()
    """As far as it is known before the apps are synthesised."""
    retirements: tuple[Retirement, ...] = ()
    verdicts: tuple[WireVerdict, ...] = ()
    """Of the wires that the contracts changed since they were last carried out, the worst first."""
    misfits: tuple[SchemaMisfit, ...] = ()
    """Of schemas, against what runs; those that surely break are part of the digest, so that who lets them happen saw
    them."""
    uncommitted: tuple[str, ...] = ()
    """Files of the contracts that are not as they are committed; no part of the digest, as what they say is."""
    mends: tuple[str, ...] = ()
    """What of the envers that have a step is further behind than their stage allows; no part of the digest."""
    policies: tuple[str, ...] = ()
    """Who may do more, and who less, once its contracts are in force; part of the digest: it is approved with it."""
    reach: Reach = field(default_factory=lambda: Reach(0, 0))
    seconds: float | None = None
    """How long its certain steps are expected to take."""
    seconds_at_most: float | None = None
    """The same for all of its steps."""
    format: int = FORMAT

    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.stages or self.removals or self.to_clear() or self.sourceless)

    def begins(self) -> bool:
        """Whether carrying it out makes a difference: not if all that is left waits, and was told so already."""
        return bool(self.removals or self.to_clear() or self.sourceless) or any(
            not (step.waits and step.told) for step in self.steps() if step.certain
        )

    def steps(self) -> Iterator[Step]:
        for stage in self.stages:
            yield from stage.steps

    def to_clear(self) -> list[Leaving]:
        """The stacks whose removal is tried again."""
        return [one for one in self.leaving if one.again]

    def breaking(self) -> list[SchemaMisfit]:
        """Of the misfits those that are none of doubt."""
        return [one for one in self.misfits if one.surely]

    def digest(self) -> str:
        """What is approved: steps, gates and what they rest on; not what is only told of them."""
        steps = [step.approved() for step in self.steps()]
        base = (self.base.sources(), self.base.slices, self.base.values, self.base.deployed, self.base.paused)
        limits = (self.targets, self.only_values, self.left_out)
        removed = [*(removal.approved() for removal in self.removals), *(one[:4] for one in self.to_clear())]
        made_of = (self.format, self.organisation, steps, self.gates, self.held, removed, limits, base)
        broken = [(one.product, one.writer, one.reader, one.input, one.says) for one in self.breaking()]
        private = [one for one in (self.base.private(), self.sourceless) if one]
        policies = [("policies", self.policies)] if self.policies else []
        return digest((*made_of, *((broken,) if broken else ()), *private, *policies))
