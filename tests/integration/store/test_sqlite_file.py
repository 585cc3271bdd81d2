"""What only a file can do wrong: damage, age, processes beside each other and processes that are killed."""

import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from store_samples import DIE_AT, append, claimed, run

from odmd.control.ports.log import Touched
from odmd.control.scheduler.messages import ClaimRun
from odmd.control.scheduler.state import State
from odmd.errors import StateUnreadable
from odmd.store.backends import SqliteBackend
from odmd.store.migrations.upgrade import config, upgrade
from odmd.store.schema import metadata
from odmd.store.sql import SqlStore
from odmd.store.versions import VERSIONS
from support.forked import forge


class TestSchema:
    def test_the_known_versions_are_the_migrations(self):
        scripts = ScriptDirectory.from_config(config()).walk_revisions()
        assert tuple(script.revision for script in scripts)[::-1] == VERSIONS

    def test_migrations_make_exactly_the_tables(self, tmp_path):
        engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
        with engine.begin() as connection:
            upgrade(connection)
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        engine.dispose()

    def test_an_older_file_is_brought_up_to_date(self, tmp_path, monkeypatch):
        SqlStore(tmp_path / "state.db").close()
        with sqlite3.connect(tmp_path / "state.db") as connection:
            connection.executescript("UPDATE alembic_version SET version_num = '0000'")
        upgraded = []
        monkeypatch.setattr("odmd.store.database.VERSIONS", ("0000", "0001"))
        monkeypatch.setattr("odmd.store.migrations.upgrade.upgrade", upgraded.append)
        SqlStore(tmp_path / "state.db").close()
        assert len(upgraded) == 1

    def test_a_file_of_a_newer_release_is_refused(self, tmp_path):
        SqlStore(tmp_path / "state.db").close()
        with sqlite3.connect(tmp_path / "state.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StateUnreadable, match="9999") as refusal:
            SqlStore(tmp_path / "state.db")
        assert "newer" in refusal.value.next_step

    def test_many_processes_may_open_a_new_file_at_once(self, tmp_path):
        code = """
            import sys; from pathlib import Path
            from odmd.control.scheduler.messages import ClaimRun
            from odmd.store.sql import SqlStore
            assert SqlStore(Path(sys.argv[1])).receive(sys.argv[2], ClaimRun(1, "w"), 1.0)
        """
        path = tmp_path / "new" / "state.db"
        children = [forge().start_program(textwrap.dedent(code), path, n) for n in range(4)]
        assert [child.communicate(timeout=60)[1] for child in children] == [""] * 4
        assert len(SqlStore(path).pending(10)) == 4


def test_what_was_committed_is_there_after_a_loss_of_power_too():
    assert "PRAGMA synchronous=FULL" in SqliteBackend.PRAGMAS, "but for the tests, which add another one"


class TestUnreadable:
    def test_a_file_that_is_no_database_is_refused_and_kept(self, tmp_path):
        (tmp_path / "state.db").write_text("a letter to grandmother" * 100)
        with pytest.raises(StateUnreadable, match="not a database") as refusal:
            SqlStore(tmp_path / "state.db")
        assert refusal.value.next_step
        assert "grandmother" in (tmp_path / "state.db").read_text()

    def test_a_folder_in_the_place_of_the_file_is_refused(self, tmp_path):
        (tmp_path / "state.db").mkdir()
        with pytest.raises(StateUnreadable, match=r"state\.db"):
            SqlStore(tmp_path / "state.db")

    def test_a_state_folder_that_is_a_file_is_refused(self, tmp_path):
        (tmp_path / "folder").write_text("")
        with pytest.raises(StateUnreadable, match="folder"):
            SqlStore(tmp_path / "folder" / "state.db")

    def test_damage_in_the_middle_is_an_error_with_a_next_step(self, tmp_path):
        path = tmp_path / "state.db"
        store = SqlStore(path)
        for _ in range(30):
            append(store, touched=Touched(runs=[run(n) for n in range(30)]))
        store.close()
        content = bytearray(path.read_bytes())
        content[4096:] = b"x" * (len(content) - 4096)
        path.write_bytes(content)
        with pytest.raises(StateUnreadable) as refusal:
            SqlStore(path).load()
        assert refusal.value.next_step

    def test_an_event_that_this_release_does_not_know_is_refused(self, tmp_path):
        store = SqlStore(tmp_path / "state.db")
        append(store)
        with sqlite3.connect(tmp_path / "state.db") as connection:
            connection.execute("UPDATE log SET type = 'MoonLanded'")
        with pytest.raises(StateUnreadable, match="MoonLanded"):
            store.read()


class TestReaders:
    def test_a_reader_sees_what_was_there_while_a_writer_works(self, tmp_path):
        seen = []
        reader = SqlStore(tmp_path / "state.db")
        append(reader)

        def look(*_):
            seen.append((reader.load().position, reader.runs(), len(reader.pending(10))))

        writer = SqlStore(tmp_path / "state.db", look)
        writer.receive("a", ClaimRun(1, "w"), 1.0)
        append(writer, touched=Touched(runs=[run(1)]), effects=[object()], handled=["a"])
        assert seen == [(1, [], 1)]
        look()
        assert seen[1] == (2, [run(1)], 0)

    def test_reading_imports_neither_the_engine_nor_the_migrations(self, tmp_path):
        SqlStore(tmp_path / "state.db").close()
        code = """
            import sys; from pathlib import Path
            from odmd.store.sql import SqlStore
            SqlStore(Path(sys.argv[1])).load()
            print([name for name in ("dbos", "alembic", "sqlalchemy.orm") if name in sys.modules])
        """
        command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "state.db")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"


@pytest.mark.parametrize("statements", range(15))
def test_a_commit_killed_at_any_statement_leaves_all_or_nothing(tmp_path, statements):
    path = tmp_path / "state.db"
    store = SqlStore(path)
    store.receive("m", ClaimRun(1, "w"), 1.0)
    store.close()
    here = str(pytest.importorskip("store_samples").__file__).rpartition("/")[0]
    child = forge().start_program(textwrap.dedent(DIE_AT), path, statements, here)
    said, errors = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, errors
    store = SqlStore(path)
    if said:
        assert store.read() == [claimed(1), claimed(2)]
        assert store.load().position == 2
        assert len(store.runs()) == len(store.values()) == len(store.waves()) == len(store.load().envers) == 1
        assert (store.pending(10), store.get("effect")) == ([], "")
    else:
        assert (store.read(), store.load(), store.runs()) == ([], State(), [])
        assert (len(store.pending(10)), store.get("effect")) == (1, None)
    assert bool(said) == (statements >= 13)
