"""The parts of an HTTP call in OpenAPI: parameters, headers, bodies by their media types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from odmd.graph.schemas.compare import Comparison, of_values
from odmd.graph.schemas.document import Json, resolved
from odmd.graph.schemas.normal import Undecided

_NOTHING: Final[Json] = {}
_STYLES: Final[Mapping[str, str]] = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_SAY_NOTHING: Final = frozenset({"type", "title", "description", "default", "example", "examples", "deprecated"})
_NOT_SAID: Final = object()


def whole(api: Json, said: Any) -> Json:
    """What is said, or what it refers to.

    Raises:
        Undecided: that stands in another document, or nowhere.
    """
    found = resolved(api, said)
    if isinstance(found.get("$ref"), str):
        raise Undecided(f"{found['$ref']} leads out of the document")
    if not found and isinstance(said, dict) and "$ref" in said:
        raise Undecided(f"{cast('Json', said)['$ref']} leads nowhere within the document")
    return found


@dataclass(frozen=True, slots=True)
class CallParameter:
    """One of a request."""

    where: str
    name: str
    is_required: bool
    schema: Any
    style: str
    """How a list or an object is written."""
    is_plain: bool
    """It is one value, which each style writes alike."""
    default: object
    """Where it is left out."""
    is_any_text: bool
    """It takes whatever is written in an address or a header."""

    def takes(self, sent: CallParameter) -> bool:
        """Whether it takes each value, whatever the schemas say: a number is written as a text."""
        return self.is_any_text and sent.is_plain

    def other_than(self, sent: CallParameter) -> Iterator[Comparison]:
        """What a client that sends it would be misunderstood in."""
        name = f"{self.where} parameter {self.name}"
        if self.style != sent.style and not (self.is_plain and sent.is_plain):
            yield Comparison((f"{name} is written as {self.style}, not {sent.style}",))
        if self.default != sent.default and not sent.is_required:
            now, was = ("nothing" if one is _NOT_SAID else one for one in (self.default, sent.default))
            yield Comparison(doubts=(f"{name} is {now} where it is left out, not {was}",))


def parameters(api: Json, said: Sequence[Any], places: Mapping[str, str]) -> Mapping[tuple[str, str], CallParameter]:
    """By where and name; those of an operation go before those of its path. Headers are the same in any case.

    Args:
        places: of the parameters of a path, by which they are known, whatever they are called.
    """
    found: dict[tuple[str, str], CallParameter] = {}
    for one in (whole(api, one) for one in said):
        where, name = str(one.get("in")), str(one.get("name"))
        name = name.lower() if where == "header" else name
        if where == "header" and name in ("accept", "content-type", "authorization"):
            continue  # the specification says that these say nothing
        found[where, places.get(name, name) if where == "path" else name] = _parameter(api, one, where, name)
    return found


def _parameter(api: Json, said: Json, where: str, name: str) -> CallParameter:
    style = str(said.get("style", _STYLES.get(where, "form")))
    explode = said.get("explode", style == "form")
    media = next(iter(said.get("content", {})), "")
    schema = schema_of(said)
    inner = resolved(api, schema)
    return CallParameter(
        where=where,
        name=name,
        is_required=said.get("required") is True or where == "path",
        schema=schema,
        style=media or f"{style}{' exploded' if explode else ''}",
        is_plain=not media and inner.get("type") in ("string", "integer", "number", "boolean"),
        default=inner.get("default", _NOT_SAID),
        is_any_text=not media and inner.get("type") == "string" and inner.keys() <= _SAY_NOTHING,
    )


def headers(has: Json, served: Json, expects: Json, relied_on: Json) -> Iterator[Comparison]:
    """Of an answer."""
    there = {name.lower(): one for name, one in has.get("headers", {}).items()}
    for name, header in expects.get("headers", {}).items():
        if name.lower() not in there:
            yield Comparison((f"header {name} is not there",))
            continue
        wanted, given = whole(relied_on, header), whole(served, there[name.lower()])
        if wanted.get("required") and not given.get("required"):
            yield Comparison((f"header {name} is optional",))
        yield of_values(schema_of(given), served, schema_of(wanted), relied_on).said_of(f"header {name}")


def contents(written: Json, theirs: Json, read: Json, mine: Json, what: str, hidden: str) -> Iterator[Comparison]:
    """Media types by which a body goes: for each that is written and read, its schema.

    Args:
        what: what it is, of a request; empty of an answer, which has to be as the client asks for it.
        hidden: `readOnly` of a request, `writeOnly` of an answer: what says so is no part of it.
    """
    sent, taken = _by_media(written), _by_media(read)
    both = [(media, other) for media in sent if (other := _alike(media, taken)) is not None]
    for media, other in both:
        schemas = schema_of(sent[media]), theirs, schema_of(taken[other]), mine
        yield of_values(*schemas, hidden).said_of(f"{what}{media}")
    if what:
        missing = [media for media in sent if _alike(media, taken) is None]
    else:
        missing = [media for media in taken if _alike(media, sent) is None]
    if sent and taken and missing:
        yield Comparison((f"{what}{', '.join(missing)} is not {'taken' if what else 'answered'}",))
    elif taken and not sent and not what:
        yield Comparison(("it has no body",))
    elif sent and not taken and what:
        yield Comparison(("a body is not taken",))


def _by_media(body: Json) -> Json:
    return {_plain(media): one for media, one in body.get("content", {}).items()}


def _plain(media: str) -> str:
    """Without the parameters that say no more of JSON."""
    name, _, more = media.lower().replace(" ", "").partition(";")
    return name if not more or more.startswith("charset=") else f"{name};{more}"


def _alike(media: str, others: Json) -> str | None:
    """The same among others, or the range that it is of."""
    if media in others:
        return media
    ranges = (f"{media.partition('/')[0]}/*", "*/*")
    found = next((one for one in ranges if one in others), None)
    if found is None and media.endswith("/*"):
        within = "" if media == "*/*" else media[:-1]
        found = next((one for one in others if one.startswith(within)), None)
    return found


def schema_of(said: Json) -> Any:
    """Of a parameter, a header or a body."""
    if "schema" in said:
        return said["schema"]
    of_media: Mapping[str, Json] = said.get("content", {})
    return next(iter(of_media.values()), _NOTHING).get("schema", _NOTHING)
