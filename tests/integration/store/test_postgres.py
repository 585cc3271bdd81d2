"""What only a server can do wrong: be away, turn somebody away, take nothing in; and processes beside each other."""

import signal
import textwrap
import threading
import traceback
from urllib.parse import urlsplit

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from store_samples import DIE_AT, DISPATCH, append, claimed, enver, run

from odmd.control.ports.log import Touched
from odmd.control.scheduler.messages import ClaimRun
from odmd.errors import DatabaseRefused, DatabaseUnreachable, OdmdError, StateUnreadable
from odmd.store.database import Database, holds_state
from odmd.store.schema import metadata
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres
from support.forked import forge
from support.postgres import TEMPLATE
from support.postgres import postgres_server as new_server
from support.until import TOO_LONG


@pytest.fixture
def empty(postgres_server):
    """A database without any table."""
    with postgres_server.database() as made:
        yield made


def name_of(where: Postgres) -> str:
    return urlsplit(where.url).path.strip("/")


class TestSchema:
    def test_migrations_make_exactly_the_tables(self, empty):
        database = Database(empty)
        with database.reading() as connection:
            ours = MigrationContext.configure(connection, opts={"include_name": _is_ours})
            assert compare_metadata(ours, metadata) == []
        database.close()

    def test_one_of_a_newer_release_is_refused(self, empty):
        SqlStore(empty).close()
        with psycopg.connect(empty.url, autocommit=True) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StateUnreadable, match="9999") as refusal:
            SqlStore(empty)
        assert "newer" in refusal.value.next_step

    def test_there_is_a_state_once_it_was_opened(self, empty):
        assert not holds_state(empty)
        SqlStore(empty).close()
        assert holds_state(empty)

    def test_many_processes_may_open_a_new_one_at_once(self, empty):
        code = """
            import sys
            from odmd.control.scheduler.messages import ClaimRun
            from odmd.store.sql import SqlStore
            from odmd.store.where import Postgres
            assert SqlStore(Postgres(sys.argv[1])).receive(sys.argv[2], ClaimRun(1, "w"), 1.0)
        """
        children = [forge().start_program(textwrap.dedent(code), empty.url, n) for n in range(4)]
        assert [child.communicate(timeout=60)[1] for child in children] == [""] * 4
        assert len(SqlStore(empty).pending(10)) == 4


class TestUnreachable:
    def test_where_nothing_listens(self):
        with pytest.raises(DatabaseUnreachable, match="refused") as failure:
            SqlStore(Postgres("postgresql://ada:s3cret@127.0.0.1:1/odmd"))
        assert failure.value.retryable
        assert "ODMD_DATABASE_URL" in failure.value.next_step

    def test_a_host_that_is_none(self):
        with pytest.raises(DatabaseUnreachable, match="resolve host"):
            SqlStore(Postgres("postgresql://nohost.invalid/odmd"))

    def test_a_server_that_goes_away_and_comes_back(self):
        with new_server() as server, server.database() as where:
            store = SqlStore(where)
            append(store)
            server.running.stop()
            for ask in (store.load, lambda: append(store), lambda: store.receive("m", ClaimRun(1, "w"), 1.0)):
                with pytest.raises(DatabaseUnreachable):
                    ask()
            server.running.ensure_postgres_running()
            assert append(store) == 2
            store.close()

    def test_a_server_that_ends_our_connections_harms_only_what_is_under_way(self, postgres, postgres_server):
        store = SqlStore(postgres)
        append(store)
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"

        def cut_off(*_: object) -> None:
            postgres_server.run(f"{end} AND pid <> pg_backend_pid()", database=name_of(postgres))

        with pytest.raises(DatabaseUnreachable):
            append(SqlStore(postgres, cut_off), effects=[DISPATCH], touched=Touched(runs=[run(1)]))
        assert (len(store.read()), store.runs()) == (1, [])
        assert append(store) == 2


