"""`${odmd.config:NAME.FIELD}`: where private config stands in what a build is told, as arguments and manifests."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import cast

from odmd.control.config.document import canonical
from odmd.control.config.merging import at, is_absent
from odmd.errors import ConfigLacking, ConfigShown
from odmd.model.config_places import CONFIG_PLACE


def with_config(text: str, value_at: Callable[[str], object]) -> str:
    """A text with their values in it, each as `as_text` has it."""
    return CONFIG_PLACE.sub(lambda found: as_text(value_at(found[1])), text)


def as_text(value: object) -> str:
    """A text as it is, and everything else as JSON."""
    return value if isinstance(value, str) else canonical(value)


def config_at(config: Mapping[str, str], path: str, label: str, hidden: Collection[str]) -> object:
    """What is at a path, as JSON's value.

    Args:
        config: name → JSON text.
        label: whose it is.
        hidden: what nobody is shown of it.

    Raises:
        ConfigLacking: nothing is there.
        ConfigShown: it has something hidden in it.
    """
    name, *fields = path.split(".")
    found = at(cast("object", json.loads(config[name])), fields) if name in config else at({}, [name])
    if is_absent(found):
        raise ConfigLacking(
            f"config {path} of {label} is needed where ${{odmd.config:{path}}} stands, and is not there",
            next_step=f"`odmd config set {label} {path}=VALUE`, then plan again",
        )
    if _texts(found) & {one for one in hidden if one}:
        raise ConfigShown(
            f"config {path} of {label} is sensitive, and everybody may read what it would stand in",
            next_step="keep it in a store of secrets, and its reference here: docs/guides/secrets.md",
        )
    return found


def _texts(value: object) -> set[str]:
    match value:
        case dict():
            return {text for one in cast("dict[str, object]", value).values() for text in _texts(one)}
        case list():
            return {text for one in cast("list[object]", value) for text in _texts(one)}
        case _:
            return {as_text(value), str(value)}
