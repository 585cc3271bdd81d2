"""Old and new values of the config that a plan changes, for who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from odmd.plan.settings import MovedValues, SettingMoved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from odmd.control.leading.config_views import MovedView
    from odmd.control.leading.plane import Plane
    from odmd.plan import Plan


MovedConfig: TypeAlias = "Mapping[str, Sequence[MovedView]]"
"""By enver, what its step changes."""


def moved_config(there: Plane, plan: Plan) -> MovedConfig:
    """Nothing of those that this one may not see."""
    from odmd.errors import NotAllowed

    found: dict[str, Sequence[MovedView]] = {}
    for step in plan.steps():
        with suppress(NotAllowed):
            if step.settings_moved and (moved := there.config.config_moved(step.enver)):
                found[step.enver] = moved
    return found


def in_words(config: MovedConfig) -> MovedValues:
    """As it stands beside where a plan says that something changes: `260 → 270`."""
    from odmd.control.leading.config_views import spelled

    return {
        (enver, SettingMoved(f"config {one.config}", one.path, "" if one.after is None else one.layer)): (
            f"{spelled(one.before)} → {spelled(one.after)}"
        )
        for enver, moved in config.items()
        for one in moved
    }
