"""How a schema is kept: as JSON. What is none by itself stands below the one word that names its sort."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from odmd.errors import ContractsNotLoaded, FormatMissing

Json = Mapping[str, Any]
GRAPHQL, AVRO, PROTOBUF = "graphql", "avro", "protobuf"


class SchemaUnreadable(ContractsNotLoaded):
    """A schema document is not there, or is none."""


def library(module: str, sort: str) -> None:
    """Refuses to go on without the library that a sort of schemas needs.

    Raises:
        FormatMissing
    """
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise FormatMissing(
            f"schemas in {sort} need the library {module}", next_step="pip install 'ondemandenv[schemas]'"
        )
