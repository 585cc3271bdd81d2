"""HTTP APIs (OpenAPI 3): what a client relies on, held against what is served. A client writes requests and reads
answers; of a webhook or a callback it is the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from odmd.graph.schemas.calls import CallParameter, contents, headers, parameters, whole
from odmd.graph.schemas.compare import Comparison, joined, of_values
from odmd.graph.schemas.document import Json, resolved
from odmd.graph.schemas.normal import Undecided
from odmd.graph.schemas.security import more_security

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_NAMED: Final = re.compile(r"\{([^/{}]+)\}")


class Operation(NamedTuple):
    """One of an API."""

    api: Json
    path: str
    said: Json

    def list(self, word: str) -> Sequence[Any]:
        """What it says below a word; nothing where it says nothing."""
        return self.said.get(word, [])

    def map(self, word: str) -> Json:
        """The same of a word below which names stand."""
        return self.said.get(word, {})


def operations(served: Json, relied_on: Json, *, every_answer: bool = False) -> Iterator[Comparison]:
    """Holds each operation that a client calls against the one that is served.

    Args:
        every_answer: a client relies on each answer, those that tell of mistakes included.
    """
    there = {_key(path, method): one for (path, method), one in _operations(served)}
    for path, reference in _elsewhere(relied_on).items():
        yield Comparison(doubts=(f"{path}: {reference} leads out of the document",))
    elsewhere = {_key(path, "") for path in _elsewhere(served)}
    for (path, method), wanted in _operations(relied_on):
        name = f"{method.upper()} {path}"
        if (given := there.get(_key(path, method))) is None:
            said = (f"{name} is not there",)
            yield Comparison(doubts=said) if _key(path, "") in elsewhere else Comparison(said)
            continue
        yield _guarded(_request(given, wanted)).said_of(f"{name}, which the client writes")
        yield _guarded(_answers(given, wanted, every_answer=every_answer)).said_of(f"{name}, which the client reads")
        yield _guarded(_calls_back(given.map("callbacks"), served, wanted.map("callbacks"), relied_on)).said_of(name)
    yield from _webhooks(served, relied_on)
    yield _servers(served, relied_on)


def _guarded(found: Iterator[Comparison]) -> Comparison:
    parts: list[Comparison] = []
    try:
        parts.extend(found)
    except Undecided as undecided:
        parts.append(Comparison(doubts=(str(undecided),)))
    return joined(iter(parts))


def _key(path: str, method: str) -> tuple[str, str]:
    """What a part of a path is called makes no other path of it."""
    return _NAMED.sub("{}", path), method


def _operations(api: Json) -> Iterator[tuple[tuple[str, str], Operation]]:
    for path, item in api.get("paths", {}).items():
        yield from (((path, method), one) for method, one in _of_item(api, path, item))


def _elsewhere(api: Json) -> Mapping[str, str]:
    """Paths whose operations stand in another document → where."""
    found = {path: resolved(api, item).get("$ref") for path, item in api.get("paths", {}).items()}
    return {path: str(reference) for path, reference in found.items() if reference}


def _of_item(api: Json, path: str, item: Any) -> Iterator[tuple[str, Operation]]:
    methods = resolved(api, item)
    shared = methods.get("parameters", [])
    for method, operation in methods.items():
        if method in _METHODS:
            said = {"security": api.get("security", []), **operation}
            yield method, Operation(api, path, {**said, "parameters": [*shared, *operation.get("parameters", [])]})


def _request(given: Operation, wanted: Operation) -> Iterator[Comparison]:
    takes, sends = _parameters(given), _parameters(wanted)
    for key, one in takes.items():
        name = f"{one.where} parameter {one.name}"
        sent = sends.get(key)
        if sent is None:
            if one.is_required:
                yield Comparison((f"{name} is required",))
            continue
        if one.is_required and not sent.is_required:
            yield Comparison((f"{name} is required",))
        if not one.takes(sent):
            yield of_values(sent.schema, wanted.api, one.schema, given.api).said_of(name)
        yield from one.other_than(sent)
    for key in sends.keys() - takes.keys():
        yield Comparison((f"{sends[key].where} parameter {sends[key].name} is not taken",))
    if new := more_security((given.api, given.list("security")), (wanted.api, wanted.list("security"))):
        yield Comparison((f"security {new} is required",))
    yield from _body(wanted, given)


def _body(wanted: Operation, given: Operation) -> Iterator[Comparison]:
    """`wanted` writes it."""
    body, sent = (whole(one.api, one.map("requestBody")) for one in (given, wanted))
    if body.get("required") and not sent.get("required"):
        yield Comparison(("a body is required",))
    yield from contents(sent, wanted.api, body, given.api, "body as ", "readOnly")


def _parameters(operation: Operation) -> Mapping[tuple[str, str], CallParameter]:
    """By where and name; those of a path by their place in it."""
    places = {name: f"{at}" for at, name in enumerate(_NAMED.findall(operation.path))}
    return parameters(operation.api, operation.list("parameters"), places)


def _answers(given: Operation, wanted: Operation, *, every_answer: bool) -> Iterator[Comparison]:
    there, known = (
        {str(code).upper(): one for code, one in of_it.map("responses").items()} for of_it in (given, wanted)
    )
    for code, answer in known.items():
        said = "default" if code == "DEFAULT" else code
        of_it = there.get(code, there.get(f"{code[:1]}XX", there.get("DEFAULT")))
        if of_it is not None:
            yield joined(_answer(of_it, given, answer, wanted)).said_of(said)
        elif (every_answer or code.startswith("2")) and not _is_some(there, code):
            yield Comparison((f"{said} is never answered",))
    for code, answer in there.items():
        if code not in known and (expected := known.get(f"{code[:1]}XX", known.get("DEFAULT"))) is not None:
            yield joined(_answer(answer, given, expected, wanted)).said_of("default" if code == "DEFAULT" else code)


def _is_some(there: Json, code: str) -> bool:
    """Whether one of a class of answers is there."""
    return code.endswith("XX") and any(one.startswith(code[:1]) for one in there)


def _answer(answer: Any, given: Operation, expected: Any, wanted: Operation) -> Iterator[Comparison]:
    has, expects = whole(given.api, answer), whole(wanted.api, expected)
    yield from contents(has, given.api, expects, wanted.api, "", "writeOnly")
    yield from headers(has, given.api, expects, wanted.api)


def _webhooks(served: Json, relied_on: Json) -> Iterator[Comparison]:
    there: Json = served.get("webhooks", {})
    for name, item in relied_on.get("webhooks", {}).items():
        if name not in there:
            yield Comparison((f"webhook {name} is not there",))
            continue
        yield _guarded(_called(there[name], served, item, relied_on)).said_of(f"webhook {name}")


def _calls_back(given: Json, served: Json, wanted: Json, relied_on: Json) -> Iterator[Comparison]:
    for name, callback in wanted.items():
        if name not in given:
            yield Comparison((f"callback {name} is not there",))
            continue
        there = whole(served, given[name])
        for address, item in whole(relied_on, callback).items():
            if address in there:
                yield joined(_called(there[address], served, item, relied_on)).said_of(f"callback {name}")
            else:
                yield Comparison((f"callback {name} does not go to {address}",))


def _called(there: Any, served: Json, item: Any, relied_on: Json) -> Iterator[Comparison]:
    """What is served calls, and the client answers."""
    calls = dict(_of_item(served, "", there))
    for method, expects in _of_item(relied_on, "", item):
        if method not in calls:
            yield Comparison((f"{method.upper()} is not there",))
            continue
        yield from _body(calls[method], expects)
        sent = _parameters(calls[method])
        for key, one in _parameters(expects).items():
            if one.is_required and (key not in sent or not sent[key].is_required):
                yield Comparison((f"{one.where} parameter {one.name} is not there",))


def _servers(served: Json, relied_on: Json) -> Comparison:
    """Who is told an address by its wire goes there; who takes it from the document goes elsewhere."""
    there, known = ({str(one.get("url")) for one in api.get("servers", ())} for api in (served, relied_on))
    gone = sorted(known - there)
    return Comparison(doubts=(f"server {', '.join(gone)} is not listed any more",) if gone and there else ())
