"""Content is found by its digest, whole or not at all."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from odmd.control.ports import Artifacts
from odmd.errors import StateUnreadable
from odmd.store.artifacts import FileArtifacts, MemoryArtifacts


@pytest.fixture(params=["memory", "files"])
def artifacts(request, tmp_path):
    return MemoryArtifacts() if request.param == "memory" else FileArtifacts(tmp_path / "artifacts")


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


def test_many_may_put_the_same_at_once(artifacts):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: artifacts.put(b"same" * 1000), range(32)))) == 1


def test_nothing_but_whole_content_is_left_in_the_folder(tmp_path):
    FileArtifacts(tmp_path).put(b"x")
    assert [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()] == [b"x"]


def test_damaged_content_is_not_given_out(tmp_path):
    artifacts = FileArtifacts(tmp_path)
    digest = artifacts.put(b"x")
    next(file for file in tmp_path.rglob("*") if file.is_file()).write_bytes(b"y")
    with pytest.raises(StateUnreadable):
        artifacts.get(digest)
