"""Where private settings are kept: what layers say, in versions, and what was made of it, sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import Layer
from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.messages import NoteEdit
from odmd.errors import LayerMoved


@dataclass(frozen=True, slots=True)
class WrittenSettings:
    """One version of what a layer says."""

    layer: Layer
    version: int
    """From 1; in a store that numbers none, 0."""
    document: ConfigDocument
    by: str
    why: str
    at: float
    """Seconds since the epoch."""
    revision: str = ""
    """What the store itself calls it, as a commit."""
    unreadable: str = ""
    """Why it is no document, where somebody wrote it elsewhere; then nothing is said, to nobody that it is of."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants a layer to say instead of the version that he looked at."""

    layer: Layer
    document: ConfigDocument
    after: int
    """That version; 0: nothing was said yet."""
    by: Actor
    why: str
    paths: tuple[str, ...]
    """What it changes, for the log."""

    def overtaken(self, now: WrittenSettings | None) -> LayerMoved:
        """What the second of two is told who edit the same."""
        by = f"{now.by} wrote version {now.version}{f' ({now.why})' if now.why else ''}" if now else "it is new"
        return LayerMoved(
            f"{self.layer.label} is not as you saw it, at version {self.after}: {by}",
            next_step=f"look at what changed, and edit it again: `odmd config history {self.layer.typed}`",
        )


class Note(Protocol):
    """Has the log say who edited what, where the edit itself is kept elsewhere; once for an id."""

    def __call__(self, id: str, message: NoteEdit, at: float, /) -> bool: ...


class Layers(Protocol):
    """What each layer says. Nothing is overwritten: an edit is another version."""

    def newest(self) -> Mapping[Layer, WrittenSettings]:
        """Of each layer that ever said anything.

        Raises:
            SettingsUnreachable, KeyMissing, SettingsDamaged
        """
        ...

    def find(self, layer: Layer) -> WrittenSettings | None:
        """As `newest`, of one."""
        ...

    def history(self, layer: Layer, limit: int = 50) -> Sequence[WrittenSettings]:
        """The newest first, as far as the store knows."""
        ...

    def write(self, edit: Edit, at: float) -> WrittenSettings:
        """All or nothing, the log's record of it included.

        Raises:
            LayerMoved: somebody else edited it since; says what.
            StoreReadOnly: it is edited where it is.
            ConfigTooLarge: the store takes no such document.
            SettingsUnreachable, KeyMissing
        """
        ...


class Sealed(Protocol):
    """Texts by their identity: a keyed digest, from which nobody learns the text."""

    def identity(self, text: str) -> str:
        """Equal texts have equal ones, under any key that seals them."""
        ...

    def keep(self, texts: Mapping[str, str]) -> None:
        """Keeps texts by their identities, and those that are there for a while longer."""
        ...

    def find(self, identities: Collection[str]) -> Mapping[str, str]:
        """Those that are kept, by identity.

        Raises:
            KeyMissing, SettingsDamaged
        """
        ...


class MasterKey(Protocol):
    """What wraps the keys that seal settings, and leaves its place never: a file, or KMS."""

    @property
    def id(self) -> str:
        """Tells it from others, and says nothing of it."""
        ...

    def wrap(self, key: bytes) -> bytes:
        """Raises:
        KeyMissing: the key cannot be had.
        SettingsUnreachable: not now.
        """
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises:
        KeyMissing, SettingsUnreachable
        SettingsDamaged: it is not what this key wrapped.
        """
        ...
