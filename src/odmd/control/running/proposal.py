"""What carrying out a unit would change, and what is there before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What happens to one resource of a unit."""

    action: str
    """Add, Modify or Remove; Dynamic: its provider cannot say which."""
    logical_id: str
    """By which the unit knows it; `Data/Orders` for one in a unit inside."""
    type: str
    replacement: str
    """True, False, Conditional, or empty."""
    cause: str
    """What of it changes, in a few words."""
    holds_data: bool = False
    kept: bool = False
    """Whether it stays when it is removed, or a snapshot of it, as its deletion policy says."""
    heir: str = ""
    """What comes as one of its type while it goes."""
    stops: bool = False
    """Whether it serves nobody from when it goes until what comes in its place does."""

    @property
    def is_loss(self) -> bool:
        """Whether its unit goes on without the data: it is gone, or what comes in its place begins empty."""
        replaced = self.replacement in ("True", "Conditional") or self.action == "Dynamic"
        return self.holds_data and (replaced if self.action != "Remove" else not self.kept or bool(self.heir))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What carrying out one unit would do."""

    unit: str
    id: str
    changes: tuple[ResourceChange, ...]
    empty: bool
    """There is nothing to do."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is there by a unit's name, as somebody found it who changed nothing."""

    is_there: bool = False
    owner: str | None = None
    """The enver that its tag names; None: no enver made it."""
    status: str = ""
    id: str = ""
    settled_by_deletion: bool = False
    """A creation failed: what is left of it is deleted before the unit takes a change."""
    holding: tuple[str, ...] = ()
    """What holds data and would go with it, at every depth, by name and type."""
    protected: bool = False
    """Against termination."""
    keeping: tuple[str, ...] = ()
    """What holds data and stays when the unit goes, as its policy says."""
    state: str | None = None
    """The state that its tag names; None: no enver made it, or an older release."""

    @property
    def is_foreign(self) -> bool:
        return self.is_there and self.owner is None

    def is_of(self, enver: str, state: str) -> bool:
        """Whether it is an enver's, as a state manages it."""
        return self.is_there and self.owner == enver and self.state in (None, state)

    @property
    def lost_by_settling(self) -> tuple[str, ...]:
        """What holds data and goes before the unit takes a change."""
        return self.holding if self.settled_by_deletion else ()
