"""How views call things: kinds, products, revisions, numbers."""

from __future__ import annotations

import re
from typing import Final

from odmd.graph.nodes import EnverNode
from odmd.model import naming
from odmd.model.kinds import Concern, Kind

_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def kind_label(kind: str) -> str:
    """`odmd.model.kinds.web:HttpApi` as `HttpApi`."""
    return kind.rpartition(":")[2]


def concern_of(kind: type[Kind] | None) -> Concern:
    """What a kind is about; data, where nobody says."""
    return kind.concern if kind is not None else Concern.DATA


def revision_label(enver: EnverNode) -> str:
    """`branch main`, `tag v1.0.0`, `promoted from orders@main`."""
    if origin := enver.promoted_from:
        return f"promoted from {naming.enver_label(origin)}"
    kind, _, name = enver.revision.partition(":")
    return f"{kind} {name}"


def plural(count: int, noun: str) -> str:
    """`1 wire`, `2 wires`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def xml_text(said: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NO_XML.sub("�", said)
