"""Consumed values in the form that their kinds hand to an app."""

from __future__ import annotations

from collections.abc import Mapping

from odmd.control.scheduler.runs import Run
from odmd.errors import PublishedWrong
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.model.kinds import Kind, NotOfKind


def handed_over(run: Run, enver: EnverNode, kinds: Mapping[str, type[Kind]]) -> Mapping[str, str]:
    """Input → the text that the app gets for it.

    Raises:
        PublishedWrong: a value that was published once is not of its kind any more.
    """
    wires = {wire.name: wire for wire in enver.wires}
    texts: dict[str, str] = {}
    for given in run.inputs:
        if (wire := wires.get(given.name)) is None:
            continue
        if (kind := kinds.get(wire.kind)) is None:
            raise PublishedWrong(
                f"{enver.label} consumes `{given.name}`, whose kind {wire.kind} is no longer in the contracts",
                next_step="`odmd apply` plans with the contracts as they are",
            )
        try:
            texts[given.name] = kind.parse(given.text).consumed()
        except NotOfKind as wrong:
            raise PublishedWrong(
                f"{enver.label} consumes `{given.name}` #{given.version}, which is not of its kind any more: {wrong}",
                next_step=f"deploy {naming.enver_label(wire.producer)} again, or widen the kind",
            ) from wrong
    return texts
