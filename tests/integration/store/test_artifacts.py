"""Content is found by its digest, whole or not at all."""

import hashlib
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from odmd.control.ports.world import Artifacts
from odmd.errors import StateUnreadable
from odmd.store.artifacts import MemoryArtifacts, SqlArtifacts
from odmd.store.database import Database
from odmd.store.reads import SqliteReads
from odmd.store.schema import artifacts as table
from odmd.store.sql import SqlStore


@pytest.fixture(params=["memory", "sqlite"])
def artifacts(request, tmp_path):
    return MemoryArtifacts() if request.param == "memory" else SqlArtifacts(Database(tmp_path / "state.db"))


def test_it_is_the_port(artifacts):
    port: Artifacts = artifacts
    assert port is artifacts


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"x" * 1_000_000], ids=["empty", "binary", "large"])
def test_content_comes_back_by_its_digest(artifacts, content):
    digest = artifacts.put(content)
    assert digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert artifacts.get(digest) == content
    assert artifacts.put(content) == digest


@pytest.mark.parametrize("digest", ["sha256:" + "0" * 64, "", "sha256:../../etc/passwd", "md5:x"])
def test_what_was_never_put_is_not_there(artifacts, digest):
    artifacts.put(b"other")
    assert artifacts.get(digest) is None


def test_a_report_is_told_from_what_is_more_than_one(artifacts):
    recipe, report = artifacts.put(b"recipe"), artifacts.put_report(b"report")
    assert artifacts.report(report) == artifacts.get(report) == b"report"
    assert artifacts.put_report(b"recipe") == recipe
    assert artifacts.report(recipe) is None, "whoever names its digest as one of his reports"


def test_reports_go_with_the_journals_and_what_envers_are_made_of_stays(tmp_path):
    store = SqlStore(tmp_path / "state.db")
    artifacts = SqlArtifacts(store.database)
    recipe, old, again = artifacts.put(b"recipe"), artifacts.put_report(b"old"), artifacts.put_report(b"again")
    between = time.time()
    artifacts.put_report(b"again")
    with closing(SqliteReads(tmp_path / "state.db")) as reads:
        assert [reads.report(one) for one in (recipe, old, again)] == [None, b"old", b"again"]
    assert store.prune(between) == 1
    assert [artifacts.get(one) for one in (recipe, old, again)] == [b"recipe", None, b"again"]


def test_many_may_put_the_same_at_once(artifacts):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: artifacts.put(b"same" * 1000), range(32)))) == 1


def test_damaged_content_is_not_given_out(tmp_path):
    database = Database(tmp_path / "state.db")
    artifacts = SqlArtifacts(database)
    for damage in (b"no zlib", zlib.compress(b"other")):
        digest = artifacts.put(damage)
        with database.writing() as connection:
            connection.execute(table.update().values(content=damage))
        with pytest.raises(StateUnreadable, match="damaged"):
            artifacts.get(digest)
