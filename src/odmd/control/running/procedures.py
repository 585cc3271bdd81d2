"""How envers of one build type are brought about: a procedure each, carried out by an agent that knows none of them.

A run goes from source to a *recipe*, which is kept by its digest and is enough to run again with other values; from
recipe and values to *units*; and unit by unit from a look at what is there and a proposal to what runs. The agent
claims, journals, asks people, masks and parses values; a procedure does what is particular to its type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from odmd.control.running.acting import acting_target
from odmd.control.running.bound_secrets import BoundSecret
from odmd.control.running.config_places import config_at
from odmd.control.running.place import Workplace
from odmd.control.running.proposal import Look, Proposal
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.values import Resource
from odmd.errors import SecretShown
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.model.run_document import RunDocument
from odmd.model.targets import Target
from odmd.plan.inventory import Inventory


class Tell(Protocol):
    """Told what is going on, one line at a time; what `WARNS` lasts."""

    def __call__(self, line: str, *, lasting: bool = False) -> None:
        """A lasting line is part of the record that a person wants to read afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at a run, as a procedure sees it."""

    run: int
    attempt: AttemptNumber
    commit: str
    enver: EnverNode
    texts: Mapping[str, str]
    """Input → the text that its kind hands over."""
    document: RunDocument
    place: Workplace
    state: str
    """The id of the state that the run is recorded in."""
    others: Collection[str]
    """What units of others begin with, although they might be read as the enver's."""
    lookups: Sequence[tuple[str, str]]
    """(what is looked up, answer as JSON) of earlier runs, to be used again."""
    checkout: Callable[[], None]
    """Brings the run's source into `place.source`."""
    tell: Tell
    alive: Callable[[str], None]
    """As `tell`, for what goes on without us: raises `RunCancelled` when somebody else has the run by now."""
    note: Callable[[str, Mapping[str, object]], None]
    """Journals what was found out on the way."""
    previous: Callable[[], bytes | None]
    """The recipe of what runs, or of what was tried before, where one is kept."""
    previous_is_foreign: bool = False
    """Whether an agent of another place made it."""
    content: str = ""
    """Id of the source that the enver is made of, whatever commit has it; empty where nobody noted it."""
    secrets: Mapping[str, BoundSecret] = field(default_factory=dict[str, BoundSecret])
    """Where the secrets are that it needs, by name."""
    secret_texts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """What they are, by name, where the build type gives its programs texts: for these alone."""
    shows: Callable[[str], bool] = lambda _text: False
    """Whether such a text stands in what is to be kept or told, in whatever form."""
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name → JSON text of each private config that is an input."""
    hidden: tuple[str, ...] = field(default=(), repr=False)
    """What nobody is shown of it."""
    drifted: bool = False
    """Whether others changed what runs: what is as it should be by the recipe is looked at, too, and brought back."""

    @property
    def variables(self) -> Mapping[str, str]:
        """Values and private config by the environment variables that carry them."""
        names = {wire.name: wire.variable for wire in self.enver.wires}
        config = {naming.config_variable(name): text for name, text in self.config.items()}
        return {**{names[name]: text for name, text in self.texts.items()}, **config}

    @property
    def handed_config(self) -> Mapping[str, str]:
        """What is handed over when it is deployed, and is no part of a recipe."""
        handed = {one.name for one in self.enver.configs if one.read == "deploy"}
        return {name: text for name, text in self.config.items() if name in handed}

    @property
    def read_config(self) -> Mapping[str, str]:
        """What is read while a recipe is made, by the environment variables that carry it."""
        handed = self.handed_config
        return {naming.config_variable(name): text for name, text in self.config.items() if name not in handed}

    def config_at(self, path: str) -> object:
        """JSON's value of a config, or of a field of it, where many may read it.

        Raises:
            ConfigLacking, ConfigShown
        """
        return config_at(self.config, path, self.enver.label, self.hidden)

    def checked_out(self) -> Path:
        """The checkout; it is made where this attempt has none."""
        if not self.place.source.is_dir():
            self.checkout()
        return self.place.source

    @property
    def target(self) -> Target:
        return acting_target(self.enver, self.run)

    @property
    def secret_variables(self) -> Mapping[str, str]:
        """The environment variables that carry the texts of secrets to programs."""
        return {naming.secret_variable(name): text for name, text in self.secret_texts.items()}

    def refuse_shown(self, what: str, text: str) -> None:
        """Raises:
        SecretShown: one of its secrets stands in what is to be kept.
        """
        if self.shows(text):
            raise SecretShown.of(self.enver.label, what)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is brought about in one go, such as a stack. Whoever approves something of it approves this content with
    these values."""

    name: str
    content: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Observed:
    """What a unit gives to others, as it runs."""

    texts: Mapping[str, str]
    """Product's name → what was published as its value."""
    behind: Mapping[str, Resource]
    """Product's name → the resource that the value stands for."""