class TestRefused:
    def test_a_wrong_password(self, postgres_server):
        with pytest.raises(DatabaseRefused, match="password authentication failed") as refusal:
            SqlStore(postgres_server.url("postgres", "known:s3cret"))
        assert not refusal.value.retryable
        assert "password" in refusal.value.next_step

    def test_a_database_that_is_not_there(self, postgres_server):
        with pytest.raises(DatabaseRefused, match="does not exist"):
            SqlStore(postgres_server.url("nowhere"))

    def test_a_user_who_may_make_no_tables(self, empty, postgres_server):
        where = Postgres(empty.url.replace("postgres:@", "known:right@"))
        with pytest.raises(DatabaseRefused, match="permission denied"):
            SqlStore(where)
        assert not holds_state(empty)

    def test_one_that_only_reads(self):
        with new_server() as server:
            name = TEMPLATE
            append(SqlStore(server.url(name)))
            server.running.stop()
            server.wait_for_a_primary()
            server.running.ensure_postgres_running()
            store = SqlStore(server.url(name))
            with pytest.raises(DatabaseRefused, match="read-only") as refusal:
                append(store)
            assert "primary" in refusal.value.next_step
            assert len(store.read()) == 1
            store.close()

    def test_a_disk_that_is_full(self, postgres):
        """As the server says it, at the moment in which it would."""
        store = SqlStore(postgres)
        store.receive("m", ClaimRun(1, "w"), 1.0)
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
            )
            connection.execute("CREATE TRIGGER no_room BEFORE INSERT ON runs FOR EACH ROW EXECUTE FUNCTION no_room()")
        with pytest.raises(DatabaseRefused, match="could not extend file") as refusal:
            append(store, touched=Touched([enver("a@main")], [run(1)]), handled=["m"])
        assert "disk" in refusal.value.next_step
        assert (store.read(), store.load().envers, len(store.pending(10))) == ([], {}, 1)


class TestPassword:
    ADDRESSES = (
        "postgresql://ada:s3cret%21@127.0.0.1:1/odmd",
        "postgresql://127.0.0.1:1/odmd?user=ada&password=s3cret%21",
        "postgres://ada:s3cret%21@nohost.invalid/odmd",
    )

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_it_is_in_nothing_that_is_shown(self, address):
        where = Postgres(address)
        with pytest.raises(OdmdError) as failure:
            SqlStore(where)
        told = [str(where), repr(where), failure.value.fact, *traceback.format_exception(failure.value)]
        assert not [text for text in told if "s3cret" in text]

    @pytest.mark.parametrize("wrong", ["mysql://ada:s3cret@host/odmd", "postgresql://ada:s3cret@host", "s3cret"])
    def test_it_is_not_in_the_refusal_of_an_address(self, wrong):
        with pytest.raises(ValueError, match="it ") as refusal:
            Postgres(wrong)
        assert "s3cret" not in str(refusal.value)

    def test_a_server_that_repeats_it_is_silenced(self):
        where = Postgres("postgresql://ada:s3cret%21@host/odmd")
        assert where.without_password("no s3cret! here, nor s3cret%21") == "no *** here, nor ***"


class TestOrder:
    def test_who_appends_waits_for_who_appends(self, postgres):
        """So positions are given in the order of commits, and a reader by position never skips one."""
        first, second = Database(postgres), SqlStore(postgres)
        committed, order = threading.Event(), []

        def commit() -> None:
            second.commit(0, [], [claimed(1)], Touched(), [])
            order.append("second")
            committed.set()

        with first.appending():
            other = threading.Thread(target=commit)
            other.start()
            assert not committed.wait(0.3)
            assert second.receive("m", ClaimRun(1, "w"), 1.0)
            order.append("first")
        other.join(timeout=TOO_LONG)
        assert order == ["first", "second"]
        second.close()
        first.close()

    def test_names_are_in_one_order_whatever_the_language(self, postgres):
        """The server at hand knows one language only, so this looks at the columns."""
        with psycopg.connect(postgres.url) as connection:
            found = connection.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE collation_name = 'C' "
                "AND table_schema = 'public'"
            ).fetchall()
        assert set(found) == {
            ("clones", "address"),
            ("envers", "address"),
            ("last_looks", "enver"),
            ("layers", "layer"),
            ("subscribers", "name"),
            ("values", "product"),
            ("workers", "name"),
        }


@pytest.mark.parametrize("statements", [0, 3, 8, 12, 50])
def test_a_commit_killed_at_any_statement_leaves_all_or_nothing(postgres, statements):
    store = SqlStore(postgres)
    store.receive("m", ClaimRun(1, "w"), 1.0)
    here = str(pytest.importorskip("store_samples").__file__).rpartition("/")[0]
    child = forge().start_program(textwrap.dedent(DIE_AT), postgres.url, statements, here)
    said, errors = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, errors
    found = (len(store.read()), len(store.runs()), len(store.pending(10)), store.get("effect"))
    assert found == ((2, 1, 0, "") if said else (0, 0, 1, None))
    assert bool(said) == (statements == 50)
    assert append(store) == found[0] + 1
    store.close()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name is None
