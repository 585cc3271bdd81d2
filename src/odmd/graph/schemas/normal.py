"""A schema in the one form that is compared: this draft's keywords, references within itself, plain `allOf`s merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from odmd.graph.schemas.alternatives import are_apart, names_within, told_apart
from odmd.graph.schemas.document import Json, ignores_beside_references, led_to, resolved

_SCHEMAS: Final = ("properties", "patternProperties", "dependentSchemas")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_ONES: Final = ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else")
_ASSERTS: Final = frozenset(
    {
        *("type", "enum", "const", "multipleOf", "pattern", "format", "required", "dependentRequired", "uniqueItems"),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minLength", "maxLength"),
        *("minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties"),
    }
)
_UNDECIDED: Final = ("unevaluatedItems", "$dynamicRef", "$recursiveRef")
_TOGETHER: Final = (
    frozenset({"items", "prefixItems"}),
    frozenset({"contains", "minContains", "maxContains"}),
    frozenset({"if", "then", "else"}),
    *(frozenset({word}) for word in ("anyOf", "oneOf", "not", "dependentSchemas", "$ref")),
)
"""What means something with what stands beside it, so that two of them cannot be brought into one schema."""
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "$ref")
_STRICTER: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    "required": lambda one, other: sorted({*one, *other}),
}


NO_SCHEMAS: Final = ("enum", "const", "required", "dependentRequired")
"""Words below which no schema stands."""


class Undecided(Exception):
    """What a schema says is beyond what can be compared; the text says what that is."""


def normal(schema: Any, within: Json, *, writes: bool, hidden: str = "") -> dict[str, Any]:
    """The schema in its comparable form.

    Args:
        within: the document that references lead into.
        writes: it is what somebody writes, who then writes the properties that it names, and no others, unless it
            says that there are others.
        hidden: `readOnly` or `writeOnly`: properties that say so are not there.

    Raises:
        Undecided
    """
    made = NormalForms(within, writes, hidden)
    root = made.root(schema)
    return {**root, "$defs": made.definitions} if made.definitions else root


def _nothing_or_all(is_all: bool) -> dict[str, Any]:
    return {} if is_all else {"not": {}}


@dataclass(slots=True)
class NormalForms:
    """Brings schemas of one document into their comparable form, each thing that they refer to once."""

    within: Json
    writes: bool
    hidden: str = ""
    definitions: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the forms refer to, as they do below `#/$defs/`."""
    _names: dict[str, str] = field(default_factory=dict[str, str])
    _todo: list[tuple[str, str, bool]] = field(default_factory=list[tuple[str, str, bool]])
    """What is referred to and not noted yet: (name, pointer, whole)."""
    _undecided: dict[str, str] = field(default_factory=dict[str, str])
    _alone_counts: bool = field(init=False)
    """What stands beside a reference says nothing."""

    def __post_init__(self) -> None:
        self._alone_counts = ignores_beside_references(self.within)

    def root(self, schema: Any) -> dict[str, Any]:
        """A schema of the document in that form, without the definitions.

        Raises:
            Undecided
        """
        found = self.of(schema)
        while self._todo:
            self._define(*self._todo.pop())
        root = cast("dict[str, Any]", found) if isinstance(found, dict) else _nothing_or_all(found)
        if self._undecided and (why := self._reached(root)):
            raise Undecided(why)
        return root

    def _define(self, name: str, pointer: str, whole: bool) -> None:
        """Notes what a reference leads to; of what cannot be compared, why."""
        if name in self.definitions or name in self._undecided:
            return
        try:
            if (target := led_to(self.within, pointer)) is None:
                raise Undecided(f"{pointer} leads nowhere within the document")
            self.definitions[name] = self.of(target, whole=whole)
        except Undecided as undecided:
            self._undecided[name] = str(undecided)

    def _reached(self, root: Any) -> str:
        """Why something that a schema refers to, however far, cannot be compared."""
        todo, seen = list(references(root)), set[str]()
        while todo:
            if (name := todo.pop()) in self._undecided:
                return self._undecided[name]
            if name not in seen:
                seen.add(name)
                todo += references(self.definitions[name])
        return ""

    def of(self, schema: Any, *, whole: bool = True) -> Any:
        """`whole`: nothing beside it says more of the same value."""
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise TypeError(f"{schema!r} is no schema")
        said = self._said(cast("dict[str, Any]", schema))
        if strange := next((word for word in _UNDECIDED if word in said), None):
            raise Undecided(f"{strange} is not compared")
        made: dict[str, Any] = {word: said[word] for word in said if word in _ASSERTS}
        if "$ref" in said:
            made["$ref"] = self._reference(str(said["$ref"]), whole and len(said) == 1)
        for word in (word for word in _SCHEMAS if word in said):
            made[word] = {name: self.of(one) for name, one in said[word].items()}
        for word in (word for word in _ONES if word in said):
            made[word] = self.of(said[word], whole=word not in _IN_PLACE)
        alone = whole and not (said.keys() & {"properties", "patternProperties"})
        for word in (word for word in _LISTS if word in said):
            inside = word == "prefixItems" or (alone and word in ("anyOf", "oneOf"))
            made[word] = [self.of(one, whole=inside) for one in said[word]]
        merged = _evaluated(said, self._merged(made))
        return self._closed(_nullable(said, merged), whole)

    def _said(self, schema: dict[str, Any]) -> dict[str, Any]:
        said = self._seen(_of_this_draft(schema))
        if self._alone_counts and isinstance(said.get("$ref"), str):
            return {"$ref": said["$ref"]}
        said = told_apart(_in_parts(said), writes=self.writes)
        if "oneOf" in said and "anyOf" not in said and are_apart(said["oneOf"], self.within):
            said["anyOf"] = said.pop("oneOf")
        return said

    def _seen(self, said: dict[str, Any]) -> dict[str, Any]:
        """Without the properties that are only read, or only written."""
        properties: Mapping[str, Any] = said.get("properties", {})
        gone = {name for name, one in properties.items() if self.hidden and self._is_hidden(one)}
        if not gone:
            return said
        required = [name for name in said.get("required", ()) if name not in gone]
        return {
            **said,
            "properties": {name: properties[name] for name in properties.keys() - gone},
            "required": required,
        }

    def _is_hidden(self, schema: Any) -> bool:
        return isinstance(schema, dict) and (
            cast("Json", schema).get(self.hidden) is True or resolved(self.within, schema).get(self.hidden) is True
        )

    def _closed(self, made: dict[str, Any], whole: bool) -> Any:
        """Of who writes the properties that he names, those are all that are named, wherever that is said."""
        if not self.writes or not whole or "properties" not in made:
            return made
        if "allOf" in made or "not" in made or "$ref" in made or "dependentSchemas" in made:
            return made
        elsewhere = [made[word] for word in ("anyOf", "oneOf", "if", "then", "else") if word in made]
        if (named := names_within(elsewhere, {"$defs": self.definitions})) is None:
            return made
        more: dict[str, Any] = {name: {} for name in sorted(named - made["properties"].keys())}
        return {"additionalProperties": False, **made, "properties": {**made["properties"], **more}}

    def _reference(self, pointer: str, whole: bool) -> str:
        """The reference's target as a definition; one that is part of something is a definition of its own."""
        key = f"{pointer} {whole}"
        if key not in self._names:
            self._names[key] = f"d{len(self._names)}"
            self._todo.append((self._names[key], pointer, whole))
        return f"#/$defs/{self._names[key]}"

    def _merged(self, made: dict[str, Any]) -> dict[str, Any]:
        """An `allOf` of plain parts as one schema; any other stays."""
        if "allOf" not in made:
            return made
        merged: dict[str, Any] | None = {word: said for word, said in made.items() if word != "allOf"}
        for part in made["allOf"]:
            merged = both(merged, self._inlined(part)) if merged is not None else None
        return made if merged is None else merged

    def _inlined(self, part: Any) -> Any:
        """A part that is nothing but a reference as what it leads to."""
        if not isinstance(part, dict) or list(cast("Json", part)) != ["$ref"]:
            return cast("object", part)
        reference = str(cast("Json", part)["$ref"])
        name = reference.rpartition("/")[2]
        if waiting := next((one for one in reversed(self._todo) if one[0] == name), None):
            self._todo.remove(waiting)
            self._define(*waiting)
        if name in self._undecided:
            raise Undecided(self._undecided[name])
        return self.definitions.get(name) or {"$ref": reference}


