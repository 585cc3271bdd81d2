"""Anchors of the log, as the settings say."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from odmd.bootstrap.settings import Settings
from odmd.errors import AnchorsUnsaid, FileRefused

if TYPE_CHECKING:
    from odmd.bootstrap.audit_settings import AuditSettings
    from odmd.control.ports.anchors import Anchor, Anchors, Sheets
    from odmd.control.ports.subscribers import Subscriber
    from odmd.store.sql import SqlStore


def anchors(settings: Settings) -> Anchors | None:
    """None: the settings say nothing of any.

    Raises:
        KeyMissing
    """
    if settings.audit is None:
        return None
    from odmd.store.anchors import AnchorKey, SignedAnchors

    return SignedAnchors(_sheets(settings, settings.audit), AnchorKey(settings.audit.key))


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
