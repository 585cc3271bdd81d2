"""Documents by their digest, compared a pair at a time, and each pair once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from odmd.errors import FormatMissing
from odmd.graph.schemas.compare import Comparison
from odmd.graph.schemas.document import Json, SchemaUnreadable
from odmd.graph.schemas.fit import compared
from odmd.graph.schemas.sorts import SchemaLanguage, sort_of

_ALIKE = Comparison()


class Compared(NamedTuple):
    """What was compared, by digests."""

    written: str
    read: str
    """Empty: what was written then."""
    uses: tuple[str, ...]
    was: str


class Verdicts(Protocol):
    """What was found before, by whichever process."""

    def find(self, of: Compared) -> Comparison | None: ...

    def add(self, of: Compared, found: Comparison) -> None: ...


class Comparer:
    """Compares documents that are kept.

    Args:
        find: the document of a digest; None where it was not kept.
        verdicts: where it is looked for first.
    """

    def __init__(self, find: Callable[[str], Json | None], verdicts: Verdicts | None = None) -> None:
        self._find = find
        self._verdicts = verdicts
        self._known: dict[Compared, Comparison] = {}
        self._documents: dict[str, Json | None] = {}

    def beside(self, documents: Mapping[str, Json]) -> Comparer:
        """The same, which knows some more documents, that nobody keeps."""
        more = Comparer(lambda digest: documents.get(digest) or self.document(digest))
        more._known = self._known
        return more

    def document(self, digest: str) -> Json | None:
        """The document of a digest, looked up once."""
        if digest not in self._documents:
            self._documents[digest] = self._find(digest)
        return self._documents[digest]

    def compare(self, written: str, read: str, uses: tuple[str, ...] = (), was: str = "") -> Comparison:
        """Whether a reader takes what is written.

        Args:
            read: the document that the reader relies on; empty where it has none of its own.
            uses: what of that it uses, or else of what was written when it was deployed.
            was: what was written then.
        """
        if written == read and not uses:
            return _ALIKE
        key = Compared(written, read, uses, "" if read else was)
        if (found := self._known.get(key)) is None:
            found = self._known[key] = self._found(key)
        return found

    def _found(self, key: Compared) -> Comparison:
        if self._verdicts is not None and (known := self._verdicts.find(key)) is not None:
            return known
        writes = self.document(key.written)
        relied_on = self.document(key.read or key.was)
        if writes is None or (relied_on is None and not key.uses):
            return Comparison(doubts=("a document was not kept when it was deployed",))
        try:
            found = compared(writes, _empty(writes) if relied_on is None else relied_on, key.uses)
        except (SchemaUnreadable, FormatMissing) as unreadable:
            return Comparison(doubts=(unreadable.fact,))
        if self._verdicts is not None and (relied_on is not None or not (key.read or key.was)):
            self._verdicts.add(key, found)
        return found


def _empty(like: Json) -> Json:
    """What is used of it has to be there, whatever that is: a document of the same sort without anything, or itself."""
    if sort_of(like) in (SchemaLanguage.GRAPHQL, SchemaLanguage.AVRO, SchemaLanguage.PROTOBUF):
        return like
    return {word: like[word] for word in ("openapi", "asyncapi") if word in like}
