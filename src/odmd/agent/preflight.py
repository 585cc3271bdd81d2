"""Before anything moves: that all is there which a run needs, or all that is missing at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from odmd.control.leading.desk import Claim
from odmd.control.ports.provers import Prover
from odmd.control.running.needed import of_contracts, of_value
from odmd.control.running.needs import Missing, ProvenNeed, RunNeed, Unknown
from odmd.control.running.proving import proven
from odmd.errors import NeedsMissing


def of_claim(claim: Claim) -> Iterator[RunNeed]:
    """What a run needs before its recipe is there: a placeholder names nothing, and what moved already went on."""
    yield from of_contracts(claim.enver, is_new=not claim.known)
    wires = {wire.name: wire for wire in claim.enver.wires}
    for given in claim.run.inputs if not claim.moved else ():
        if given.version and (wire := wires.get(given.name)) is not None:
            yield from of_value(claim.enver, wire, claim.kinds[wire.kind], given.text)


def refuse_missing(needs: Iterable[RunNeed], prover: Prover, label: str, log: Callable[[str], None]) -> None:
    """Proves what an agent proves of some needs, side by side.

    Raises:
        NeedsMissing: several are; a single one is its own error.
        OdmdError: of one nobody can tell for now, and asking again may help: who is asked does not answer.
    """
    proofs = proven([one for one in needs if one.in_runs], prover.prove)
    missing = [one.found.error for one in proofs if isinstance(one.found, Missing)]
    if len(missing) == 1:
        raise missing[0]
    if missing:
        raise NeedsMissing(label, missing)
    for one, unknown in _unknown(proofs):
        if unknown.error is not None:
            raise unknown.error
        log(f"not proven: {one.need.sort.value} {one.need}: {unknown.fact}")


def _unknown(proofs: Sequence[ProvenNeed]) -> Iterator[tuple[ProvenNeed, Unknown]]:
    return ((one, one.found) for one in proofs if isinstance(one.found, Unknown))
