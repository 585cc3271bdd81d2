"""Whose repository, branch or tag cannot be read, since when and why: seen by whoever plans, kept beside the log.

It is what the last look at each enver found. Nothing is decided from it: a plan looks itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Final

from odmd.control.ports.reads import Documents, Texts
from odmd.errors import OdmdError
from odmd.plan import Unreadable

NAME: Final = "unreadable"


def unreadable(documents: Texts) -> Mapping[str, Unreadable]:
    """By enver."""
    return {one["enver"]: Unreadable(**one) for one in json.loads(documents.get(NAME) or "[]")}


def noted(
    documents: Documents | None,
    declared: Collection[str],
    looked_at: Collection[str],
    failures: Mapping[str, OdmdError],
    now: float,
) -> tuple[Unreadable, ...]:
    """Those that could not be read, since when; noted where there is a store. Who left the contracts is forgotten."""
    before = unreadable(documents) if documents else dict[str, Unreadable]()
    found = {
        enver: Unreadable(enver, before[enver].since if enver in before else now, why.code, why.fact, why.next_step)
        for enver, why in failures.items()
    }
    kept = {enver: one for enver, one in before.items() if enver in declared and enver not in looked_at}
    if documents and (after := {**kept, **found}) != before:
        documents.put(NAME, json.dumps([asdict(after[enver]) for enver in sorted(after)]))
    return tuple(found.values())
