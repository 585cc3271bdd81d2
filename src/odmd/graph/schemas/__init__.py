"""Schemas of messages, items and APIs: what a consumer relies on, held against what is published."""

from odmd.graph.schemas.compare import Comparison, compared, misfits
from odmd.graph.schemas.document import Json, Schema, SchemaUnreadable, document

__all__ = ["Comparison", "Json", "Schema", "SchemaUnreadable", "compared", "document", "misfits"]
