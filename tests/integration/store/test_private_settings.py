"""Private settings are kept sealed, in versions, one editor at a time; who has the database alone reads nothing."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind
from odmd.control.ports.settings import Edit, Layers, MasterKey, Sealed, WrittenSettings
from odmd.control.scheduler.actor import AccessChange
from odmd.control.scheduler.messages import NoteAccess, NoteEdit
from odmd.errors import KeyMissing, LayerMoved, SettingsDamaged
from odmd.store.database import Database
from odmd.store.key_file import KeyFile, found_key_file, make_key_file, next_key_file, put_in_place
from odmd.store.sealing import KeyRing
from odmd.store.settings import MemoryLayers, MemorySealed, SqlLayers, SqlSealed
from odmd.store.sql import SqlStore
from support.actors import SOMEBODY, somebody

ORDERS = Layer(LayerKind.ENVER, "orders/b..main")
CANARY = "canary-4711"


def document(value: object) -> ConfigDocument:
    return ConfigDocument(
        {"prices": {"latte": value}}, {"key": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:k"}
    )


def edit(said: ConfigDocument, after: int, layer: Layer = ORDERS, by: str = "ada") -> Edit:
    return Edit(layer, said, after, somebody(by), "for tests", ("config.prices.latte",))


class Kept:
    """A database, its key file, and both ports on it."""

    def __init__(self, where: object, key: Path) -> None:
        self.database, self.key = Database(where), key  # type: ignore[arg-type]
        self.ring = KeyRing(self.database, lambda: found_key_file(key, self.ring.masters()))
        self.layers, self.sealed = SqlLayers(self.database, self.ring), SqlSealed(self.database, self.ring)


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "state.db", tmp_path / "settings.key")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def both(request, tmp_path):
    if request.param == "memory":
        return MemoryLayers(), MemorySealed()
    where = request.getfixturevalue("postgres") if request.param == "postgres" else tmp_path / "state.db"
    made = Kept(where, tmp_path / "settings.key")
    return made.layers, made.sealed


class TestPorts:
    def test_it_is_the_port(self, both):
        layers: Layers = both[0]
        sealed: Sealed = both[1]
        assert (layers, sealed) == both

    def test_an_edit_is_another_version_and_the_ones_before_stay(self, both):
        layers = both[0]
        first = layers.write(edit(document(4.5), 0), 1.0)
        second = layers.write(edit(document(5), 1, by="bob"), 2.0)
        assert first == WrittenSettings(ORDERS, 1, document(4.5), "ada", "for tests", 1.0)
        assert layers.history(ORDERS) == [second, first]


class TestSealed:
    def test_texts_are_found_by_identities_that_do_not_tell_them(self, both):
        sealed = both[1]
        identity = sealed.identity(CANARY)
        assert CANARY not in identity
        assert identity == sealed.identity(CANARY) != sealed.identity("other")
        assert sealed.find([identity]) == {}
        sealed.keep({sealed.identity(one): one for one in (CANARY, "other")})
        sealed.keep({identity: CANARY})
        assert sealed.find([identity, "nobody's"]) == {identity: CANARY}
        assert len(sealed.find([identity, sealed.identity("other")])) == 2


class TestAtRest:
    def test_an_edit_and_its_record_in_the_log_are_committed_together(self, kept, tmp_path):
        kept.layers.write(edit(document(CANARY), 0), 1.0)
        store = SqlStore(tmp_path / "state.db")
        (told,) = store.pending(10)
        assert told.message == NoteEdit(
            "enver:orders/b..main", 1, somebody("ada"), "for tests", ("config.prices.latte",)
        )
        with pytest.raises(LayerMoved):
            kept.layers.write(edit(document(CANARY), 0), 2.0)
        assert len(store.pending(10)) == 1
        store.close()

    def test_no_text_is_in_the_file(self, kept, tmp_path):
        kept.layers.write(edit(document(CANARY), 0), 1.0)
        kept.sealed.keep({"i": f'{{"latte":"{CANARY}"}}'})
        kept.database.close()
        with sqlite3.connect(tmp_path / "state.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        files = [file for file in tmp_path.iterdir() if file.is_file()]
        assert any(file.stat().st_size > 10_000 for file in files)
        assert not [file for file in files if CANARY.encode() in file.read_bytes()]

    def test_what_was_written_by_one_process_is_read_by_another(self, kept, tmp_path):
        kept.layers.write(edit(document(1), 0), 1.0)
        kept.sealed.keep({kept.sealed.identity(CANARY): CANARY})
        again = Kept(tmp_path / "state.db", kept.key)
        assert again.layers.find(ORDERS).document == document(1)
        assert again.sealed.find([kept.sealed.identity(CANARY)]) == {kept.sealed.identity(CANARY): CANARY}

    def test_without_the_key_nothing_is_read_and_no_other_one_is_made(self, kept, tmp_path):
        kept.layers.write(edit(document(1), 0), 1.0)
        kept.key.rename(tmp_path / "away")
        again = Kept(tmp_path / "state.db", kept.key)
        with pytest.raises(KeyMissing, match=r"settings\.key: No such file") as told:
            again.layers.newest()
        assert "bring the file back" in told.value.next_step
        with pytest.raises(KeyMissing):
            again.layers.write(edit(document(2), 1), 2.0)
        assert not kept.key.exists()

    def test_another_key_is_named(self, kept, tmp_path):
        kept.layers.write(edit(document(1), 0), 1.0)
        other = make_key_file(tmp_path / "other.key")
        again = Kept(tmp_path / "state.db", tmp_path / "other.key")
        with pytest.raises(KeyMissing, match=f"sealed by key {KeyFile(kept.key).id}, and the key here is {other.id}"):
            again.layers.newest()

    def test_what_was_changed_beside_us_is_not_believed(self, kept, tmp_path):
        kept.layers.write(edit(document(1), 0), 1.0)
        kept.layers.write(edit(document(2), 0, ORGANISATION), 1.0)
        with sqlite3.connect(tmp_path / "state.db") as connection:
            other = "SELECT sealed FROM layers WHERE layer = 'organisation'"
            connection.execute(f"UPDATE layers SET sealed = ({other}) WHERE layer <> 'organisation'")
        with pytest.raises(SettingsDamaged, match=r"layer enver:orders/b\.\.main version 1 is not as it was written"):
            kept.layers.find(ORDERS)


class TestKeys:
    def test_the_file_is_its_owners_alone(self, kept):
        kept.layers.write(edit(document(1), 0), 1.0)
        assert kept.key.stat().st_mode & 0o777 == 0o600
        kept.key.chmod(0o644)
        with pytest.raises(KeyMissing, match="may be read by others"):
            KeyFile(kept.key)

    @pytest.mark.parametrize("content", [b"", b"no base64 at all!", b"c2hvcnQ="])
    def test_a_file_that_is_no_key_is_none(self, tmp_path, content):
        (tmp_path / "k").write_bytes(content)
        (tmp_path / "k").chmod(0o600)
        with pytest.raises(KeyMissing, match="holds no key"):
            KeyFile(tmp_path / "k")

    def test_who_makes_it_at_once_makes_one(self, tmp_path):
        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(lambda _: make_key_file(tmp_path / "k").id, range(8)))) == 1

    def test_rotation_wraps_anew_and_what_was_sealed_stays(self, kept, tmp_path):
        kept.layers.write(edit(document(1), 0), 1.0)
        identity = kept.sealed.identity(CANARY)
        before = KeyFile(kept.key)
        assert kept.ring.rotate(next_key_file(kept.key), SOMEBODY) == 2
        put_in_place(kept.key)

        kept.layers.write(edit(document(2), 1), 2.0)
        again = Kept(tmp_path / "state.db", kept.key)
        assert [one.document for one in again.layers.history(ORDERS)] == [document(2), document(1)]
        assert again.sealed.identity(CANARY) == identity, "identities outlive the key, so nothing is deployed for it"
        assert KeyFile(kept.key).id != before.id
        told = [
            one.message for one in SqlStore(tmp_path / "state.db").pending(10) if isinstance(one.message, NoteAccess)
        ]
        assert [(one.change, one.what, one.by) for one in told] == [
            (AccessChange.KEY_ROTATED, f"key rotated: {KeyFile(kept.key).id}", SOMEBODY)
        ]
        assert KeyFile(tmp_path / f"settings.key.{before.id.removeprefix('file:')}").id == before.id, (
            "for older backups"
        )

    @pytest.mark.parametrize("killed", ["before it was committed", "before the file was in its place"])
    def test_a_rotation_that_was_killed_leaves_no_half(self, kept, tmp_path, killed):
        kept.layers.write(edit(document(1), 0), 1.0)
        to = next_key_file(kept.key)
        if killed != "before it was committed":
            kept.ring.rotate(to, SOMEBODY)
        again = Kept(tmp_path / "state.db", kept.key)
        assert again.layers.find(ORDERS).document == document(1)
        again.ring.rotate(next_key_file(kept.key), SOMEBODY)
        put_in_place(kept.key)
        assert Kept(tmp_path / "state.db", kept.key).layers.find(ORDERS).document == document(1)

    def test_a_process_that_had_the_keys_goes_on_over_a_rotation(self, kept, tmp_path):
        kept.layers.write(edit(document(1), 0), 1.0)
        other = Kept(tmp_path / "state.db", kept.key)
        other.layers.newest()
        kept.ring.rotate(next_key_file(kept.key), SOMEBODY)
        put_in_place(kept.key)
        kept.layers.write(edit(document(2), 1), 2.0)
        assert other.layers.find(ORDERS).document == document(2), "the new data key is looked up"
        other.layers.write(edit(document(3), 2), 3.0)

    def test_a_master_key_is_the_port(self, tmp_path):
        key: MasterKey = make_key_file(tmp_path / "k")
        wrapped = key.wrap(b"x" * 32)
        assert key.unwrap(wrapped) == b"x" * 32
        with pytest.raises(SettingsDamaged):
            key.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
