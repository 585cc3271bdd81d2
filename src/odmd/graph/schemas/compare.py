"""Whether a reader takes all that a writer may write; if not, why; and if nobody can tell, that nobody can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, cast

from odmd.graph.schemas.document import Json
from odmd.graph.schemas.examples import refused
from odmd.graph.schemas.keywords import Doubt, is_text
from odmd.graph.schemas.normal import Undecided, normal
from odmd.graph.schemas.reasons import Reasons

_LONGEST: Final = 120
_MOST_VALUES: Final = 5_000
_MOST_WAYS: Final = 100_000


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


def of_values(written: Any, theirs: Json, read: Any, mine: Json, hidden: str = "") -> Comparison:
    """Compares two schemas, each with the document that its references lead into; `hidden`: of `normal`."""
    if _text(written) == _text(read) and _text(theirs) == _text(mine):
        return Comparison()
    try:
        writes = normal(written, theirs, writes=True, hidden=hidden)
        reads = normal(read, mine, writes=False, hidden=hidden)
    except Undecided as undecided:
        return Comparison(doubts=(str(undecided),))
    if _text(normal(written, theirs, writes=False, hidden=hidden)) == _text(reads):
        return Comparison()
    found = Reasons(writes, reads)
    reasons = found.misfits()
    if not reasons and found.proves:
        return Comparison()
    wrong = tuple(dict.fromkeys(str(one) for one in reasons if not isinstance(one, Doubt)))
    of_text = tuple(dict.fromkeys(str(one) for one in reasons if isinstance(one, Doubt)))
    is_proven = _is_proven(writes, reads)
    if is_proven:
        return Comparison(tuple(one for one in wrong if one in {str(r) for r in reasons if r.is_of_text}), of_text)
    if wrong:
        return Comparison(wrong, of_text)
    if (example := refused(_shape(writes), _shape(reads))) is not None:
        shown = example if len(example) <= _LONGEST else f"{example[:_LONGEST]}…"
        return Comparison((f"{shown} may be written, and is refused",), of_text)
    return Comparison(doubts=(*of_text, "it cannot be proven that all that may be written is taken"))


def _text(schema: Any) -> str:
    """Of each schema another one: what Python takes to be the same, 1 and true, is not."""
    return json.dumps(schema, sort_keys=True)


def _is_proven(writes: Json, reads: Json) -> bool | None:
    """Whether all shapes that may be written are taken; None where the library cannot say. It looks at no text."""
    import jsoncompat

    if max(_largest_enum(writes), _largest_enum(reads)) > _MOST_VALUES:
        return None  # the library looks at each two of them
    if _is_tangled(writes) or _is_tangled(reads):
        return None
    try:
        return jsoncompat.check_compat(json.dumps(_shape(reads)), json.dumps(_shape(writes)), "serializer")
    except ValueError:
        return None


def _shape(schema: Any) -> Any:
    """Without what the library does not look at, so that it does not stumble over it either."""
    if isinstance(schema, list):
        return [_shape(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    said = {word: its for word, its in cast("Json", schema).items() if not is_text(word, its)}
    return {word: its if word in _NO_SCHEMAS else _shape(its) for word, its in said.items()}


def _is_tangled(schema: Json) -> bool:
    """Whether references lead to each other in too many ways for the library, which goes them all."""
    definitions: Json = schema.get("$defs", {})
    leads_to = {name: list(_references(one)) for name, one in definitions.items()}
    todo = [(name, frozenset[str]()) for name in _references({**schema, "$defs": {}})]
    for _ in range(_MOST_WAYS):
        if not todo:
            return False
        name, through = todo.pop()
        if name not in through:
            todo += [(other, through | {name}) for other in leads_to[name]]
    return True


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in cast("list[Any]", schema):
            yield from _references(one)
    elif isinstance(schema, dict):
        for word, said in cast("Json", schema).items():
            if word == "$ref" and isinstance(said, str):
                yield said.rpartition("/")[2]
            elif word not in _NO_SCHEMAS:
                yield from _references(said)


def _largest_enum(schema: Any) -> int:
    if isinstance(schema, list):
        return max(map(_largest_enum, cast("list[Any]", schema)), default=0)
    if not isinstance(schema, dict):
        return 0
    said = cast("Json", schema)
    mine = len(cast("list[Any]", said["enum"])) if isinstance(said.get("enum"), list) else 0
    return max(mine, *map(_largest_enum, said.values())) if said else 0


_NO_SCHEMAS: Final = ("enum", "const", "required", "dependentRequired")
