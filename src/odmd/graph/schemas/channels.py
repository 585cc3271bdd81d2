"""Messages in channels (AsyncAPI 2 and 3): what a reader relies on, held against what is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from odmd.graph.schemas.avro import resolved_by
from odmd.graph.schemas.calls import whole
from odmd.graph.schemas.compare import Comparison, joined, of_values
from odmd.graph.schemas.document import Json, resolved
from odmd.graph.schemas.kept import AVRO
from odmd.graph.schemas.normal import Undecided

_JSON: Final = "application/json"
_SENT, _RECEIVED = "send", "receive"
_ACTIONS: Final = {"publish": _RECEIVED, "subscribe": _SENT}
"""Of AsyncAPI 2, which says what others do: who may subscribe is sent something."""


@dataclass(slots=True)
class _Channel:
    """One, by its address."""

    messages: list[Any] = field(default_factory=list[Any])
    actions: set[str] = field(default_factory=set[str])


def channels(written: Json, read: Json) -> Iterator[Comparison]:
    """Holds the messages of each channel against each other."""
    there = _channels(written)
    for address, wanted in _channels(read).items():
        if (given := there.get(address)) is None:
            yield Comparison((f"channel {address} is not there",))
            continue
        yield _guarded(_messages(given, written, wanted, read)).said_of(f"channel {address}")


def _guarded(found: Iterator[Comparison]) -> Comparison:
    parts: list[Comparison] = []
    try:
        parts.extend(found)
    except Undecided as undecided:
        parts.append(Comparison(doubts=(str(undecided),)))
    return joined(iter(parts))


def _channels(api: Json) -> Mapping[str, _Channel]:
    """By address, of AsyncAPI 2 and 3. Where operations say which of its messages they carry, those are all."""
    found: dict[str, _Channel] = {}
    carried = _carried(api)
    for name, said in api.get("channels", {}).items():
        channel = resolved(api, said)
        one = found.setdefault(str(channel.get("address") or name), _Channel())
        one.messages += list(channel.get("messages", {}).values())
        for word, action in _ACTIONS.items():
            if word in channel:
                one.actions.add(action)
                one.messages += _of_operation(api, channel[word])
        actions, messages = carried.get(f"#/channels/{_pointed(name)}", (set[str](), []))
        one.actions |= actions
        one.messages = messages or one.messages
    return found


def _carried(api: Json) -> Mapping[str, tuple[set[str], list[Any]]]:
    """Of AsyncAPI 3: what operations do with a channel, and the messages that they name, where each names some."""
    found: dict[str, tuple[set[str], list[Any]]] = {}
    unnamed = set[str]()
    operations: Mapping[str, Any] = api.get("operations", {}) if str(api["asyncapi"])[:1] != "2" else {}
    for operation in (resolved(api, one) for one in operations.values()):
        channel = str(operation.get("channel", {}).get("$ref", ""))
        actions, messages = found.setdefault(channel, (set(), []))
        actions.add(str(operation.get("action")))
        messages += operation.get("messages", ())
        if not operation.get("messages"):
            unnamed.add(channel)
    return {channel: (actions, [] if channel in unnamed else said) for channel, (actions, said) in found.items()}


def _pointed(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _of_operation(api: Json, operation: Json) -> Sequence[Any]:
    said = operation.get("message")
    if said is None:
        return []
    return resolved(api, said).get("oneOf", [said])


def _messages(given: _Channel, written: Json, wanted: _Channel, read: Json) -> Iterator[Comparison]:
    if wanted.actions == {_SENT} and given.actions == {_RECEIVED}:
        yield Comparison(("it is only received from, and nothing is sent",))
    writes, reads = (
        [_message(api, one) for one in channel.messages] for api, channel in ((written, given), (read, wanted))
    )
    for kind in dict.fromkeys(one.kind for one in reads):
        mine = [one for one in writes if one.kind == kind]
        taken = [one for one in reads if one.kind == kind]
        if not mine:
            others = ", ".join(dict.fromkeys(one.kind for one in writes)) or "no message"
            yield Comparison((f"it carries {others}, not {kind}",))
        elif kind == AVRO:
            yield from _of_avro(mine, taken)
        else:
            yield of_values(_any_of(mine, "payload"), written, _any_of(taken, "payload"), read)
            yield _of_headers(mine, written, taken, read)
    known = {one.kind for one in reads}
    for kind in dict.fromkeys(one.kind for one in writes if reads and one.kind not in known):
        yield Comparison((f"it may carry {kind}, which is not taken",))


def _of_headers(mine: Sequence[_Message], written: Json, taken: Sequence[_Message], read: Json) -> Comparison:
    if not any(one.headers for one in taken):
        return Comparison()
    return of_values(_any_of(mine, "headers"), written, _any_of(taken, "headers"), read).said_of("headers")


def _any_of(messages: Sequence[_Message], part: str) -> Json:
    schemas = [one.payload if part == "payload" else one.headers for one in messages]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _of_avro(mine: Sequence[_Message], taken: Sequence[_Message]) -> Iterator[Comparison]:
    for one in mine:
        found = [resolved_by({AVRO: one.payload}, {AVRO: other.payload}) for other in taken]
        yield min(found, key=lambda each: (len(each.misfits), len(each.doubts)))


@dataclass(frozen=True, slots=True)
class _Message:
    payload: Any
    headers: Any
    kind: str
    """Its media type, or `avro`."""


def _message(api: Json, said: Any) -> _Message:
    """With what its traits add.

    Raises:
        Undecided
    """
    own = whole(api, said)
    message: dict[str, Any] = {}
    for trait in own.get("traits", ()):
        message |= whole(api, trait)
    message |= own
    payload, format_ = message.get("payload", {}), str(message.get("schemaFormat", ""))
    if isinstance(payload, dict) and "schemaFormat" in payload:
        several = cast("Json", payload)
        payload, format_ = several.get("schema", {}), str(several["schemaFormat"])
    if "avro" in format_:
        return _Message(payload, message.get("headers", {}), AVRO)
    if any(word in format_ for word in ("protobuf", "raml", "xsd")):
        raise Undecided(f"messages in {format_} are not compared")
    media = str(message.get("contentType", api.get("defaultContentType", _JSON)))
    return _Message(payload, message.get("headers", {}), media.partition(";")[0].strip().lower())
