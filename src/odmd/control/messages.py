"""What the control plane is told, in the imperative. Every message may come twice, late or for nothing."""

from __future__ import annotations

from dataclasses import dataclass

from odmd.control.state import Resource


@dataclass(frozen=True, slots=True)
class Head:
    """The source and the contract that an enver should run from now on."""

    enver: str
    commit: str
    contracts: str


@dataclass(frozen=True, slots=True)
class StartChange:
    """Carry out a plan: bring these envers to these heads, and everything downstream to what follows."""

    cause: str
    by: str
    plan: str
    heads: tuple[Head, ...]
    retry: tuple[str, ...] = ()
    """Envers whose last run failed and that shall be tried again."""
    moved: tuple[str, ...] = ()
    """Envers with a newer input behind a placeholder or after an unclean end, to be looked at again."""


@dataclass(frozen=True, slots=True)
class ClaimRun:
    """A worker wants to carry out a run; the answer is a new attempt number, which fences older ones."""

    run: int
    worker: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A value that a run read from its outputs, parsed by the product's kind."""

    product: str
    text: str
    identity: str
    kind: str
    resource: Resource | None = None
    bridge: str | None = None
    """The handover set up from the value that this one replaces."""


@dataclass(frozen=True, slots=True)
class FinishRun:
    """The run brought its enver to its inputs."""

    run: int
    attempt: int
    assembly: str
    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class FailRun:
    """The run ended short of it; `clean` when what ran before surely still runs."""

    run: int
    attempt: int
    error: str
    clean: bool
    publications: tuple[Publication, ...] = ()


@dataclass(frozen=True, slots=True)
class RetireValue:
    """The grace after the last consumer moved is over."""

    product: str
    version: int


@dataclass(frozen=True, slots=True)
class FinishRetirement:
    """The resource behind a value is gone, or stays for the given reason."""

    product: str
    version: int
    leftover: str = ""


Message = StartChange | ClaimRun | FinishRun | FailRun | RetireValue | FinishRetirement
