"""As whom odmd is known elsewhere, and what it was told there: in each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from odmd.control.ports.hosts import Hint
from odmd.control.scheduler.actor import AccessChange
from odmd.control.scheduler.messages import NoteAccess
from odmd.errors import KeyMissing, SettingsDamaged
from odmd.store.credentials import SqlCredentials
from odmd.store.deliveries import SqlDeliveries
from odmd.store.key_file import make_key_file
from odmd.store.schema import credentials
from odmd.store.sealing import KeyRing
from odmd.store.sql import SqlStore
from odmd.store.where import Where
from support.actors import somebody

ADA = somebody("ada")


@pytest.fixture
def store(where: Where) -> Iterator[SqlStore]:
    made = SqlStore(where)
    yield made
    made.close()


def kept(store: SqlStore, key: Path) -> SqlCredentials:
    return SqlCredentials(store.database, KeyRing(store.database, lambda: make_key_file(key)))


class TestCredentials:
    def test_they_are_sealed_replaced_and_told(self, store: SqlStore, tmp_path: Path) -> None:
        ours = kept(store, tmp_path / "key")
        assert ours.get("github") is None
        ours.put("github", "a private key", "App 7", ADA, 1.0)
        ours.put("github", "another private key", "App 8", ADA, 2.0)
        assert kept(store, tmp_path / "key").get("github") == "another private key"
        with store.database.reading() as connection:
            (row,) = connection.execute(credentials.select()).all()
        assert b"private" not in row.sealed
        told = [one.message for one in store.pending(9)]
        change = AccessChange.CREDENTIALS_KEPT
        assert told == [
            NoteAccess(change, f"github/{at}.000", f"credentials kept: App {n}", ADA) for n, at in ((7, 1), (8, 2))
        ]

    def test_what_was_sealed_for_another_place_is_not_opened(self, store: SqlStore, tmp_path: Path) -> None:
        ours = kept(store, tmp_path / "key")
        ours.put("github", "a private key", "App 7", ADA, 1.0)
        with store.database.writing() as connection:
            connection.execute(credentials.update().values(name="elsewhere"))
        with pytest.raises(SettingsDamaged):
            ours.get("elsewhere")

    def test_without_the_key_nobody_reads_them(self, store: SqlStore, tmp_path: Path) -> None:
        kept(store, tmp_path / "key").put("github", "a private key", "App 7", ADA, 1.0)
        with pytest.raises(KeyMissing):
            kept(store, tmp_path / "another").get("github")


def test_a_delivery_is_kept_once_until_somebody_looked(store: SqlStore) -> None:
    deliveries, hint = SqlDeliveries(store.database), Hint("acme/orders", 2**40, 2**40)
    assert deliveries.take("one", hint, 1.0)
    assert deliveries.take("two", Hint("acme/users"), 2.0)
    assert not deliveries.take("one", Hint("acme/forged"), 3.0)
    (first, second) = deliveries.pending(9)
    assert (first.hint, second.hint) == (hint, Hint("acme/users"))
    assert [one.seq for one in deliveries.pending(1)] == [first.seq]
    deliveries.handled([first.seq])
    assert not deliveries.take("one", hint, 4.0)
    assert deliveries.forget(9.0) == 1
    assert [one.hint for one in deliveries.pending(9)] == [Hint("acme/users")]
    assert deliveries.take("one", hint, 5.0)
