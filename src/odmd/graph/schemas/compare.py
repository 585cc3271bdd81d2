"""Whether a reader takes all that a writer may write; if not, why; and if nobody can tell, that nobody can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, cast

from odmd.graph.schemas.document import Json
from odmd.graph.schemas.normal import Undecided, normal
from odmd.graph.schemas.reasons import Doubt, Reasons, is_text

_TRIES: Final = 40
_LONGEST: Final = 120
_SIMPLE: Final = (
    *("null", "true", '""', '"a"', "[]", "[0,0]", '["",""]', "{}", '{"a":null}', '{"aaaaaaaaaaaaaaaa":0}'),
    *map(str, range(-1, 13)),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two schemas, what does not fit and what nobody can tell."""

    misfits: tuple[str, ...] = ()
    """What the one writes and the other does not take."""
    doubts: tuple[str, ...] = ()
    """Why it cannot be told whether the rest fits."""

    @property
    def fits(self) -> bool:
        return not self.misfits and not self.doubts

    def said_of(self, where: str) -> Comparison:
        """The same, of a part."""
        return Comparison(
            tuple(f"{where}: {one}" for one in self.misfits), tuple(f"{where}: {one}" for one in self.doubts)
        )


def joined(parts: Iterator[Comparison]) -> Comparison:
    """All that is said of several parts."""
    found = list(parts)
    return Comparison(
        tuple(chain.from_iterable(one.misfits for one in found)),
        tuple(chain.from_iterable(one.doubts for one in found)),
    )


def of_values(written: Any, theirs: Json, read: Any, mine: Json) -> Comparison:
    """Compares two schemas, each with the document that its references lead into."""
    if written == read and theirs == mine:
        return Comparison()
    try:
        writes, reads = normal(written, theirs, writes=True), normal(read, mine, writes=False)
    except Undecided as undecided:
        return Comparison(doubts=(str(undecided),))
    if normal(written, theirs, writes=False) == reads:
        return Comparison()
    reasons = list(Reasons(writes, reads).misfits())
    wrong = tuple(dict.fromkeys(str(one) for one in reasons if not isinstance(one, Doubt)))
    of_text = tuple(dict.fromkeys(str(one) for one in reasons if isinstance(one, Doubt)))
    is_proven = _is_proven(writes, reads)
    if is_proven:
        return Comparison(tuple(one for one in wrong if one in {str(r) for r in reasons if r.is_of_text}), of_text)
    if wrong:
        return Comparison(wrong, of_text)
    if is_proven is not None and (example := _refused(writes, reads)) is not None:
        return Comparison((f"{example} may be written, and is refused",), of_text)
    return Comparison(doubts=(*of_text, "it cannot be proven that all that may be written is taken"))


def _is_proven(writes: Json, reads: Json) -> bool | None:
    """Whether all shapes that may be written are taken; None where the library cannot say. It looks at no text."""
    import jsoncompat

    try:
        return jsoncompat.check_compat(json.dumps(_shape(reads)), json.dumps(_shape(writes)), "serializer")
    except ValueError:
        return None


def _refused(writes: Json, reads: Json) -> str | None:
    """A value that is written and not taken: a simple one, or one that the library makes up."""
    shape, taken = json.dumps(_shape(writes)), json.dumps(_shape(reads))
    for value in chain(_SIMPLE, _made_up(shape)):
        if _takes(shape, value) and not _takes(taken, value):
            return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return None


def _takes(shape: str, value: str) -> bool:
    import jsoncompat

    return jsoncompat.check_compat(shape, json.dumps({"const": json.loads(value)}), "serializer")


def _made_up(shape: str) -> Iterator[str]:
    import jsoncompat

    with suppress(ValueError):  # it cannot, or not any more
        for _ in range(_TRIES):
            yield jsoncompat.generate_value(shape, 4)


def _shape(schema: Any) -> Any:
    """Without what the library does not look at, so that it does not stumble over it either."""
    if isinstance(schema, list):
        return [_shape(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    said = {word: its for word, its in cast("Json", schema).items() if not is_text(word, its)}
    return {word: its if word in _NO_SCHEMAS else _shape(its) for word, its in said.items()}


_NO_SCHEMAS: Final = ("enum", "const", "required", "dependentRequired")
