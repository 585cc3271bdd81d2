"""Protobuf: whether a reader understands what is on the wire, by the numbers of fields; and the services that it calls.

A schema is a set of file descriptors (`protoc --descriptor_set_out`, `buf build -o …binpb`), kept as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from odmd.graph.schemas.compare import Comparison
from odmd.graph.schemas.kept import PROTOBUF, Json

_WELL_KNOWN: Final = "google.protobuf."
_ALIKE: Final = (
    frozenset({"int32", "uint32", "int64", "uint64", "bool"}),
    frozenset({"int32", "uint32", "int64", "uint64", "enum"}),
    frozenset({"sint32", "sint64"}),
    frozenset({"fixed32", "sfixed32"}),
    frozenset({"fixed64", "sfixed64"}),
    frozenset({"string", "bytes"}),
    frozenset({"message", "bytes"}),
)
"""Types that are the same on the wire."""
_HELD_BY: Final[Mapping[str, frozenset[str]]] = {
    "bool": frozenset({"int32", "uint32", "int64", "uint64"}),
    "enum": frozenset({"int32", "int64"}),
    "int32": frozenset({"int64"}),
    "uint32": frozenset({"int64", "uint64"}),
    "sint32": frozenset({"sint64"}),
    "string": frozenset({"bytes"}),
}
"""Of those, the ones that hold each value of another."""
_PACKED: Final = frozenset({"string", "bytes", "message", "group"})
"""Of these, each is on the wire by itself, so that one reader of one takes the last."""


def understood(written: Json, read: Json, uses: Sequence[str] = ()) -> Comparison:
    """Holds what is written, and the services that are served, against what a reader knows.

    Args:
        uses: `Order.total`, or `Order`, of the reader's messages, or `Orders.Place` of its services.
    """
    found = list(_Wire(_Files.of(written), _Files.of(read), frozenset(uses)).misfits())
    return Comparison(
        tuple(dict.fromkeys(said for said, surely in found if surely)),
        tuple(dict.fromkeys(said for said, surely in found if not surely)),
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """Messages, enums and services by full name."""

    messages: dict[str, Json] = field(default_factory=dict[str, Json])
    enums: dict[str, Json] = field(default_factory=dict[str, Json])
    services: dict[str, Json] = field(default_factory=dict[str, Json])
    closed: set[str] = field(default_factory=set[str])
    """Enums of proto2, of which a reader drops what it does not know."""

    @staticmethod
    def of(document: Json) -> _Files:
        made = _Files()
        for file in document[PROTOBUF]["file"]:
            package = file.get("package", "")
            made._add(
                file, f"{package}." if package else "", _is_closed(file, file.get("syntax", "proto2") == "proto2")
            )
            for service in file.get("service", ()):
                made.services[f"{package}.{service['name']}".lstrip(".")] = service
        return made

    def _add(self, within: Json, prefix: str, closed: bool) -> None:
        for enum in within.get("enumType", ()):
            self.enums[prefix + enum["name"]] = enum
            if _is_closed(enum, closed):
                self.closed.add(prefix + enum["name"])
        for message in within.get("messageType", within.get("nestedType", ())):
            name = prefix + message["name"]
            if not name.startswith(_WELL_KNOWN):
                self.messages[name] = message
                self._add({**message, "messageType": message.get("nestedType", ())}, f"{name}.", closed)

    def reached_by(self, word: str) -> set[str]:
        """The messages that services take, or answer, and those within them."""
        methods = (one for service in self.services.values() for one in service.get("method", ()))
        todo, found = [one[word].lstrip(".") for one in methods], set[str]()
        while todo:
            if (name := todo.pop()) not in found and name in self.messages:
                found.add(name)
                todo += [
                    one["typeName"].lstrip(".") for one in self.messages[name].get("field", ()) if "typeName" in one
                ]
        return found


@dataclass(frozen=True, slots=True)
class _Wire:
    written: _Files
    read: _Files
    uses: frozenset[str]

    def misfits(self) -> Iterator[tuple[str, bool]]:
        """(what does not fit, or perhaps not; whether that is sure)."""
        asked, answered = (self.read.reached_by(word) for word in ("inputType", "outputType"))
        for name, message in self.read.messages.items():
            if not self._is_used(name):
                continue
            if (given := self.written.messages.get(name)) is None:
                if not message.get("options", {}).get("mapEntry"):  # the field that it is made for says what is gone
                    yield f"{name} is not there", True
                continue
            if name in asked:  # its client writes it, and the service reads it
                yield from _Wire(self.read, self.written, self.uses)._fields(name, given, message, asks=True)
            if name not in asked or name in answered:
                yield from self._fields(name, message, given)
        for name, service in self.read.services.items():
            yield from self._service(name, service)

    def _is_used(self, name: str, part: str = "") -> bool:
        if not self.uses:
            return True
        known = {name, _short(name)}
        if part:
            return bool(self.uses & ({f"{one}.{part}" for one in known} | known))
        return any(one == used or used.startswith(f"{one}.") for used in self.uses for one in known)

    def _fields(self, name: str, mine: Json, theirs: Json, *, asks: bool = False) -> Iterator[tuple[str, bool]]:
        """`asks`: it is a request; what its client does not know, he may leave out, and what he says shall be heard."""
        there = {one["number"]: one for one in theirs.get("field", ())}
        for one in mine.get("field", ()):
            where = f"{name}.{one['name']}"
            if not asks and not self._is_used(name, one["name"]):
                continue
            if (given := there.get(one["number"])) is not None:
                yield from self._field(where, one, given)
            elif _is_required(one):
                yield f"{where} ({one['number']}) is not there, and its reader requires it", True
            elif not asks and (self.uses or not _is_reserved(theirs, one["number"])):
                yield f"{where} ({one['number']}) is not there, and its number is not reserved", True

        known = {one["number"] for one in mine.get("field", ())}
        for one in there.values() if asks else ():
            if one["number"] not in known:
                yield f"{name}.{one['name']} ({one['number']}) is sent, and not read any more", False
        yield from ((said, False) for said in _alternatives(name, mine, theirs))

    def _field(self, where: str, mine: Json, theirs: Json) -> Iterator[tuple[str, bool]]:
        wanted, given = _type(mine), _type(theirs)
        if wanted != given and not any({wanted, given} <= alike for alike in _ALIKE):
            yield f"{where} ({mine['number']}) is {given}, not {wanted}", True
            return
        if wanted != given and wanted not in _HELD_BY.get(given, ()):
            yield f"{where} is {given}, and may not fit into {wanted}", False
        if _is_required(mine) and not _is_required(theirs):
            yield f"{where} is optional", True
        yield from _said_otherwise(where, mine, theirs)
        many, one = theirs.get("label") == "LABEL_REPEATED", mine.get("label") != "LABEL_REPEATED"
        if many and one:
            yield f"{where} is repeated, and one is read", given not in _PACKED
        if wanted == given and wanted in ("message", "enum", "group"):
            yield from self._referred(where, mine["typeName"].lstrip("."), theirs["typeName"].lstrip("."))

    def _referred(self, where: str, wanted: str, given: str) -> Iterator[tuple[str, bool]]:
        mine, theirs = self.read.enums.get(wanted), self.written.enums.get(given)
        if mine is None and wanted != given and _short(wanted) != _short(given):
            yield f"{where} is {given}, not {wanted}", True
            return
        if mine is not None and theirs is not None:
            known = {one.get("number", 0) for one in mine.get("value", ())}
            new = [one["name"] for one in theirs.get("value", ()) if one.get("number", 0) not in known]
            if new:
                yield f"{where} may be {', '.join(new)}, which its reader does not know", wanted in self.read.closed
            yield from ((f"{where}: {said}", False) for said in _renamed(mine, theirs))

    def _service(self, name: str, service: Json) -> Iterator[tuple[str, bool]]:
        there = {one["name"]: one for one in self.written.services.get(name, {}).get("method", ())}
        for method in service.get("method", ()):
            where = f"{name}.{method['name']}"
            if not self._is_used(name, method["name"]):
                continue
            given = there.get(method["name"])
            if given is None:
                yield f"{where} is not there", True
                continue
            for word, what in (("inputType", "takes"), ("outputType", "answers")):
                if given[word] != method[word]:
                    yield f"{where} {what} {given[word].lstrip('.')}, not {method[word].lstrip('.')}", True
            for word, what in (("clientStreaming", "takes"), ("serverStreaming", "answers")):
                if given.get(word, False) != method.get(word, False):
                    yield f"{where} {what} {'a stream' if given.get(word) else 'one message'}", True


def _is_closed(said: Json, above: bool) -> bool:
    """Whether enums keep to the values that they list, as editions say it of a file or an enum."""
    feature = said.get("options", {}).get("features", {}).get("enumType")
    return above if feature is None else feature == "CLOSED"


def _is_required(said: Json) -> bool:
    presence = said.get("options", {}).get("features", {}).get("fieldPresence")
    return said.get("label") == "LABEL_REQUIRED" or presence == "LEGACY_REQUIRED"


def _said_otherwise(where: str, mine: Json, theirs: Json) -> Iterator[tuple[str, bool]]:
    """What is no matter of the wire, and is one of who reads JSON, or what was left out."""
    names = theirs.get("jsonName"), mine.get("jsonName")
    if all(names) and names[0] != names[1]:
        yield f"{where} is called {names[0]} in JSON, not {names[1]}", False
    defaults = theirs.get("defaultValue", ""), mine.get("defaultValue", "")
    if defaults[0] != defaults[1]:
        yield (
            f"{where} is {defaults[0] or 'nothing'} where it is left out, and is read as {defaults[1] or 'nothing'}",
            False,
        )


def _alternatives(name: str, mine: Json, theirs: Json) -> Iterator[str]:
    """What is one of several for the one, and not for the other."""
    groups, given = _one_of(mine), _one_of(theirs)
    fields = {one["number"]: one["name"] for one in (*theirs.get("field", ()), *mine.get("field", ()))}
    known, there = ({one["number"] for one in said.get("field", ())} for said in (mine, theirs))
    for numbers in groups:
        both = numbers & there
        if len(both) > 1 and not any(both <= one for one in given):
            yield f"{name}: of {', '.join(fields[one] for one in sorted(both))} several may come, and one is read"
    for numbers in given:
        both = numbers & known
        if both and not any(both <= one for one in groups):
            yield f"{name}: {', '.join(fields[one] for one in sorted(both))} is one of several"
        elif both and (new := numbers - known):
            yield f"{name}: one of several may be {', '.join(fields[one] for one in sorted(new))}, which is not known"


def _one_of(message: Json) -> list[set[int]]:
    found: dict[int, set[int]] = {}
    for one in message.get("field", ()):
        if "oneofIndex" in one and not one.get("proto3Optional"):
            found.setdefault(one["oneofIndex"], set()).add(one["number"])
    return list(found.values())


def _renamed(mine: Json, theirs: Json) -> Iterator[str]:
    """Numbers of an enum that mean something else."""
    known, there = _by_number(mine), _by_number(theirs)
    for number in sorted(known.keys() & there.keys()):
        if not known[number] & there[number]:
            yield f"{number} is {' or '.join(sorted(there[number]))}, not {' or '.join(sorted(known[number]))}"


def _by_number(enum: Json) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = {}
    for one in enum.get("value", ()):
        found.setdefault(one.get("number", 0), set()).add(one["name"])
    return found


def _is_reserved(message: Json, number: int) -> bool:
    ranges = cast("list[Json]", message.get("reservedRange", []))
    return any(one.get("start", 0) <= number < one.get("end", 0) for one in ranges)


def _type(said: Json) -> str:
    return str(said.get("type", "")).removeprefix("TYPE_").lower()


def _short(name: str) -> str:
    return name.rpartition(".")[2]
