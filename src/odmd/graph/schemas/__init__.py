"""Schemas of messages, items and APIs: what a consumer relies on, held against what is published."""

from odmd.graph.schemas.compare import Comparison
from odmd.graph.schemas.document import Json, Schema, SchemaUnreadable, document
from odmd.graph.schemas.fit import check_document, compared, misfits

__all__ = ["Comparison", "Json", "Schema", "SchemaUnreadable", "check_document", "compared", "document", "misfits"]
