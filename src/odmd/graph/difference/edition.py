"""One version of an organisation's contracts, as data that outlives the process which loaded them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from odmd.graph.compile import Compiled
from odmd.graph.draft import lasting_name
from odmd.graph.named import texts
from odmd.graph.nodes import Graph
from odmd.graph.schemas import Json, SchemaUnreadable, document
from odmd.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of an organisation's contracts, with what comparing it needs."""

    graph: Graph
    documents: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """JSON documents of schemas, by lasting name; without those that cannot be read."""
    lineage: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The kinds that a kind is a subclass of; all by lasting name."""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """Of documents that people read: owner → path → text. They are compared by nobody."""


def edition(compiled: Compiled) -> Edition:
    """What compiled contracts say; to be called in the process that loaded them, or with what it told."""
    documents: dict[str, Json] = {}
    schemas = {**_config_schemas(compiled), **compiled.schemas}
    for name, schema in schemas.items():
        try:
            documents[name] = document(schema)
        except (SchemaUnreadable, NameError):
            continue  # a rule says so of messages; of configs their names are compared
    lineage = {name: tuple(map(lasting_name, _ancestors(kind))) for name, kind in compiled.kinds.items()}
    return Edition(compiled.graph, documents, lineage, texts(compiled.documents))


def with_some_of(before: Edition, after: Edition, of_before: Collection[str]) -> Edition:
    """The later edition, with what the earlier one says of some envers."""
    kept = {enver: before.graph.envers[enver] for enver in of_before}
    if not kept:
        return after
    graph = replace(after.graph, envers={**after.graph.envers, **kept})
    return Edition(graph, {**after.documents, **before.documents}, {**after.lineage, **before.lineage})


def _config_schemas(compiled: Compiled) -> Mapping[str, type[Any]]:
    """The types of private settings, which no wire and no product speaks of, by lasting name."""
    names = {config.schema for enver in compiled.graph.envers.values() for config in enver.configs}
    names -= compiled.schemas.keys()
    return {name: found for name in sorted(names) if (found := _loaded(name))}


def _loaded(name: str) -> type[Any] | None:
    """The class of a lasting name, in a module that is loaded; none if it is local to a function."""
    module, _, path = name.partition(":")
    found: object = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None


def _ancestors(kind: type[Kind]) -> Iterator[type[Kind]]:
    return (base for base in kind.__mro__[1:] if issubclass(base, Kind) and base is not Kind)
