"""Whether a reader takes all that a writer may write; if not, why; and if nobody can tell, that nobody can."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, cast

from odmd.graph.schemas.document import Json, ignores_beside_references, led_to
from odmd.graph.schemas.examples import refused
from odmd.graph.schemas.keywords import Doubt, Reason, is_text
from odmd.graph.schemas.normal import NO_SCHEMAS, NormalForms, Undecided, normal, references
from odmd.graph.schemas.reasons import Reasons

_LONGEST: Final = 120
_MOST_VALUES: Final = 5_000
_MOST_WAYS: Final = 100_000
_MOST_DEFINITIONS: Final = 1_000
"""That the library is given of two documents, one part after the other."""


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


@contextmanager
def of_documents() -> Generator[None]:
    """While two documents are compared, what their parts have in common is looked at once."""
    token = _TOGETHER.set({})
    try:
        yield
    finally:
        _TOGETHER.reset(token)


def of_values(written: Any, theirs: Json, read: Any, mine: Json, hidden: str = "") -> Comparison:
    """Compares two schemas, each with the document that its references lead into; `hidden`: of `normal`."""
    known = _TOGETHER.get()
    key = (id(theirs), id(mine), hidden)
    both = known.get(key) if known is not None else None
    if both is None:
        both = _Both(theirs, mine, hidden)
        if known is not None:
            known[key] = both
    return both.compared(written, read)


class _Both:
    """Two documents whose parts are compared."""

    def __init__(self, theirs: Json, mine: Json, hidden: str) -> None:
        self._theirs, self._mine, self._hidden = theirs, mine, hidden
        self._writes, self._reads = NormalForms(theirs, True, hidden), NormalForms(mine, False, hidden)
        self._reasons = Reasons({"$defs": self._writes.definitions}, {"$defs": self._reads.definitions})
        self._same: dict[str, tuple[str, ...] | None] = {}
        self._left = _MOST_DEFINITIONS

    def compared(self, written: Any, read: Any) -> Comparison:
        """Whether a reader takes all of what is written."""
        if self._are_same(written, read):
            return Comparison()
        try:
            writes, reads = self._writes.root(written), self._reads.root(read)
        except Undecided as undecided:
            return Comparison(doubts=(str(undecided),))
        reasons, is_whole = self._reasons.misfits(writes, reads)
        if not reasons and is_whole:
            return Comparison()
        one, other = self._whole(writes, self._writes.definitions), self._whole(reads, self._reads.definitions)
        if one is None or other is None:
            return _said(reasons, None, None)
        if _text(normal(written, self._theirs, writes=False, hidden=self._hidden)) == _text(
            normal(read, self._mine, writes=False, hidden=self._hidden)
        ):
            return Comparison()
        is_proven = _is_proven(one, other)
        surely = is_proven or any(not isinstance(one, Doubt) for one in reasons)
        return _said(reasons, is_proven, None if surely else refused(_shape(one), _shape(other)))

    def _whole(self, root: Json, definitions: Mapping[str, Any]) -> Json | None:
        """With the definitions that it refers to; None where these are too many to be proven."""
        found: dict[str, Any] = {}
        todo = list(references(root))
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = definitions[name]
                todo += references(found[name])
            if len(found) > self._left:
                return None
        self._left -= len(found)
        return {**root, "$defs": found} if found else root

    def _are_same(self, written: Any, read: Any) -> bool:
        """Whether both say the same, and so does all that they refer to."""
        if _text(written) != _text(read):
            return False
        if ignores_beside_references(self._theirs) is not ignores_beside_references(self._mine):
            return False
        todo, seen = list(_pointers(written)), set[str]()
        while todo:
            if (pointer := todo.pop()) in seen:
                continue
            seen.add(pointer)
            if (leads_to := self._leads_to(pointer)) is None:
                return False
            todo += leads_to
        return True

    def _leads_to(self, pointer: str) -> tuple[str, ...] | None:
        """What stands there refers to; None where each document says something else, or nothing."""
        if pointer not in self._same:
            one, other = led_to(self._theirs, pointer), led_to(self._mine, pointer)
            is_same = one is not None and _text(one) == _text(other)
            self._same[pointer] = tuple(_pointers(one)) if is_same else None
        return self._same[pointer]


_TOGETHER: ContextVar[dict[tuple[int, int, str], _Both] | None] = ContextVar("compared together", default=None)


def _said(reasons: Sequence[Reason], is_proven: bool | None, example: str | None) -> Comparison:
    wrong = tuple(dict.fromkeys(str(one) for one in reasons if not isinstance(one, Doubt)))
    of_text = tuple(dict.fromkeys(str(one) for one in reasons if isinstance(one, Doubt)))
    if is_proven:
        return Comparison(tuple(one for one in wrong if one in {str(r) for r in reasons if r.is_of_text}), of_text)
    if wrong:
        return Comparison(wrong, of_text)
    if example is not None:
        shown = example if len(example) <= _LONGEST else f"{example[:_LONGEST]}…"
        return Comparison((f"{shown} may be written, and is refused",), of_text)
    return Comparison(doubts=(*of_text, "it cannot be proven that all that may be written is taken"))


def _pointers(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in cast("list[Any]", schema):
            yield from _pointers(one)
    elif isinstance(schema, dict):
        for word, said in cast("Json", schema).items():
            if word in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(said, str):
                yield said
            elif word not in NO_SCHEMAS:
                yield from _pointers(said)


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
    return {word: its if word in NO_SCHEMAS else _shape(its) for word, its in said.items()}


def _is_tangled(schema: Json) -> bool:
    """Whether references lead to each other in too many ways for the library, which goes them all."""
    definitions: Json = schema.get("$defs", {})
    leads_to = {name: list(references(one)) for name, one in definitions.items()}
    todo = [(name, frozenset[str]()) for name in references({**schema, "$defs": {}})]
    for _ in range(_MOST_WAYS):
        if not todo:
            return False
        name, through = todo.pop()
        if name not in through:
            todo += [(other, through | {name}) for other in leads_to[name]]
    return True


def _largest_enum(schema: Any) -> int:
    if isinstance(schema, list):
        return max(map(_largest_enum, cast("list[Any]", schema)), default=0)
    if not isinstance(schema, dict):
        return 0
    said = cast("Json", schema)
    mine = len(cast("list[Any]", said["enum"])) if isinstance(said.get("enum"), list) else 0
    return max(mine, *map(_largest_enum, said.values())) if said else 0
