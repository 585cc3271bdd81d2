"""Where a plan ends until somebody says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from odmd.graph import EnverNode, Graph
from odmd.graph.approvals import stage_subject
from odmd.plan.fingerprint import Fingerprint, same_source
from odmd.plan.recorded import Recorded, RecordedEnver
from odmd.plan.stages import FromStep, Gate, Known
from odmd.plan.wiring import Wiring, promoted_from

OF_CHANGES: Final = "~"
"""In an input's place: what a run would change, which it stops before."""
_NOTHING: Final = RecordedEnver(deployed=None, versions={}, unknown=False)


def gates(
    wiring: Wiring,
    enver: EnverNode,
    recorded: Recorded,
    steps: Mapping[str, FromStep],
    brings: Mapping[str, FromStep],
) -> Iterator[Gate]:
    """What will have to be approved for an enver: what is there already, or what a step may bring.

    Args:
        brings: the steps that bring other source or contracts, by enver.
    """
    itself = recorded.envers.get(enver.address, _NOTHING)
    origin = promoted_from(enver)
    if origin and enver.approver is not None:
        runs = recorded.envers.get(origin, _NOTHING).deployed
        if origin in brings:
            yield Gate(enver.address, "", enver.approver, brings[origin])
        elif runs and runs.slice == wiring.graph.slice(origin) and not _is_run(runs, wiring, itself, enver):
            yield Gate(enver.address, "", enver.approver, Known(0, runs.commit))
    for wire, latch in wiring.inputs[enver.address]:
        if not latch or wire.mode == "automatic":
            continue
        value, picked = recorded.values.get(wire.product), itself.picked.get(wire.name)
        if wire.producer in steps:
            yield Gate(enver.address, wire.name, wire.gate, steps[wire.producer])
        elif value and (picked is None or picked.identity != value.identity):
            yield Gate(enver.address, wire.name, wire.gate, Known(value.version, value.text))


def dearer_by(graph: Graph, enver: EnverNode) -> Decimal | None:
    """From how much more a day on people approve what it costs; None: nobody has to."""
    said = graph.governed.approval(stage_subject(enver.stage))
    return Decimal(str(said.dearer_by)) if said and said.dearer_by is not None else None


def changes_asked_of(graph: Graph, enver: EnverNode) -> str:
    """The team that approves what a run would change there; empty: nobody has to."""
    said = graph.governed.approval(stage_subject(enver.stage))
    return said.by if said and said.changes else ""


def _is_run(promoted: Fingerprint, wiring: Wiring, recorded: RecordedEnver, enver: EnverNode) -> bool:
    """Whether there is nothing to promote: neither source nor contracts."""
    is_source = same_source((promoted.commit, promoted.content), (recorded.commit, recorded.content))
    return is_source and wiring.graph.slice(enver.address) == recorded.slice
