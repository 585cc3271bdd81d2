"""Keeps documents of schemas and those that people read, and what a source promises: what the contracts said of it when
it was first deployed. What they say later is of sources that come later."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from odmd.control.ports.reads import Documents
from odmd.control.reading.documents import (
    LISTED,
    SAID,
    DeployedSource,
    ListedSources,
    SourceSaid,
    document_name,
    find_said,
    find_sources,
    said_name,
    sources_name,
)
from odmd.control.scheduler.codec import Body
from odmd.control.scheduler.events import RunStarted
from odmd.graph import EnverNode, Graph, digest
from odmd.graph.schemas import Json
from odmd.model import naming

if TYPE_CHECKING:
    from odmd.graph import Compiled
    from odmd.graph.difference import Edition

_SOURCES: Final = 50
"""Of a build, the newest that are listed."""


@dataclass(frozen=True, slots=True)
class _InForce:
    """The digests of what an edition says."""

    schemas: dict[str, str]
    named: dict[str, dict[str, str]]


_IN_FORCE: Final = Body(_InForce)


def digests(documents: Mapping[str, Json]) -> Mapping[str, str]:
    """Of each document, under its name."""
    return {name: digest(one) for name, one in documents.items()}


def keep_what_is_said(documents: Documents, compiled: Compiled) -> None:
    """The same of contracts as they were loaded; of those that say nothing, nothing."""
    if compiled.schemas or compiled.documents:
        from odmd.graph.difference import edition

        keep_documents(documents, edition(compiled))


def keep_documents(documents: Documents, edition: Edition) -> None:
    """Keeps the documents of an edition that is put in force, for the runs that begin under it."""
    schemas = dict(digests(edition.documents))
    named = {owner: {path: digest(text) for path, text in of_it.items()} for owner, of_it in edition.texts.items()}
    name, text = _in_force(edition.graph.digest()), _IN_FORCE.encode(_InForce(schemas, named))
    if documents.get(name) == text:
        return
    for schema, of_it in schemas.items():
        _keep(documents, of_it, json.dumps(edition.documents[schema], sort_keys=True))
    for owner, paths in named.items():
        for path, of_it in paths.items():
            _keep(documents, of_it, edition.texts[owner][path])
    documents.put(name, text)


def _keep(documents: Documents, of_it: str, text: str) -> None:
    if documents.get(document_name(of_it)) is None:
        documents.put(document_name(of_it), text)


def keep_said(documents: Documents, graph: Graph, run: RunStarted) -> None:
    """Keeps what an edition says of the source that a run brings its enver to: of schemas what was not said before."""
    if not (text := documents.get(_in_force(graph.digest()))):
        return
    node, source, in_force = graph.envers[run.enver], run.fingerprint.source, _IN_FORCE.decode(text)
    before = find_said(documents, node.build, source)
    now = {name: in_force.schemas[name] for name in sorted(set(_schemas(node))) if name in in_force.schemas}
    owners = (f"build {node.build}", naming.enver_label(node.address))
    named = {owner: in_force.named[owner] for owner in owners if owner in in_force.named}
    if not now and not named:
        return
    said = SourceSaid({**now, **before.schemas}, {**before.documents, **named}) if before else SourceSaid(now, named)
    if said != before:
        documents.put(said_name(node.build, source), SAID.encode(said))
    if not before:
        one = DeployedSource(source, run.fingerprint.commit, run.enver, run.run)
        others = [known for known in find_sources(documents, node.build) if known.source != source]
        documents.put(sources_name(node.build), LISTED.encode(ListedSources([one, *others][:_SOURCES])))


def _schemas(node: EnverNode) -> Iterator[str]:
    yield from (one.schema for one in node.products if one.schema)
    yield from (one.schema for one in node.wires if one.schema)


def _in_force(contracts: str) -> str:
    return f"documents/{contracts}"
