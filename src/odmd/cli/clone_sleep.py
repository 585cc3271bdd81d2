"""Clones that nobody uses for a while cost less, and are there again when somebody does: their config says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from odmd.control.config.layers import Layer, LayerKind, read_layer
from odmd.errors import CloneRefused
from odmd.model import naming

if TYPE_CHECKING:
    from odmd.control.leading.config_desk import ConfigDesk
    from odmd.control.reading.clones import CloneSetView


def put_to_sleep(desk: ConfigDesk, found: CloneSetView, why: str) -> tuple[str, ...]:
    """Says in their config what is otherwise while they sleep; the addresses of those that have something.

    Raises:
        CloneRefused: none has.
    """
    resting = {one.enver: values for one in found.clones if (values := _resting(desk, one.enver))}
    if not resting:
        raise CloneRefused(
            f"nothing of {found.clone} is otherwise while it sleeps",
            next_step='its contract says it: configured("…", asleep={"replicas": 0})',
        )
    for enver, values in resting.items():
        _say(desk, enver, json.dumps({"config": values}), why)
    return tuple(naming.enver_address(one, ()) for one in resting)


def woken(desk: ConfigDesk, found: CloneSetView, why: str) -> tuple[str, ...]:
    """Takes that back; the addresses of those that slept.

    Raises:
        CloneRefused: none did.
    """
    all_asleep = sleepers(desk)
    asleep = [one.enver for one in found.clones if one.enver in all_asleep]
    if not asleep:
        raise CloneRefused(f"{found.clone} does not sleep", next_step="`odmd clone list` says which do")
    for enver in asleep:
        _say(desk, enver, "", why)
    return tuple(naming.enver_address(one, ()) for one in asleep)


def sleepers(desk: ConfigDesk) -> frozenset[str]:
    """The labels of clones that sleep."""
    layers = [read_layer(one.layer) for one in desk.layers()]
    return frozenset(naming.enver_label(one.of) for one in layers if one.kind is LayerKind.ASLEEP)


def _resting(desk: ConfigDesk, enver: str) -> Mapping[str, object]:
    """By config, what is otherwise while it sleeps."""
    return {one.name: json.loads(one.asleep) for one in desk.config_of(enver) if one.asleep}


def _say(desk: ConfigDesk, enver: str, text: str, why: str) -> None:
    layer = str(Layer(LayerKind.ASLEEP, naming.enver_address(enver, ())))
    version = next((one.version for one in desk.layer_history(layer, 1)), 0)
    desk.write_layer(layer, text, version, why)
