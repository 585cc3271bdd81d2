"""When the head of each enver's branch or tag was last read, whether it had moved or not; kept beside the log, in one
small document in which those that were read together stand together."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Final

from odmd.control.ports.reads import Documents, Texts

NAME: Final = "heads/read"


def heads_read(texts: Texts) -> Mapping[str, float]:
    """Enver → when."""
    said: list[tuple[float, list[str]]] = json.loads(texts.get(NAME) or "[]")
    return {enver: at for at, envers in said for enver in envers}


def note_heads_read(documents: Documents, envers: Collection[str], declared: Collection[str], at: float) -> None:
    """They were read just now; who left the contracts is forgotten."""
    if not envers:
        return
    now = {**heads_read(documents), **dict.fromkeys(envers, at)}
    together: dict[float, list[str]] = {}
    for enver in sorted(one for one in now if one in declared):
        together.setdefault(now[enver], []).append(enver)
    documents.put(NAME, json.dumps(list(together.items())))
