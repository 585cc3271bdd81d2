"""Documents that are kept: each once by its digest, and by the source that they are of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from odmd.control.ports.reads import Texts
from odmd.control.scheduler.codec import Body
from odmd.control.scheduler.envers import Enver
from odmd.errors import DocumentUnknown
from odmd.graph.schemas import Json
from odmd.model import naming

SCHEMA: Final = "schema"


@dataclass(frozen=True, slots=True)
class SourceSaid:
    """What the contracts said of a source of a build."""

    schemas: dict[str, str]
    """Lasting name of a schema → digest of its document, when the source was first deployed."""
    documents: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Owner (`build orders`, `orders@main`) → path of a document → digest, when it was last deployed."""


@dataclass(frozen=True, slots=True)
class DeployedSource:
    """A source of a build that was deployed."""

    source: str
    commit: str
    enver: str
    """The first that it was deployed as."""
    run: int


@dataclass(frozen=True, slots=True)
class ListedSources:
    """The sources of a build."""

    sources: list[DeployedSource] = field(default_factory=list[DeployedSource])
    """Newest first."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document of what an enver runs."""

    name: str
    of: str
    """`schema`, or who names it: `build orders`, `orders@main`."""
    digest: str


SAID: Final = Body(SourceSaid)
LISTED: Final = Body(ListedSources)


def find_said(texts: Texts, build: str, source: str) -> SourceSaid | None:
    """What was said of a source; None: it was never deployed, or before that was kept."""
    text = texts.get(said_name(build, source))
    return SAID.decode(text) if text else None


def find_sources(texts: Texts, build: str) -> Sequence[DeployedSource]:
    """The sources of a build that were deployed, the newest first."""
    text = texts.get(sources_name(build))
    return LISTED.decode(text).sources if text else ()


def find_document(texts: Texts, of_it: str) -> Json | None:
    """The document of a schema by its digest."""
    text = texts.get(document_name(of_it))
    found: Any = json.loads(text) if text else None
    return found


def documents_of(texts: Texts, enver: Enver) -> Sequence[DocumentView]:
    """Those of what an enver runs: named ones first."""
    build = enver.address.partition("/")[0]
    said = find_said(texts, build, enver.deployed.source) if enver.deployed else None
    return list(_views(said, enver.address)) if said else []


def _views(said: SourceSaid, enver: str) -> Iterator[DocumentView]:
    owners = (f"build {enver.partition('/')[0]}", naming.enver_label(enver))
    for owner in owners:
        for path, of_it in said.documents.get(owner, {}).items():
            yield DocumentView(path, owner, of_it)
    for name, of_it in said.schemas.items():
        yield DocumentView(name, SCHEMA, of_it)


def text_of(texts: Texts, enver: Enver, name: str) -> str:
    """A document of what an enver runs, by its name, or the end of it.

    Raises:
        DocumentUnknown
    """
    there = documents_of(texts, enver)
    ends = (f"/{name}", f":{name}")
    found = [one for one in there if one.name == name] or [one for one in there if one.name.endswith(ends)]
    if len({one.digest for one in found}) != 1:
        label, names = naming.enver_label(enver.address), ", ".join(one.name for one in there)
        raise DocumentUnknown(
            f"{label} has {'several documents' if found else 'no document'} {name}",
            next_step=f"it has {names}" if names else "documents are kept from the next deployment on",
        )
    return _text(texts, found[0])


def _text(texts: Texts, one: DocumentView) -> str:
    text = texts.get(document_name(one.digest))
    if text is None:
        raise DocumentUnknown(f"{one.name} is not kept any more", next_step="deploy its enver again")
    return f"{json.dumps(json.loads(text), indent=2)}\n" if one.of == SCHEMA else text


def document_name(of_it: str) -> str:
    """What a document is kept as."""
    return f"document/{of_it}"


def said_name(build: str, source: str) -> str:
    """What is kept of a source under."""
    return f"said/{build}/{source}"


def sources_name(build: str) -> str:
    """What sources of a build are listed under."""
    return f"sources/{build}"


def schemas_of(said: SourceSaid | None) -> Mapping[str, str]:
    """Lasting name → digest; nothing where nothing was said."""
    return said.schemas if said else {}
