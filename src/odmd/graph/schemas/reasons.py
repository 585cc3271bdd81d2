"""Why a reader does not take what a writer may write, in words: found by going through both schemas side by side, each
two places once, however often and deep references lead to them. Where all that is said is understood, that nothing is
found proves that everything fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple, cast

from odmd.graph.schemas.document import Json, resolved
from odmd.graph.schemas.keywords import Doubt, Reason, excludes, holds_text, of_one_place, possible
from odmd.graph.schemas.normal import both

_DEPTH: Final = 60
_MOST_PLACES: Final = 200_000
_MOST_REASONS: Final = 20
_TRIES: Final = 5
_ANY: Final[Json] = {}
_UNDERSTOOD: Final = frozenset(
    {
        *("type", "enum", "const", "pattern", "format", "properties", "required", "additionalProperties", "items"),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minLength", "maxLength"),
        *("minItems", "maxItems", "minProperties", "maxProperties", "anyOf", "allOf", "$ref", "$defs"),
    }
)
_HIDDEN: Final = (
    "patternProperties",
    "dependentSchemas",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "prefixItems",
)


class FoundReasons(NamedTuple):
    """What was found at two places."""

    reasons: Sequence[Reason]
    is_whole: bool
    """No word was passed over, and no assumption was wrong: that nothing was found proves that everything fits."""


_NOTHING: Final = FoundReasons((), is_whole=True)


@dataclass(slots=True)
class Reasons:
    """Goes through schemas of two documents in their comparable form."""

    written: Json
    """With the definitions that what is written refers to."""
    read: Json
    _known: dict[tuple[int, int], FoundReasons] = field(default_factory=dict[tuple[int, int], FoundReasons])
    """By the identity of two places. Where they are compared already, further up, nothing is said once more."""
    _kept: list[Any] = field(default_factory=list[Any])
    """What identities are of, so that they stay what they are."""
    _made: dict[tuple[int, int], Any] = field(default_factory=dict[tuple[int, int], Any])
    _open: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    _assumed: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Those that were met again while they were compared, and taken to fit."""
    _done: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    _deferred: list[tuple[Json, Json]] = field(default_factory=list[tuple[Json, Json]])
    """Too deep to be looked at from where they were met."""
    _looks: int = 0
    _is_whole: bool = True
    """Of the place that is looked at."""

    def misfits(self, written: Any, read: Any) -> FoundReasons:
        """What does not fit, and of what nobody can tell."""
        found: Sequence[Reason] = ()
        for _ in range(_TRIES):
            self._is_whole, before = True, len(self._done)
            found = self._of(written, read, _DEPTH)
            fails = False
            while self._deferred:
                fails |= bool(self._of(*self._deferred.pop(), _DEPTH))
            if found or not fails:
                break
            self._is_whole = False
            self._forget(before)
        if self._looks < _MOST_PLACES:
            return FoundReasons(found, self._is_whole)
        too_many = Doubt("", f"is of documents with more than {_MOST_PLACES} places to compare", is_of_text=True)
        return FoundReasons((*found, too_many), is_whole=False)

    def _of(self, written: Any, read: Any, depth: int) -> Sequence[Reason]:
        given, wanted = resolved(self.written, written) or _ANY, resolved(self.read, read)
        self._is_whole &= read is not False
        if not wanted:
            return ()
        if self._looks >= _MOST_PLACES:
            self._is_whole = False
            return ()
        key = id(given), id(wanted)
        if (known := self._known.get(key)) is not None:
            if key in self._open:
                self._assumed.add(key)
            self._is_whole &= known.is_whole
            return known.reasons
        if depth == 0:  # it is looked at later, and taken to fit until then
            self._deferred.append((given, wanted))
            return ()
        return self._looked_at(key, given, wanted, depth)

    def _looked_at(self, key: tuple[int, int], given: Json, wanted: Json, depth: int) -> Sequence[Reason]:
        self._looks += 1
        self._known[key] = _NOTHING
        self._kept += (given, wanted)
        self._open.add(key)
        above, self._is_whole, before = self._is_whole, True, len(self._done)
        found = FoundReasons(tuple(islice(self._found(given, wanted, depth), _MOST_REASONS)), self._is_whole)
        self._open.discard(key)
        if key in self._assumed and (found.reasons or not found.is_whole):
            self._forget(before)
            found = found._replace(is_whole=False)
        self._assumed.discard(key)
        self._known[key] = found
        self._done.append(key)
        self._is_whole = above and found.is_whole
        return found.reasons

    def _forget(self, since: int) -> None:
        """What was found on an assumption that was wrong is looked at anew when it is met again."""
        for key in self._done[since:]:
            if key in self._known and not self._known[key].reasons:
                del self._known[key]
        del self._done[since:]

    def _found(self, given: Json, wanted: Json, depth: int) -> Iterator[Reason]:
        if (options := _options(given)) is not None:
            for option in options:
                yield from self._of(self._beside(given, option, self.written), wanted, depth - 1)
            return
        self._is_whole &= _is_understood(given, wanted)
        if (options := _options(wanted)) is not None:
            found = [self._of(given, self._beside(wanted, option, self.read), depth - 1) for option in options]
            yield from min(
                found, key=lambda reasons: (sum(not isinstance(one, Doubt) for one in reasons), len(reasons))
            )
            return
        yield from of_one_place(given, wanted)
        yield from self._properties(given, wanted, depth)
        if "items" in wanted and not excludes(given, "array"):
            yield from self._at("[]", given.get("items", {}), wanted["items"], depth)
        for part in wanted.get("allOf", ()):
            yield from self._of(given, part, depth - 1)
        if any(holds_text(wanted[word]) for word in _HIDDEN if word in wanted) and given != wanted:
            yield Doubt("", "has patterns or formats that are not compared", is_of_text=True)

    def _at(self, place: str, written: Any, read: Any, depth: int) -> Iterator[Reason]:
        yield from (one.below(place) for one in self._of(written, read, depth - 1))

    def _properties(self, given: Json, wanted: Json, depth: int) -> Iterator[Reason]:
        if excludes(given, "object"):
            return
        there, required = given.get("properties", {}), set(given.get("required", ()))
        for name in sorted(set(wanted.get("required", ())) - required):
            yield Reason(name, f"is {'optional' if name in there else 'not there'}")
        mine, others = wanted.get("properties", {}), wanted.get("additionalProperties", True)
        more = given.get("additionalProperties", True)
        for name, its in mine.items():
            if name in there:
                yield from self._at(name, there[name], its, depth)
            elif more is not False:
                yield from self._at(name, more, its, depth)
        for name, its in there.items():
            if name not in mine and others is False and not wanted.get("patternProperties"):
                yield Reason(name, "is not taken")
            elif name not in mine and isinstance(others, dict):
                yield from self._at(name, its, others, depth)
        if others is False and more is not False:
            yield Reason("", "may have further properties, which are not taken")
        elif isinstance(others, dict) and more is not False:
            yield from self._at("*", more, others, depth)

    def _beside(self, schema: Json, option: Any, root: Json) -> Any:
        """An option, and what is said beside it; the option alone where both cannot be said as one."""
        key = id(schema), id(option)
        if key not in self._made:
            self._kept += (schema, option)
            beside = {word: said for word, said in schema.items() if word not in ("anyOf", "oneOf", "$defs")}
            together = both(beside, resolved(root, option)) if beside and isinstance(option, dict) else option
            self._is_whole &= together is not None
            self._made[key] = option if together is None else together
        return self._made[key]


def _is_understood(given: Json, wanted: Json) -> bool:
    """Whether all that a reader says of one place is looked at."""
    options = possible(given)
    if not wanted.keys() <= _UNDERSTOOD or (options is not None and not _are_plain(options, wanted)):
        return False
    is_of_properties = "properties" in wanted or "additionalProperties" in wanted
    return not ("patternProperties" in given and is_of_properties) and not (
        "prefixItems" in given and "items" in wanted
    )


def _are_plain(values: Sequence[Any], wanted: Json) -> bool:
    """Whether these values are nothing inside, and nothing but their type is asked of them."""
    return wanted.keys() <= {"type", "enum", "const", "pattern", "format"} and not any(
        isinstance(one, (list, dict)) for one in values
    )


def _options(schema: Json) -> Sequence[Any] | None:
    types = schema.get("type")
    if (
        isinstance(types, list)
        and len(cast("list[str]", types)) > 1
        and (schema.get("format") or schema.get("pattern"))
    ):
        return None
    return schema.get("anyOf") or schema.get("oneOf")
