"""What the clones of variants read: the layer of each says what its variant does, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from odmd.control.config.document import read_document
from odmd.control.config.merging import leaves, written
from odmd.control.leading.config_views import ConfigChange
from odmd.errors import ConfigRefused

if TYPE_CHECKING:
    from odmd.cli.experiment.design import Variant
    from odmd.control.leading.config_desk import ConfigDesk


def write_layers(desk: ConfigDesk, labels: Mapping[str, str], variants: Sequence[Variant]) -> None:
    """All of them, before any clone is made: where one is refused, those before it say nothing any more.

    Raises:
        ConfigRefused, NotAllowed
    """
    done = list[str]()
    for one in variants:
        label = labels[one.name]
        try:
            _write(desk, label, one.config)
        except ConfigRefused:
            clear_layers(desk, done)
            raise
        done.append(label)


def clear_layers(desk: ConfigDesk, labels: Iterable[str]) -> None:
    """They say nothing any more; what they said stays in their history."""
    for label in labels:
        _write(desk, label, ())


def _write(desk: ConfigDesk, label: str, wanted: Sequence[ConfigChange]) -> None:
    """What is so already stays as it is, without a new version."""
    layer = f"enver:{label}"
    said = next(iter(desk.layer_history(layer, 1)), None)
    stale = _said(said.text, label) if said and said.text else ()
    others = [ConfigChange(path, None) for path in stale if path not in {one.path for one in wanted}]
    if changes := [*wanted, *others]:
        desk.change_layer(layer, changes, why="odmd experiment", allow_lacking=True)


def _said(text: str, label: str) -> Iterator[str]:
    """The paths of a layer's values."""
    return (
        written((name, *path))
        for name, values in read_document(text.encode(), label).config.items()
        for path, _ in leaves(values)
    )
