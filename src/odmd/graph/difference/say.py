"""Changes as they are made, and the words in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from odmd.graph.difference.changes import ContractChange, How, Verdict, What
from odmd.graph.nodes import EnverNode, WireEdge

_NOBODY: Final[tuple[str, ...]] = ()


def changed(
    verdict: Verdict,
    what: What,
    subject: str,
    aspect: str,
    before: str,
    after: str,
    details: tuple[str, ...] = _NOBODY,
    consumers: tuple[str, ...] = _NOBODY,
) -> ContractChange:
    """Something of a thing that both editions have."""
    return ContractChange(verdict, How.CHANGED, what, subject, aspect, before, after, details, consumers)


def compared(
    verdict: Verdict, what: What, subject: str, aspect: str, before: str, after: str, consumers: tuple[str, ...] = ()
) -> Iterator[ContractChange]:
    """A change, if there is one."""
    if before != after:
        yield changed(verdict, what, subject, aspect, before, after, consumers=consumers)


def text(thing: object, name: str) -> str:
    """An attribute as text; nothing for None."""
    said: object = getattr(thing, name)
    return "" if said is None else ", ".join(map(str, said)) if isinstance(said, tuple) else str(said)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # a tuple of texts


def place(enver: EnverNode) -> str:
    """Where an enver lives."""
    return f"{enver.stage}, {enver.account} in {enver.region}"


def short(name: str) -> str:
    """A lasting name as people say it."""
    return name.rpartition(":")[2]


def consumers_of(wires: Sequence[WireEdge] | Mapping[WireEdge, object]) -> tuple[str, ...]:
    """Who stands at the ends of wires."""
    return tuple(sorted({wire.consumer for wire in wires}))
