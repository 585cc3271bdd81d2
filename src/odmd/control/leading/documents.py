"""Documents of schemas, each kept once by its digest, and what a source promises: what the contracts said of it when it
was first deployed. What they say later is of sources that come later."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from odmd.control.ports.reads import Documents, Texts
from odmd.control.scheduler.codec import Body
from odmd.control.scheduler.events import RunStarted
from odmd.graph import EnverNode, Graph, digest
from odmd.graph.schemas import Json

if TYPE_CHECKING:
    from odmd.graph.difference import Edition

_SOURCES: Final = 50
"""Of a build, the newest that are listed."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the contracts said of a source of a build."""

    schemas: dict[str, str]
    """Lasting name of a schema → digest of its document."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A source of a build that was deployed."""

    source: str
    commit: str
    enver: str
    """The first that it was deployed as."""
    run: int


@dataclass(frozen=True, slots=True)
class _Listed:
    sources: list[Deployed] = field(default_factory=list[Deployed])
    """Newest first."""


_SAID: Final = Body(Said)
_LISTED: Final = Body(_Listed)
_NAMES: Final = Body(dict[str, str])


def digests(documents: Mapping[str, Json]) -> Mapping[str, str]:
    """Of each document, under its name."""
    return {name: digest(one) for name, one in documents.items()}


def keep_documents(documents: Documents, edition: Edition) -> None:
    """Keeps the documents of an edition that is put in force, for the runs that begin under it."""
    names = dict(digests(edition.documents))
    name, text = _in_force(edition.graph.digest()), _NAMES.encode(names)
    if documents.get(name) == text:
        return
    for schema, of_it in names.items():
        if documents.get(_document(of_it)) is None:
            documents.put(_document(of_it), json.dumps(edition.documents[schema], sort_keys=True))
    documents.put(name, text)


def keep_said(documents: Documents, graph: Graph, run: RunStarted) -> None:
    """Keeps what an edition says of the source that a run brings its enver to, as far as nothing was said before."""
    node = graph.envers[run.enver]
    names = set(_schemas(node))
    if not names or not (in_force := documents.get(_in_force(graph.digest()))):
        return
    source, now = run.fingerprint.source, _NAMES.decode(in_force)
    before = find_said(documents, node.build, source)
    said = {**{name: now[name] for name in sorted(names) if name in now}, **(before or {})}
    if said != before:
        documents.put(_said(node.build, source), _SAID.encode(Said(said)))
    if not before:
        one = Deployed(source, run.fingerprint.commit, run.enver, run.run)
        others = [known for known in find_sources(documents, node.build) if known.source != source]
        documents.put(_sources(node.build), _LISTED.encode(_Listed([one, *others][:_SOURCES])))


def find_said(texts: Texts, build: str, source: str) -> Mapping[str, str] | None:
    """Lasting name → digest, as the contracts had it when this source was first deployed; None: it never was, or before
    that was kept."""
    text = texts.get(_said(build, source))
    return _SAID.decode(text).schemas if text else None


def find_sources(texts: Texts, build: str) -> Sequence[Deployed]:
    """The sources of a build that were deployed, the newest first."""
    text = texts.get(_sources(build))
    return _LISTED.decode(text).sources if text else ()


def find_document(texts: Texts, of_it: str) -> Json | None:
    """A document by its digest."""
    text = texts.get(_document(of_it))
    found: Any = json.loads(text) if text else None
    return found


def _schemas(node: EnverNode) -> Iterator[str]:
    yield from (one.schema for one in node.products if one.schema)
    yield from (one.schema for one in node.wires if one.schema)


def _in_force(contracts: str) -> str:
    return f"documents/{contracts}"


def _document(of_it: str) -> str:
    return f"document/{of_it}"


def _said(build: str, source: str) -> str:
    return f"said/{build}/{source}"


def _sources(build: str) -> str:
    return f"sources/{build}"
