"""APIs: what a client relies on, held against what is served. A client writes requests and reads answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from odmd.graph.schemas.compare import Comparison, joined, of_values
from odmd.graph.schemas.document import Json, resolved

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_NOTHING: Final[Json] = {}


def operations(served: Json, relied_on: Json) -> Iterator[Comparison]:
    """Holds each operation that a client calls against the one that is served."""
    there = dict(_operations(served))
    for operation, wanted in _operations(relied_on):
        if operation not in there:
            yield Comparison((f"{operation} is not there",))
            continue
        given = there[operation]
        yield joined(_request(served, given, relied_on, wanted)).said_of(f"{operation}, which the client writes")
        yield joined(_answers(served, given, relied_on, wanted)).said_of(f"{operation}, which the client reads")


def _operations(api: Json) -> Iterator[tuple[str, Json]]:
    for path, item in api.get("paths", {}).items():
        methods = resolved(api, item)
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method in _METHODS:
                said = {"security": api.get("security", []), **operation}
                yield f"{method.upper()} {path}", {**said, "parameters": [*shared, *operation.get("parameters", [])]}


def _request(served: Json, given: Json, relied_on: Json, wanted: Json) -> Iterator[Comparison]:
    takes, sends = _parameters(served, given), _parameters(relied_on, wanted)
    for key, one in takes.items():
        name = f"{key[0]} parameter {key[1]}"
        if key not in sends:
            if one.get("required"):
                yield Comparison((f"{name} is required",))
            continue
        if one.get("required") and not sends[key].get("required"):
            yield Comparison((f"{name} is required",))
        yield of_values(_schema(sends[key]), relied_on, _schema(one), served).said_of(name)
    for key in sends.keys() - takes.keys():
        yield Comparison((f"{key[0]} parameter {key[1]} is not taken",))
    if new := _more_security(given, wanted):
        yield Comparison((f"security {new} is required",))
    body, sent = resolved(served, given.get("requestBody", {})), resolved(relied_on, wanted.get("requestBody", {}))
    if body.get("required") and not sent.get("required"):
        yield Comparison(("a body is required",))
    yield from _contents(sent, relied_on, body, served, "body as ")


def _more_security(given: Json, wanted: Json) -> str:
    """One of the alternatives that a client uses has to be enough."""
    asked, used = _alternatives(given), _alternatives(wanted)
    if any(needs <= has for has in used for needs in asked):
        return ""
    return " or ".join(" and ".join(sorted(one)) for one in asked)


def _alternatives(operation: Json) -> Sequence[set[str]]:
    """Names of security schemes that are enough together, each way; nothing said needs none."""
    ways: Sequence[Mapping[str, Any]] = operation["security"]
    return [set(one) for one in ways] or [set()]


def _answers(served: Json, given: Json, relied_on: Json, wanted: Json) -> Iterator[Comparison]:
    there: Json = given.get("responses", {})
    for status, answer in wanted.get("responses", {}).items():
        code = str(status)
        of_it = there.get(status, there.get(code, there.get(f"{code[:1]}XX", there.get("default"))))
        if of_it is None:
            yield Comparison((f"{code} is never answered",))
            continue
        has, expects = resolved(served, of_it), resolved(relied_on, answer)
        yield joined(_contents(has, served, expects, relied_on, "")).said_of(code)
        yield joined(_headers(has, served, expects, relied_on)).said_of(code)


def _headers(has: Json, served: Json, expects: Json, relied_on: Json) -> Iterator[Comparison]:
    there = {name.lower(): resolved(served, one) for name, one in has.get("headers", {}).items()}
    for name, header in expects.get("headers", {}).items():
        wanted, given = resolved(relied_on, header), there.get(name.lower())
        if given is None:
            yield Comparison((f"header {name} is not there",))
            continue
        if wanted.get("required") and not given.get("required"):
            yield Comparison((f"header {name} is optional",))
        yield of_values(_schema(given), served, _schema(wanted), relied_on).said_of(f"header {name}")


def _contents(written: Json, theirs: Json, read: Json, mine: Json, what: str) -> Iterator[Comparison]:
    """Media types by which a body goes: for each that is written and read, its schema."""
    sent, taken = written.get("content", {}), read.get("content", {})
    both = [media for media in sent if media in taken]
    for media in both:
        yield of_values(_schema(sent[media]), theirs, _schema(taken[media]), mine).said_of(f"{what}{media}")
    if sent and taken and len(both) < len(sent if what else taken):
        missing = [media for media in (sent if what else taken) if media not in both]
        yield Comparison((f"{what}{', '.join(missing)} is not {'taken' if what else 'answered'}",))
    elif taken and not sent and not what:
        yield Comparison(("it has no body",))
    elif sent and not taken and what:
        yield Comparison(("a body is not taken",))


def _parameters(api: Json, operation: Json) -> Mapping[tuple[str, str], Json]:
    """By where and name; those of an operation go before those of its path. Headers are the same in any case."""
    found = [resolved(api, one) for one in operation["parameters"]]
    named = [(str(one.get("in")), str(one.get("name")), one) for one in found]
    return {(where, name.lower() if where == "header" else name): one for where, name, one in named}


def _schema(of: Json) -> Any:
    if "schema" in of:
        return of["schema"]
    contents: Mapping[str, Json] = of.get("content", {})
    return next(iter(contents.values()), _NOTHING).get("schema", _NOTHING)


def channels(written: Json, read: Json) -> Iterator[Comparison]:
    """Holds the messages of each channel against each other."""
    there = dict(_payloads(written))
    for channel, payloads in _payloads(read):
        if channel not in there:
            yield Comparison((f"channel {channel} is not there",))
            continue
        yield of_values({"anyOf": there[channel]}, written, {"anyOf": payloads}, read).said_of(f"channel {channel}")


def _payloads(api: Json) -> Iterator[tuple[str, Sequence[Any]]]:
    """The payloads of each channel, of AsyncAPI 2 and 3."""
    for name, channel in api.get("channels", {}).items():
        found = list(channel.get("messages", {}).values())
        for operation in ("publish", "subscribe"):
            message = channel.get(operation, {}).get("message", {})
            found += message.get("oneOf", [message] if message else [])
        yield name, [resolved(api, message).get("payload", {}) for message in found]