class Work(Protocol):
    """A recipe with the values of one run."""

    @property
    def units(self) -> Sequence[Unit]:
        """In the order in which they are carried out."""
        ...

    @property
    def lookups(self) -> tuple[tuple[str, str], ...]:
        """What was looked up while it was prepared, for later runs."""
        ...

    def stale(self) -> str:
        """Why the recipe is not enough with other values than those it was prepared with; empty where it is."""
        ...

    def prove(self) -> None:
        """Proves, before anything moves, that what the units refer to is there, or will be once it is delivered."""
        ...

    def deliver(self) -> Mapping[str, object]:
        """Puts what the units refer to where they find it; the same content is the same there. Returns what is
        journalled of it. Nobody asks for it where the build type has no such step."""
        ...

    def look(self, unit: Unit) -> Look:
        """What is there by the unit's name; changes nothing, whosever it is."""
        ...

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:
        """What carrying it out would change.

        Args:
            continued: it is there as an older release left it, without the mark of its state, and goes on so.
        """
        ...

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
        """Does what was proposed. An empty proposal is nothing to do. Returns what is journalled of it.

        Raises:
            UnitFailed: says whether what ran before surely runs still.
        """
        ...

    def settle(self, unit: Unit) -> None:
        """What has to be so once it is carried out, be it that an earlier attempt did that."""
        ...

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:
        """What it gives to others now; `carried_out` is what was journalled, be it by an earlier attempt."""
        ...


class Procedure(Protocol):
    """How envers of one build type are brought about."""

    def preflight(self, job: Job) -> None:
        """Proves, before anything else, that what it needs fits the job."""
        ...

    def prepare(self, job: Job) -> bytes:
        """From source to recipe."""
        ...

    def open(self, kept: bytes, job: Job) -> Work:
        """A kept recipe, proven to be the enver's whatever named it, with the job's values.

        Raises:
            RecipeUnfit: it is not the enver's, cannot be read, or does not take these values.
            PublishedWrong: it does not publish what the contract says.
        """
        ...


@dataclass(frozen=True, slots=True)
class Remains:
    """What is there of an enver that left the contracts, and how it goes."""

    inventory: Inventory
    take: Callable[[], str]
    """Takes what the inventory says that goes, and nothing else; done twice it finds nothing the second time. Returns
    why something of it stays, or nothing where all is gone."""


NOTHING_THERE: Final = Remains(Inventory(), lambda: "")


class Remover(Protocol):
    """Takes away what procedures of one build type brought about."""

    def look(self, effect: RemoveEnver) -> Remains:
        """What is there of an enver that left the contracts. Changes nothing.

        Raises:
            OdmdError: nobody can look there.
        """
        ...

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        """What may be there of it as it was recorded, for when nobody can look. Asks nobody."""
        ...

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Units that left an enver's recipe, and take no data along that nobody let go."""
        ...
