"""Compiled contracts as data: what the process that loaded them tells to one that runs none of their code.

Who listens believes nothing: what it is told has to be of this shape, and then keeps the rules (`odmd.graph.heard`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from odmd.errors import ContractsNotBelieved, Diagnostic
from odmd.graph.compile import Compiled
from odmd.graph.draft import lasting_name
from odmd.graph.governed import Governed
from odmd.graph.named import texts
from odmd.graph.nodes import BuildNode, EnverNode
from odmd.model.access import Access
from odmd.model.kinds import Concern, Handover, Kind


@dataclass(frozen=True, slots=True)
class KindTold:
    """What is known of a kind without its code."""

    name: str
    """Its lasting name."""
    bases: tuple[str, ...]
    """The kinds that it is made from, told before it, or odmd's own."""
    handover: Handover
    concern: Concern
    accesses: tuple[Access, ...]
    sensitive: bool
    looks_like: str


@dataclass(frozen=True, slots=True)
class ToldContracts:
    """What contracts say, without what is derived from it."""

    organisation: str
    central_account: str
    version: str
    stages: tuple[str, ...]
    governed: Governed
    nodes: tuple[EnverNode, ...]
    builds: dict[str, BuildNode]
    kinds: tuple[KindTold, ...]
    """Those of the contracts' own, after those that they are made from."""
    used: tuple[str, ...]
    """All kinds of products and inputs, by lasting name."""
    documents: dict[str, Any]
    """JSON documents of schemas, by lasting name; without those that cannot be read."""
    texts: dict[str, dict[str, str]]
    """Of documents that people read: owner → path → text."""
    files: tuple[str, ...]
    """What the contracts were loaded from."""
    found: tuple[Diagnostic, ...]
    """What the rules found; with a mistake among it, the contracts are not sound."""


def tell(compiled: Compiled, found: Sequence[Diagnostic], documents: Mapping[str, Any]) -> bytes:
    """Text for another process, in one line."""
    graph = compiled.graph
    told = ToldContracts(
        graph.organisation,
        graph.central_account,
        graph.version,
        graph.stages,
        graph.governed,
        tuple(graph.envers.values()),
        dict(graph.builds),
        tuple(_kinds(compiled)),
        tuple(compiled.kinds),
        dict(documents),
        {owner: dict(of_it) for owner, of_it in texts(compiled.documents).items()},
        tuple(map(str, compiled.files)),
        tuple(found),
    )
    return _adapter().dump_json(told)


def hear(text: bytes) -> ToldContracts:
    """What `tell` wrote, if it was that.

    Raises:
        ContractsNotBelieved: it is of another shape.
    """
    from pydantic import ValidationError

    try:
        if b"\\u0000" in text:
            raise ContractsNotBelieved("the contracts' process tells of a zero byte", next_step=NOT_BELIEVED)
        return _adapter().validate_json(text)
    except (ValidationError, RecursionError) as wrong:
        raise ContractsNotBelieved("what the contracts' process tells is no graph", next_step=NOT_BELIEVED) from wrong


NOT_BELIEVED = "look at what was changed in the contracts last: their own code answered in place of odmd's"


def _kinds(compiled: Compiled) -> Iterator[KindTold]:
    """The contracts' own kinds, with those that they are made from before them."""
    told = set[str]()
    for kind in compiled.kinds.values():
        for one in reversed(kind.__mro__):
            name = lasting_name(one)
            if issubclass(one, Kind) and not is_ours(name) and name not in told:
                told.add(name)
                bases = tuple(lasting_name(base) for base in one.__bases__ if issubclass(base, Kind))
                accesses = tuple(map(Access, one.accesses))
                yield KindTold(name, bases, one.handover, one.concern, accesses, one.sensitive, one.looks_like)


def is_ours(name: str) -> bool:
    """Whether a kind, by its lasting name, comes with odmd."""
    return name.partition(":")[0] == Kind.__module__.rpartition(".")[0]


def files_of(told: ToldContracts) -> Sequence[Path]:
    """What the contracts were loaded from, as they say."""
    return [Path(one) for one in told.files]


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(ToldContracts)
