"""ODMD031: the documents that builds and envers name are there."""

from collections.abc import Iterator
from pathlib import Path

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds documents that are not where the declaring file says."""
    for named in draft.documents:
        if not (Path(named.place.file).parent / named.path).is_file():
            yield Diagnostic(
                "ODMD031",
                f"{named.owner} names the document {named.path}, which is not there",
                named.place,
                "write it, by path from this file, or remove its name",
            )
