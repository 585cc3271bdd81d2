"""How to get somewhere although the first step would break somebody: readers first, or expand, migrate, contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from odmd.graph.schemas import Json
from odmd.graph.schemas.comparer import Comparer
from odmd.graph.schemas.fit import compared
from odmd.model import naming
from odmd.plan.fitting.links import Clash, ProductLink
from odmd.plan.fitting.version import End, Version

Versions = Callable[[str], Version | None]


def proposed(link: ProductLink, comparer: Comparer, runs: Versions, declared: Versions) -> Sequence[str]:
    """Steps after each of which everybody fits; none where no such order is found.

    Args:
        declared: what an enver would be by the contracts of today.
    """
    clash = link.clash
    if clash is None or clash.writer_moves == clash.reader_moves:
        return ()
    return _Orders(link.product, clash, comparer, runs, declared).find()


@dataclass(frozen=True, slots=True)
class _Orders:
    product: str
    clash: Clash
    comparer: Comparer
    runs: Versions
    declared: Versions

    def find(self) -> Sequence[str]:
        clash = self.clash
        moves, stays = (clash.writer, clash.reader) if clash.writer_moves else (clash.reader, clash.writer)
        ready = self._version(self.declared, stays)
        if ready is not None and ready.document not in ("", stays.document):
            was = self._version(self.runs, moves)
            if all(self._fit(one, ready) for one in (was, moves) if one is not None and one.document):
                first, then = naming.enver_label(stays.enver), naming.enver_label(moves.enver)
                return (f"deploy {first} as the contracts say now", f"then deploy {then}")
        return self._expanded(ready) if clash.writer_moves else ()

    def _version(self, of: Versions, like: End) -> End | None:
        version = of(like.enver)
        found = version.ends(self.product) if version else ()
        return next((one for one in found if one.input == like.input), None)

    def _fit(self, moving: End, staying: End) -> bool:
        writer, reader = (moving, staying) if self.clash.writer_moves else (staying, moving)
        return not self.comparer.compare(writer.document, reader.document, reader.uses, writer.document).misfits

    def _expanded(self, ready: End | None) -> Sequence[str]:
        """The writer goes on writing what its reader needs beside what is new, until the reader needs it no more."""
        writer, reader = self.clash.writer, self.clash.reader
        was = self._version(self.runs, writer)
        documents = [self.comparer.document(one.document) for one in (was, writer, reader) if one is not None]
        if len(documents) < 3 or reader.uses or any(one is None for one in documents):
            return ()
        old, new, relied_on = cast("list[Json]", documents)
        both = _both(old, new)
        if both is None or compared(both, relied_on).misfits:
            return ()
        lost = ", ".join(f"`{name}`" for name in sorted(_names(old) - _names(new))) or "what it wrote"
        takes_new = ready is not None and ready.document not in ("", reader.document) and self._fit(writer, ready)
        reads, writes = naming.enver_label(reader.enver), naming.enver_label(writer.enver)
        return (
            f"expand: let {writes} go on with {lost} beside what is new, and deploy it",
            f"migrate: deploy {reads} {'as the contracts say now' if takes_new else f'once it needs {lost} no more'}",
            f"contract: let {writes} leave {lost} out, and deploy it",
        )


def _names(document: Json) -> set[str]:
    return set(document.get("properties", {}))


def _both(old: Json, new: Json) -> Json | None:
    """An object with the properties of both; None where one of them is another thing in each."""
    mine, theirs = (cast("Mapping[str, Any]", one.get("properties", {})) for one in (old, new))
    if not mine or not theirs or any(mine[name] != theirs[name] for name in mine.keys() & theirs.keys()):
        return None
    definitions = {**old.get("$defs", {}), **new.get("$defs", {})}
    required = sorted({*old.get("required", ()), *new.get("required", ())})
    said = {**new, "properties": {**mine, **theirs}, "required": required}
    return {**said, "$defs": definitions} if definitions else said