def _evaluated(said: Json, made: dict[str, Any]) -> dict[str, Any]:
    """Where all that is said of properties stands in one place, those that are not evaluated are the additional ones.

    Raises:
        Undecided
    """
    if "unevaluatedProperties" not in said:
        return made
    others = said["unevaluatedProperties"]
    if any(word in made for word in _IN_PLACE) or not isinstance(others, bool):
        raise Undecided("unevaluatedProperties is not compared")
    return {"additionalProperties": others, **made}


def both(one: dict[str, Any], other: Any) -> dict[str, Any] | None:
    """What holds for both, as one schema; None where that cannot be said simply."""
    if other is True:
        return one
    if not isinstance(other, dict) or _meet(one, cast("Json", other)):
        return None
    made, more = dict(one), cast("dict[str, Any]", other)
    for word, said in more.items():
        if word not in made:
            made[word] = said
        elif word == "properties":
            mine = made[word]
            made[word] = {
                **mine,
                **{name: _and(mine[name], its) if name in mine else its for name, its in said.items()},
            }
        elif word in _STRICTER:
            made[word] = _STRICTER[word](made[word], said)
        elif made[word] != said:
            return None
    mine, theirs = set(one.get("properties", ())), set(more.get("properties", ()))
    is_refused = ("additionalProperties" in one and theirs - mine) or ("additionalProperties" in more and mine - theirs)
    return None if is_refused else made


