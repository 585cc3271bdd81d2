"""Whether what a consumer relies on is what is published, whatever sort of schema says it."""

from __future__ import annotations

from collections.abc import Sequence

from odmd.graph.schemas.apis import channels, operations
from odmd.graph.schemas.compare import Comparison, joined, of_values
from odmd.graph.schemas.document import Json, SchemaUnreadable


def compared(written: Json, read: Json) -> Comparison:
    """Holds what a writer promises (JSON Schema, OpenAPI, AsyncAPI) against what its reader relies on.

    Raises:
        SchemaUnreadable: one of them is malformed.
    """
    try:
        if "openapi" in written or "openapi" in read:
            return joined(operations(written, read))
        if "asyncapi" in written or "asyncapi" in read:
            return joined(channels(written, read))
        return of_values(written, written, read, read)
    except (TypeError, AttributeError, KeyError) as wrong:
        raise SchemaUnreadable(f"one of the schemas is malformed: {wrong}") from wrong


def misfits(written: Json, read: Json) -> Sequence[str]:
    """What does not fit, and of what nobody can tell."""
    found = compared(written, read)
    return [*found.misfits, *(f"perhaps: {doubt}" for doubt in found.doubts)]
