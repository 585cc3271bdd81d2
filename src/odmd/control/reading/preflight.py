"""What a look at the needs of runs found, as it is told: here and over HTTP the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from odmd.control.running.needs import Missing, Proven, ProvenNeed, Unknown

Verdict = Literal["proven", "missing", "unknown"]


@dataclass(frozen=True, slots=True)
class ProofView:
    """One need of one or more envers, and what was found of it."""

    envers: tuple[str, ...]
    sort: str
    what: str
    where: str
    verdict: Verdict
    says: str
    next_step: str
    """What mends it."""
    code: str
    """Of what is missing; else empty."""


@dataclass(frozen=True, slots=True)
class PreflightView:
    """What the next runs of some envers need."""

    envers: tuple[str, ...]
    """Those that were looked at."""
    proofs: tuple[ProofView, ...]

    def missing(self) -> tuple[ProofView, ...]:
        """Whatever a run would fail for."""
        return tuple(one for one in self.proofs if one.verdict == "missing")


def view_of(envers: tuple[str, ...], proof: ProvenNeed) -> ProofView:
    """A proof as it is told."""
    need, found = proof.need, proof.found
    verdict, code, next_step = _verdict(found)
    says = found.fact
    return ProofView(envers, need.sort.value, str(need), need.where, verdict, says, next_step, code)


def _verdict(found: Proven | Missing | Unknown) -> tuple[Verdict, str, str]:
    match found:
        case Proven():
            return "proven", "", ""
        case Missing():
            return "missing", found.code, found.next_step
        case Unknown():
            return "unknown", "", found.next_step
        case _:
            assert_never(found)
