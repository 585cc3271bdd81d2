"""Private config of two envers held against each other, for who may see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from odmd.control.config.merging import differences, is_absent, read_path
from odmd.control.config.resolving import DEFAULT, Resolver
from odmd.control.leading.config_views import HIDDEN, ConfigBetween
from odmd.graph import EnverNode

NOTHING: Final = "{}"
"""The text of a config that an enver does not have."""


@dataclass(frozen=True, slots=True)
class ComparedConfig:
    """Compares texts as they were handed over; layers are those that say so today."""

    resolver: Resolver
    before: EnverNode
    after: EnverNode
    alike: Callable[[str, str], bool]

    def between(self, name: str, before: str | None, after: str | None) -> Iterator[ConfigBetween]:
        """What differs in one config; None: its text is kept no more."""
        if before is None or after is None:
            was, now = ("there" if one is not None else "kept no more" for one in (before, after))
            yield ConfigBetween(name, "", was, now, "", "")
            return
        for one in differences(json.loads(before), json.loads(after)):
            if not self._says_the_same(one.before, one.after):
                was, now = (self._shown(side, name, one.path) for side in (one.before, one.after))
                layers = [self._layer(node, name, one.path) for node in (self.before, self.after)]
                yield ConfigBetween(name, one.path, was, now, layers[0], layers[1])

    def _says_the_same(self, before: object, after: object) -> bool:
        return isinstance(before, str) and isinstance(after, str) and self.alike(before, after)

    def _shown(self, side: Any, name: str, path: str) -> Any:
        if is_absent(side):
            return None
        configs = [one for node in (self.before, self.after) for one in node.configs if one.name == name]
        hidden = not configs or any(self.resolver.hides(one, path) for one in configs)
        return HIDDEN if hidden else side

    def _layer(self, node: EnverNode, name: str, path: str) -> str:
        config = next((one for one in node.configs if one.name == name), None)
        return (self.resolver.layer_of(node, config, read_path(path)) or DEFAULT) if config else ""
