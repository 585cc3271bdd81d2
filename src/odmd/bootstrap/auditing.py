"""Anchors of the log, as the settings say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from odmd.bootstrap.settings import Settings
from odmd.control.reading.checks import Found
from odmd.errors import AnchorsUnsaid, FileRefused
from odmd.plan.words import clock

if TYPE_CHECKING:
    from odmd.bootstrap.audit_settings import AuditSettings
    from odmd.control.ports.anchors import Anchor, Anchors, Sheets
    from odmd.control.ports.subscribers import Subscriber
    from odmd.store.sql import SqlStore

_LATE: Final = 2
"""So many times as long as between two anchors, what waits for one waits too long."""


def anchors(settings: Settings) -> Anchors | None:
    """None: the settings say nothing of any.

    Raises:
        KeyMissing
    """
    if settings.audit is None:
        return None
    from odmd.store.anchors import AnchorKey, SignedAnchors

    return SignedAnchors(_sheets(settings, settings.audit), AnchorKey(settings.audit.key, settings.audit.key_text))


def _sheets(settings: Settings, audit: AuditSettings) -> Sheets:
    from odmd.bootstrap.audit_settings import BucketSaid

    if not isinstance(where := audit.anchors, BucketSaid):
        from odmd.store.anchors import FileSheets

        return FileSheets(where)
    from odmd.model.targets import Target
    from odmd.providers.aws import Sessions
    from odmd.providers.aws.locked_objects import LockedObjects

    target, sessions = Target(where.account, where.region), Sessions(profiles=settings.profiles)
    return LockedObjects(sessions, target, where.name, where.prefix, where.retain_days)


def anchoring(settings: Settings, store: SqlStore) -> Sequence[Subscriber]:
    """Who writes them while this process leads; nobody, where the settings say nothing of any.

    Raises:
        KeyMissing
    """
    if settings.audit is None or (there := anchors(settings)) is None:
        return ()
    from odmd.control.leading.anchoring import Anchoring
    from odmd.control.leading.state_id import state_id

    return (Anchoring(store, state_id(store), there, settings.audit.every),)


def anchor(settings: Settings) -> Anchor | None:
    """Writes one now; None: there is nothing to anchor yet.

    Raises:
        AnchorsUnsaid, KeyMissing, NothingDeployed
    """
    from odmd.bootstrap.records import refuse_what_is_not_there
    from odmd.bootstrap.state import database
    from odmd.control.leading.anchoring import anchor_now
    from odmd.control.leading.state_id import state_id
    from odmd.store.sql import SqlStore

    if (there := anchors(settings)) is None:
        raise AnchorsUnsaid(
            "nothing says where anchors are written", next_step='write [tool.odmd.audit] anchors = "FILE", key = "FILE"'
        )
    refuse_what_is_not_there(database(settings))
    store = SqlStore(database(settings))
    try:
        return anchor_now(store, state_id(store), there, time.time())
    finally:
        store.close()


def is_relied_on(settings: Settings) -> bool:
    """Whether others than who owns the state look to its log: settings let them in, or tokens were made for them."""
    from odmd.bootstrap.state import database
    from odmd.store.tokens import SqlTokens
    from odmd.store.where import Postgres

    where = database(settings)
    if settings.audit is not None or settings.identities or isinstance(where, Postgres):
        return True
    kept = SqlTokens(where)
    try:
        return bool(kept.all(1))
    finally:
        kept.close()


def standing(settings: Settings) -> Found:
    """Whether somebody who owns the database would be found out: are there anchors, since when, and is their key apart.

    Raises:
        KeyMissing, ToolMissing
    """
    if settings.audit is None or (there := anchors(settings)) is None:
        fact = "no anchors: who owns the database could rewrite the log from some entry on"
        return Found(fact, "note", "write [tool.odmd.audit] anchors and key in pyproject.toml: docs/guides/audit.md")
    kept = there.all()
    if wrong := [f"{one.name}: {one.fault}" for one in kept if one.fault]:
        return Found(f"an anchor proves nothing: {wrong[0]}", "wrong", "`odmd audit verify`, and keep all as it is")
    last = next((one.anchor for one in reversed(kept) if one.anchor is not None), None)
    fact = f"anchored last at position {last.position}, {clock(last.at)}" if last else "nothing was anchored so far"
    if beside := list(_beside(settings, settings.audit)):
        hint = "keep them where who has the state cannot write: another machine, or a bucket with Object Lock"
        return Found(f"{fact}; {' and '.join(beside)} beside the state", "note", hint)
    waits = _unanchored_since(settings, last.position if last else 0)
    if waits is not None and waits + _LATE * settings.audit.every < time.time():
        return Found(
            f"{fact}, and what came after it waits since {clock(waits)}",
            "note",
            "`odmd audit anchor` writes one; a server does so by itself while it leads",
        )
    return Found(fact)


def _unanchored_since(settings: Settings, position: int) -> float | None:
    """When the first entry after this position was written; None: there is none."""
    from odmd.bootstrap.state import database
    from odmd.store.sql import SqlStore

    store = SqlStore(database(settings))
    try:
        return next((one.at for one in store.entries(position, 1)), None)
    finally:
        store.close()


def _beside(settings: Settings, audit: AuditSettings) -> Iterator[str]:
    """What lies in the state's own folder."""
    folder = settings.state.resolve()
    if audit.key.resolve().is_relative_to(folder):
        yield "their key lies"
    if isinstance(audit.anchors, Path) and audit.anchors.resolve().is_relative_to(folder):
        yield "they lie"


def make_key(file: Path) -> str:
    """Makes a key that signs anchors; returns its public half in PEM.

    Raises:
        FileRefused: there is a file.
    """
    from odmd.store.anchors import make_anchor_key

    try:
        return make_anchor_key(file).public
    except FileExistsError:
        raise FileRefused(f"{file} is there already", next_step="name another file: keys are not replaced") from None
