"""GraphQL's definition language cut up into definitions, so that of two large schemas only what differs is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from odmd.graph.schemas.kept import SchemaUnreadable

_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]+|\\"""|\\|"(?!""))*"""|"(?:\\.|[^"\\\n\r])*"|#[^\n\r]*|[{}()\[\]:!=@|&$]|\.\.\.|[^\s,{}()\[\]:!=@|&$"#]+'
)
_KINDS: Final = ("type", "interface", "union", "enum", "input", "scalar", "directive", "schema")
_NAME: Final = re.compile(r"[_A-Za-z]\w*")
_STUBS: Final = {
    "type": "type {} {{ _: Int }}",
    "interface": "interface {} {{ _: Int }}",
    "union": "union {} = _",
    "enum": "enum {} {{ _ }}",
    "input": "input {} {{ _: Int }}",
    "scalar": "scalar {}",
}
_NOBODY: Final = "type _ { _: Int }"
_BUILT_IN: Final = frozenset({"Int", "Float", "String", "Boolean", "ID"})
_CLOSES: Final = {"}": "{", ")": "(", "]": "["}


@dataclass(frozen=True)
class Definitions:
    """A schema's definitions, without what people wrote beside them."""

    of: Mapping[str, Sequence[Sequence[str]]]
    """Name (`schema`, `@directive`) → the words of its definition and its extensions."""

    @cached_property
    def roots(self) -> Mapping[str, str]:
        """Operation → the type at which it begins."""
        said = [word for one in self.of.get("schema", ()) for word in one]
        if not said:
            names = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
            return {operation: name for operation, name in names.items() if name in self.of}
        return {said[at - 1]: said[at + 1] for at, word in enumerate(said) if word == ":" and 0 < at < len(said) - 1}

    def kind(self, name: str) -> str:
        """The word that its definition begins with."""
        return next(word for word in self.of[name][0] if word != "extend")

    def written(self) -> set[str]:
        """The types that clients write somewhere."""
        inputs = (word for name in self.of if self.kind(name) == "input" for word in self._types(name, inside=False))
        return {*inputs, *(word for name in self.of for word in self._types(name, inside=True))}

    def read(self) -> set[str]:
        """The types that clients read somewhere."""
        kinds = ("type", "interface")
        return {word for name in self.of if self.kind(name) in kinds for word in self._types(name, inside=False)}

    def referred(self, names: Iterable[str]) -> set[str]:
        """What these definitions name."""
        return {word for name in names for one in self.of.get(name, ()) for word in one if word in self.of}

    def _types(self, name: str, *, inside: bool) -> Iterator[str]:
        """Of fields; `inside`: of their arguments."""
        for words in self.of[name]:
            depth = 0
            for before, word in zip(("", *words), words, strict=False):
                depth += (word == "(") - (word == ")")
                if (depth > 0) is inside and before in (":", "[") and _NAME.fullmatch(word):
                    yield word

    def text(self, names: Iterable[str]) -> str:
        """Of these definitions."""
        return "\n".join(" ".join(one) for name in names for one in self.of.get(name, ()))

    def stub(self, name: str) -> str:
        """A definition of the same kind that says nothing."""
        return _STUBS[self.kind(name)].format(name)


def difference(one: Definitions, other: Definitions, also: Iterable[str] = ()) -> tuple[str, str]:
    """Both without the definitions that are the same in each, of which only as much stays as the others need.

    Args:
        also: names of definitions that stay as they are.
    """
    names = [name for name in {**one.of, **other.of} if name != "schema"]
    stay = set(also)
    kept = [name for name in names if name in stay or _said(one, name) != _said(other, name)]
    needed = (one.referred(kept) | other.referred(kept)).difference(kept)
    stubs = [_NOBODY, *(one.stub(name) for name in sorted(needed) if name in other.of and one.kind(name) in _STUBS)]
    return "\n".join([one.text(kept), *stubs]), "\n".join([other.text(kept), *stubs])


def _said(schema: Definitions, name: str) -> Sequence[Sequence[str]]:
    return sorted(map(list, schema.of.get(name, ())))


@lru_cache(maxsize=4)
def definitions(text: str) -> Definitions:
    """Those of a schema.

    Raises:
        SchemaUnreadable
    """
    found: dict[str, list[list[str]]] = {}
    for words in _cut(_words(text)):
        found.setdefault(_name(words), []).append(words)
    made = Definitions(found)
    for name, said in found.items():
        if sum(one[0] != "extend" for one in said) > 1:
            raise SchemaUnreadable(f"a GraphQL schema is malformed: There can be only one {name}")
    return made


def refuse_unknown(schema: Definitions) -> None:
    """Whether all types that fields and arguments are of are defined.

    Raises:
        SchemaUnreadable
    """
    for name in sorted(schema.written() | schema.read()):
        if name not in schema.of and name not in _BUILT_IN and name not in ("true", "false", "null"):
            raise SchemaUnreadable(f"a GraphQL schema is malformed: Unknown type {name}")


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Each with how deep it stands; without comments and descriptions."""
    inside: list[str] = []
    before = ""
    for word in _TOKEN.findall(text):
        if word[0] == "#" or (word[0] == '"' and before not in (":", "=") and inside[-1:] != ["["]):
            continue
        if word in _CLOSES and (not inside or inside.pop() != _CLOSES[word]):
            raise SchemaUnreadable(f"a GraphQL schema is malformed: Unexpected {word}")
        yield word, len(inside)
        if word in "{([":
            inside.append(word)
        before = word
    if inside:
        raise SchemaUnreadable("a GraphQL schema is malformed: Unexpected end")


def _cut(words: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    found: list[str] = []
    for word, depth in words:
        begins = depth == 0 and (word in _KINDS or word == "extend")
        goes_on = bool(found) and (
            found[-1] in ("|", "&", "=", "@", "implements", "extend", "on", ":") or len(found) == 1
        )
        if begins and not goes_on and found:
            yield found
            found = []
        elif not begins and not found:
            raise SchemaUnreadable(f"a GraphQL schema is malformed: Unexpected {word}")
        found.append(word)
    if found:
        yield found


def _name(words: Sequence[str]) -> str:
    kind, *rest = words[1:] if words[0] == "extend" else words
    if kind == "schema":
        return "schema"
    name = "".join(rest[:2]) if kind == "directive" else "".join(rest[:1])
    if not name.strip("@"):
        raise SchemaUnreadable(f"a GraphQL schema is malformed: a {kind} has no name")
    return name
