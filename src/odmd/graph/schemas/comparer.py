"""Documents by their digest, compared a pair at a time, and each pair once."""

from __future__ import annotations

from collections.abc import Callable

from odmd.errors import FormatMissing
from odmd.graph.schemas.compare import Comparison
from odmd.graph.schemas.document import Json, SchemaUnreadable
from odmd.graph.schemas.fit import compared
from odmd.graph.schemas.sorts import SchemaLanguage, sort_of

_ALIKE = Comparison()


class Comparer:
    """Compares documents that are kept.

    Args:
        find: the document of a digest; None where it was not kept.
    """

    def __init__(self, find: Callable[[str], Json | None]) -> None:
        self._find = find
        self._known: dict[tuple[str, str, tuple[str, ...], str], Comparison] = {}
        self._documents: dict[str, Json | None] = {}

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
        key = (written, read, uses, "" if read else was)
        if (found := self._known.get(key)) is None:
            found = self._known[key] = self._compared(*key)
        return found

    def _compared(self, written: str, read: str, uses: tuple[str, ...], was: str) -> Comparison:
        writes = self.document(written)
        relied_on = self.document(read or was)
        if writes is None or (relied_on is None and not uses):
            return Comparison(doubts=("a document was not kept when it was deployed",))
        try:
            return compared(writes, _empty(writes) if relied_on is None else relied_on, uses)
        except (SchemaUnreadable, FormatMissing) as unreadable:
            return Comparison(doubts=(unreadable.fact,))


def _empty(like: Json) -> Json:
    """What is used of it has to be there, whatever that is: a document of the same sort without anything, or itself."""
    if sort_of(like) in (SchemaLanguage.GRAPHQL, SchemaLanguage.AVRO, SchemaLanguage.PROTOBUF):
        return like
    return {word: like[word] for word in ("openapi", "asyncapi") if word in like}
