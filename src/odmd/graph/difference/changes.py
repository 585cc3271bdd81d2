"""What a comparison finds: changes, each with its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from odmd.model import naming


class Verdict(StrEnum):
    """What a change means for who runs with the earlier contracts; the worst first."""

    BREAKING = "breaking"
    """Somebody who consumes it has to move first, or does not work any more."""
    REMOVED = "removed"
    """Something goes that nobody else needs."""
    VALUE_ONLY = "value-only"
    """Another value, or at another time; no code has to know."""
    ADDITIVE = "additive"
    """Nobody has to do anything."""


class How(StrEnum):
    """What happened to a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class What(StrEnum):
    """What a change is about."""

    ORGANISATION = "organisation"
    ENVER = "enver"
    PRODUCT = "product"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One thing that differs."""

    verdict: Verdict
    how: How
    what: What
    subject: str
    """The organisation's name, an enver's or product's address, or `<consumer's address>:<input>` of a wire."""
    aspect: str = ""
    """Of what is changed: kind, schema, access, region …"""
    before: str = ""
    after: str = ""
    details: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    """Addresses of the envers that it concerns."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes, the worst first."""

    organisation: str
    before: str
    """The contracts' version, as their package says."""
    after: str
    changes: tuple[ContractChange, ...]

    def of(self, verdict: Verdict) -> Sequence[ContractChange]:
        return [change for change in self.changes if change.verdict is verdict]

    def as_bad_as(self, verdict: Verdict) -> bool:
        """Whether a change deserves this verdict or a worse one."""
        order = list(Verdict)
        return any(order.index(change.verdict) <= order.index(verdict) for change in self.changes)


def label(change: ContractChange) -> str:
    """A change's subject as people write it: `orders@main`, `orders@main/bus`, `orders@main.bus` for an input."""
    address, colon, name = change.subject.partition(":")
    build, slash, rest = address.partition("/")
    if not slash:
        return change.subject
    slot, slash, product = rest.partition("/")
    end = f".{name}" if colon else f"{slash}{product}"
    return naming.enver_label(f"{build}/{slot}") + end
