"""Whether what a consumer relies on is what is published, whatever sort of schema says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from odmd.graph.schemas import avro, graph_ql
from odmd.graph.schemas.apis import operations
from odmd.graph.schemas.avro import resolved_by
from odmd.graph.schemas.channels import channels
from odmd.graph.schemas.compare import Comparison, joined, of_documents, of_values
from odmd.graph.schemas.document import Json, SchemaUnreadable
from odmd.graph.schemas.graph_ql import served
from odmd.graph.schemas.kept import GRAPHQL
from odmd.graph.schemas.pact import relied_on
from odmd.graph.schemas.protobuf import understood
from odmd.graph.schemas.sorts import SchemaLanguage, sort_of
from odmd.graph.schemas.used import cut


def compared(written: Json, read: Json, uses: Sequence[str] = ()) -> Comparison:
    """Holds what a writer promises against what its reader relies on, or as far as he uses it.

    Raises:
        SchemaUnreadable: one of them is malformed.
        FormatMissing: their language needs a library that is not installed.
    """
    try:
        with of_documents():
            return _compared(written, read, uses)
    except (TypeError, AttributeError, KeyError, RecursionError) as wrong:
        raise SchemaUnreadable(f"one of the schemas is malformed: {wrong}") from wrong


def _compared(written: Json, read: Json, uses: Sequence[str]) -> Comparison:
    given, wanted = sort_of(written), sort_of(read)
    if wanted is SchemaLanguage.PACT:
        return joined(_in_one_way(written, ways) for ways in relied_on(read, written))
    if given is not wanted and not {given, wanted} <= _JSON:
        return Comparison((f"it is {given}, not {wanted}",))
    match wanted:
        case SchemaLanguage.GRAPHQL:
            return served(written, read, uses)
        case SchemaLanguage.AVRO:
            return resolved_by(written, read, uses)
        case SchemaLanguage.PROTOBUF:
            return understood(written, read, uses)
        case _:
            return _of_json(written, cut(read, uses) if uses else read)


def _in_one_way(written: Json, ways: Sequence[Json]) -> Comparison:
    return min(
        (_of_json(written, one, every_answer=True) for one in ways),
        key=lambda found: len(found.misfits),
        default=Comparison(),
    )


def _of_json(written: Json, read: Json, *, every_answer: bool = False) -> Comparison:
    if "swagger" in written or "swagger" in read:
        return Comparison(doubts=("Swagger 2 is not compared: make OpenAPI 3 of it",))
    if "openapi" in written or "openapi" in read:
        return joined(operations(written, read, every_answer=every_answer))
    if "asyncapi" in written or "asyncapi" in read:
        return joined(channels(written, read))
    return of_values(written, written, read, read)


_JSON: Final = {SchemaLanguage.JSON_SCHEMA, SchemaLanguage.OPENAPI, SchemaLanguage.ASYNCAPI}


def check_document(schema: Json) -> None:
    """Whether a document is what its sort asks for, as far as that is known without comparing it.

    Raises:
        SchemaUnreadable, FormatMissing
    """
    match sort_of(schema):
        case SchemaLanguage.GRAPHQL:
            graph_ql.check(str(schema[GRAPHQL]))
        case SchemaLanguage.AVRO:
            avro.checked(schema)
        case _:
            pass


def misfits(written: Json, read: Json, uses: Sequence[str] = ()) -> Sequence[str]:
    """What does not fit, and of what nobody can tell."""
    found = compared(written, read, uses)
    return [*found.misfits, *(f"perhaps: {doubt}" for doubt in found.doubts)]