def _meet(one: Json, other: Json) -> bool:
    """Whether both say what cannot be said in one place."""
    if any(one.keys() & words and other.keys() & words for words in _TOGETHER):
        return True
    of_objects = {"properties", "additionalProperties", "patternProperties"}
    return ("patternProperties" in one and bool(other.keys() & of_objects)) or (
        "patternProperties" in other and bool(one.keys() & of_objects)
    )


def _and(one: Any, other: Any) -> Any:
    merged = both(cast("dict[str, Any]", one), other) if isinstance(one, dict) else None
    parts: list[Any] = [one, other]
    return {"allOf": parts} if merged is None else merged


def _nullable(said: Json, made: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 says of a type that it may be null, too."""
    if said.get("nullable") is not True or "type" not in made:
        return made
    types = cast("list[str]", made["type"]) if isinstance(made["type"], list) else [made["type"]]
    more: dict[str, Any] = {"type": list(dict.fromkeys([*types, "null"]))}
    if "enum" in made:
        more["enum"] = [*made["enum"], None]
    return {**made, **more}


def references(schema: Any) -> Iterator[str]:
    """The definitions that a schema in comparable form refers to."""
    if isinstance(schema, list):
        for one in cast("list[Any]", schema):
            yield from references(one)
    elif isinstance(schema, dict):
        for word, said in cast("Json", schema).items():
            if word == "$ref" and isinstance(said, str):
                yield said.rpartition("/")[2]
            elif word not in NO_SCHEMAS:
                yield from references(said)


def _in_parts(said: dict[str, Any]) -> dict[str, Any]:
    """What stands beside a reference holds as well as that."""
    beside = {word: one for word, one in said.items() if word != "$ref"}
    if "$ref" not in said or not beside.keys() & (_ASSERTS | {*_SCHEMAS, *_LISTS, *_ONES, *_UNDECIDED}):
        return {"$ref": said["$ref"]} if "$ref" in said else said
    return {**beside, "allOf": [*beside.get("allOf", ()), {"$ref": said["$ref"]}]}


def _of_this_draft(said: dict[str, Any]) -> dict[str, Any]:
    """Keywords of drafts 4 to 7 as those of 2020-12."""
    said = dict(said)
    for limit, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(said.get(strict), bool) and said.pop(strict) and limit in said:
            said[strict] = said.pop(limit)
    if isinstance(said.get("items"), list):
        said["prefixItems"] = said.pop("items")
        if "additionalItems" in said:
            said["items"] = said["additionalItems"]
    for name, needs in cast("dict[str, Any]", said.pop("dependencies", {})).items():
        word = "dependentRequired" if isinstance(needs, list) else "dependentSchemas"
        said[word] = {**said.get(word, {}), name: needs}
    return said
