"""What a plan starts from: the part of the recorded state that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from odmd.model.targets import Target
from odmd.plan.fingerprint import Fingerprint
from odmd.plan.settings import NO_SETTINGS, Named, PlannedSettings


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """The current value of a product, or one that a latch let in."""

    version: int
    text: str
    identity: str


@dataclass(frozen=True, slots=True)
class RecordedUnit:
    """A unit of an enver, such as a stack."""

    name: str
    target: Target
    left: bool = False
    """The app has it no more."""
    why: str = ""
    """Why it could not be removed then, if somebody tried."""
    asks: bool = False
    """It goes when somebody approves that."""
    what: str = "stack"
    """What people call one of its kind."""


@dataclass(frozen=True, slots=True)
class RecordedEnver:
    """What an enver runs, and with which versions of its inputs."""

    deployed: Fingerprint | None
    versions: Mapping[str, int]
    """Input name → consumed version."""
    unknown: bool
    """A failed run left behind something that nobody knows."""
    drifted: str = ""
    """What others changed of what it ran, in words: nobody knows any more, then."""
    failure: str = ""
    """Why the last run failed, while it is not made good."""
    failed: Fingerprint | None = None
    """Tried and failed: tried again only on new inputs, or when somebody says so."""
    commit: str = ""
    """The source it should run, as last heard: what a promoted enver was let have."""
    content: str = ""
    """Of that source."""
    slice: str = ""
    """The slice of the contracts that it should run under, as last heard."""
    consumed: Mapping[str, tuple[str, RecordedValue]] = field(default_factory=dict[str, tuple[str, RecordedValue]])
    """Input name → the product, and what of it it runs with."""
    consumed_under: str = ""
    """The slice of the contracts by which it has those inputs."""
    picked: Mapping[str, RecordedValue] = field(default_factory=dict[str, RecordedValue])
    """Input name → what a latch let in."""
    held: int | None = None
    """The run that it is held at, or is to be brought to."""
    held_at: Fingerprint | None = None
    """The inputs of that run."""
    run: int = 0
    """The run that deployed what surely runs; for one that was removed, its last one."""
    runs_with: tuple[tuple[str, int], ...] = ()
    """(product, version) of each value that it runs with or may run with."""
    may_run_with: tuple[tuple[str, int], ...] = ()
    """Those that it does not run with and may come to: it is held at them, was let have them, or asks about them."""
    baking: bool = False
    """It is verified once more before anybody takes it over."""
    adopts: bool = False
    """It was never deployed, and its run met a stack that no enver made."""
    units: tuple[RecordedUnit, ...] = ()
    """All that are there."""
    lookups: tuple[tuple[str, str], ...] = ()
    """The answers that its next run keeps."""
    kept: bool = False
    """The recipe of what surely runs is kept, so that new values may be enough."""
    kept_units: tuple[str, ...] | None = None
    """The units of that recipe in their order; None: nobody knows them."""
    held_kept: bool = False
    """So is the recipe of the run that it is held at."""
    settings: PlannedSettings = NO_SETTINGS
    """Those that it should have, as last heard."""
    live: Named = ()
    """Config that may stand where services read it live: more than one of a name, while nobody knows which."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything at one position of the log."""

    envers: Mapping[str, RecordedEnver]
    values: Mapping[str, RecordedValue]
    removed: Mapping[str, int] = field(default_factory=dict[str, int])
    """Enver that was removed → its last run."""
    paused: Mapping[str, str] = field(default_factory=dict[str, str])
    """Enver for which nothing new starts → by whom it is paused, in words."""
    superseded: tuple[tuple[str, int], ...] = ()
    """(product, version) of each value that is not the current one any more, and not retired."""
    behind: Mapping[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    """Value → what stands behind it and goes with it, such as an image by its digest."""
