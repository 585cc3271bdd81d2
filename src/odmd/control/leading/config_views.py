"""What people and the API are shown of private config: values, and the layer that says each; versions; edits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

HIDDEN: Final = "•••"
"""In the place of what nobody sees. Who writes it back leaves there what was there."""


@dataclass(frozen=True, slots=True)
class ConfigValueView:
    """One value of an enver's config, and which layer says it."""

    path: str
    value: Any
    """JSON; `•••` where it is hidden."""
    layer: str


@dataclass(frozen=True, slots=True)
class ConfigView:
    """One config of one enver, as it would be handed over now."""

    enver: str
    name: str
    about: str
    read: str
    """`synth`, `deploy` or `live`."""
    values: tuple[ConfigValueView, ...]
    problems: tuple[str, ...]
    """What keeps the enver from having it."""
    parameter: str = ""
    """In the enver's account, the SSM parameter that its service reads, if it does so live."""
    asleep: str = ""
    """What is otherwise while a clone sleeps, as JSON; empty: nothing is."""


@dataclass(frozen=True, slots=True)
class LayerView:
    """One version of what a layer says."""

    layer: str
    label: str
    version: int
    """0: nobody said anything yet."""
    text: str
    """YAML, with what is hidden as `•••`; empty where layers are only listed."""
    by: str
    why: str
    at: float
    revision: str = ""
    """What the store itself calls the version, as a commit."""
    unreadable: str = ""
    """Why it is no document, where somebody wrote it elsewhere."""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """One value to be said, or no more."""

    path: str
    """`prices.latte`: the config's name first."""
    text: str | None
    """As it is typed; None: the layer says nothing of it any more."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of an edit."""

    layer: LayerView
    paths: tuple[str, ...]
    """What it changed; nothing, if all was so already."""
    concerns: tuple[str, ...]
    """Envers whose config is another one now."""
    lacking: tuple[str, ...]
    """What they lack still."""


@dataclass(frozen=True, slots=True)
class MovedView:
    """One value that is another one than what runs."""

    config: str
    path: str
    before: Any
    """JSON; `•••` where it is hidden, None where nothing was."""
    after: Any
    layer: str
    """That says what it is now."""


@dataclass(frozen=True, slots=True)
class ConfigBetween:
    """One value that two envers do not have alike, or one at two times."""

    config: str
    path: str
    """Empty: all of it, which one of them lacks, or which is kept no more."""
    before: Any
    """JSON; `•••` where it is hidden, None where nothing is."""
    after: Any
    layer_before: str
    """That says what is there now; empty where none does."""
    layer_after: str


def spelled(value: object) -> str:
    """A value as people read it."""
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def nothing_said(layer: str) -> LayerView:
    """A layer that says nothing yet."""
    return LayerView(layer, layer.partition(":")[2] or layer, 0, "", "", "", 0.0)
