"""What sort of document a schema is. What is no JSON by itself is kept as JSON under the name of its sort."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from odmd.graph.schemas.kept import AVRO, GRAPHQL, PROTOBUF, Json


class SchemaLanguage(StrEnum):
    """The languages that schemas are written in."""

    JSON_SCHEMA = "JSON Schema"
    OPENAPI = "OpenAPI"
    ASYNCAPI = "AsyncAPI"
    GRAPHQL = "GraphQL"
    AVRO = "Avro"
    PROTOBUF = "Protobuf"
    PACT = "Pact"


def sort_of(document: Json) -> SchemaLanguage:
    """Of a document as it is kept."""
    if len(document) == 1:
        for word, sort in (
            (GRAPHQL, SchemaLanguage.GRAPHQL),
            (AVRO, SchemaLanguage.AVRO),
            (PROTOBUF, SchemaLanguage.PROTOBUF),
        ):
            if word in document:
                return sort
    if "openapi" in document:
        return SchemaLanguage.OPENAPI
    if "asyncapi" in document:
        return SchemaLanguage.ASYNCAPI
    is_pact = _is_named(document, "consumer") and _is_named(document, "provider")
    return (
        SchemaLanguage.PACT
        if is_pact and ("interactions" in document or "messages" in document)
        else SchemaLanguage.JSON_SCHEMA
    )


def _is_named(document: Json, who: str) -> bool:
    said: Any = document.get(who)
    return isinstance(said, dict) and "name" in said
