"""The settings of one enver by content: what its private config and its secrets are, without saying it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

Named = tuple[tuple[str, str], ...]
"""(name, identity), sorted by name."""


@dataclass(frozen=True, slots=True)
class PlannedSettings:
    """Equal identities mean equal content. Those of config are digests, keyed where anything private is in it; those of
    secrets are references."""

    synthesis: Named = ()
    """Config that is read while the recipe is made: another one needs source."""
    runtime: Named = ()
    """Config that is handed over at deployment: another one needs new values alone."""
    secrets: Named = ()
    """References to secrets, each with its version only where the consumer must restart."""
    live: Named = ()
    """Config that what runs reads where it is written to: another one needs no deployment."""

    def __bool__(self) -> bool:
        return bool(self.synthesis or self.runtime or self.secrets or self.live)

    @property
    def config(self) -> Named:
        """All but secrets, whenever it is read."""
        return (*self.synthesis, *self.runtime, *self.live)

    @property
    def deployed(self) -> tuple[Named, ...]:
        """What only a deployment brings."""
        return (self.synthesis, self.runtime, self.secrets)

    def by_label(self) -> Iterator[tuple[str, str]]:
        """(what people call it, identity) of all."""
        yield from ((f"config {name}", identity) for name, identity in self.config)
        yield from ((f"secret {name}", identity) for name, identity in self.secrets)

    def said(self) -> tuple[Named, ...]:
        """For digests: nothing where there is nothing, so that older digests stay as they are."""
        return (*self.deployed, *((self.live,) if self.live else ())) if self else ()


NO_SETTINGS: Final = PlannedSettings()


class SettingMoved(NamedTuple):
    """A setting that a step brings: where it changes, and never what it is."""

    what: str
    """`config prices` or `secret signing-key`."""
    path: str
    """In the document, as `limits.cpu`; empty: all of it."""
    layer: str
    """That says what it is now; empty where none does any more."""


MovedValues: TypeAlias = Mapping[tuple[str, SettingMoved], str]
"""By enver and setting: what it was and is to be, in words, for who may see it. No plan has any."""
NO_VALUES: Final[MovedValues] = MappingProxyType({})


class Private(NamedTuple):
    """What is known of settings when somebody plans."""

    settings: Mapping[str, PlannedSettings]
    """By enver. Of one without config and secrets nobody needs to know any."""
    moved: Mapping[str, tuple[SettingMoved, ...]]
    """By enver: against what it runs."""


NOTHING_PRIVATE: Final = Private({}, {})


def settings_moved(before: PlannedSettings, now: PlannedSettings) -> Iterator[str]:
    """What differs, in words."""
    was, is_ = dict(before.by_label()), dict(now.by_label())
    for label, identity in is_.items():
        if label not in was:
            yield f"{label} is new"
        elif was[label] != identity:
            yield f"{label} changed"
    yield from (f"{label} is needed no more" for label in was if label not in is_)
