"""ODMD036: zones are delegated once, in lower case."""

import re
from collections.abc import Iterator, Mapping

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model import Wire
from odmd.model.kinds import Kind, NameServers


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds hub keys of name servers that are no DNS name, or that lie within one another."""
    for enver in draft.organisation.envers:
        for name, kind in type(enver).declaration.hubs.items():
            if not issubclass(kind, NameServers):
                continue
            wires: Mapping[str, Wire[Kind]] = getattr(enver, name).wires()
            for key, wire in wires.items():
                if not _ZONE.fullmatch(key):
                    fact, hint = "is no DNS name in lower case", "use letters, digits, - and . in lower case"
                elif (around := next((other for other in wires if key.endswith(f".{other}")), None)) is not None:
                    fact, hint = f"lies within {around!r}, which is delegated, too", f"delegate it in {around}"
                else:
                    continue
                yield Diagnostic("ODMD036", f"{enver}: zone {key!r} of `{name}` {fact}", wire.place, hint)


_ZONE = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*")
