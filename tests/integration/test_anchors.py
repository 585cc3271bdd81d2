"""Anchors are kept, and proven, in a file and in a bucket with Object Lock; who follows the log writes them in time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from odmd.bootstrap.audit_settings import read_audit
from odmd.control.leading.anchoring import Anchoring, anchor_now
from odmd.control.leading.subscribers import Subscribers
from odmd.control.ports.anchors import Anchor, Sheets
from odmd.control.ports.log import Logged, Touched
from odmd.control.ports.subscribers import Later
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.errors import CloudRefused, KeyMissing
from odmd.model.targets import Target
from odmd.providers.aws import Emulator, Sessions
from odmd.providers.aws.locked_objects import LockedObjects
from odmd.store.anchors import AnchorKey, FileSheets, SignedAnchors, make_anchor_key
from odmd.store.memory import MemoryStore

TARGET = Target("310000000077", "us-east-1")


def s3(emulator: Emulator) -> Any:
    root = {"aws_access_key_id": TARGET.account, "aws_secret_access_key": "any", "region_name": TARGET.region}
    return boto3.client("s3", endpoint_url=emulator.endpoint, **root)  # type: ignore[call-overload]


@pytest.fixture(params=["file", "bucket"])
def sheets(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sheets]:
    if request.param == "file":
        yield FileSheets(tmp_path / "kept" / "anchors.jsonl")
        return
    emulator: Emulator = request.getfixturevalue("emulator")
    bucket = f"anchors-{time.time_ns()}"
    s3(emulator).create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    sessions = Sessions(endpoint=emulator.endpoint, emulated=True)
    yield LockedObjects(sessions, TARGET, bucket, "odmd/log", 1)


@pytest.fixture
def key(tmp_path: Path) -> AnchorKey:
    return make_anchor_key(tmp_path / "key.pem")


def committed(count: int) -> MemoryStore:
    store = MemoryStore()
    store.commit(
        0,
        [],
        [Logged(n, RunClaimed(1, AttemptNumber(n), "w", float(n)), "m") for n in range(1, count + 1)],
        Touched(),
        [],
    )
    return store


def test_what_is_put_is_there_and_signed(sheets: Sheets, key: AnchorKey) -> None:
    anchors = SignedAnchors(sheets, key)
    assert anchors.all() == []
    put = [Anchor("s", n, f"{n:064x}", 1.5 + n) for n in (3, 12)]
    for one in put:
        anchors.put(one)
    assert [(kept.anchor, kept.fault) for kept in anchors.all()] == [(one, "") for one in put]


def test_another_key_has_signed_none_of_them(sheets: Sheets, key: AnchorKey, tmp_path: Path) -> None:
    SignedAnchors(sheets, key).put(Anchor("s", 1, "0" * 64, 1.0))
    sheets.add("x", '{"said": "rubbish"}')
    other = SignedAnchors(sheets, make_anchor_key(tmp_path / "other.pem"))
    assert sorted(kept.fault for kept in other.all()) == ["it cannot be read", "its signature is not by this key"]


def test_the_public_key_proves_and_does_not_sign(tmp_path: Path, key: AnchorKey) -> None:
    sheets = FileSheets(tmp_path / "anchors.jsonl")
    SignedAnchors(sheets, key).put(Anchor("s", 1, "0" * 64, 1.0))
    (tmp_path / "public.pem").write_text(key.public)
    public = SignedAnchors(sheets, AnchorKey(tmp_path / "public.pem"))
    assert [kept.fault for kept in public.all()] == [""]
    with pytest.raises(KeyMissing, match="public key"):
        public.put(Anchor("s", 2, "0" * 64, 1.0))


def test_a_key_may_be_in_a_variable(tmp_path: Path, key: AnchorKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODMD_ANCHOR_KEY", (tmp_path / "key.pem").read_text())
    said = read_audit({"anchors": "anchors.jsonl", "key": "env:ODMD_ANCHOR_KEY"}, tmp_path, "pyproject.toml")
    assert AnchorKey(said.key, said.key_text).public == key.public
    with pytest.raises(KeyMissing, match="env:X holds no Ed25519 key"):
        AnchorKey(Path("env:X"), "PRIVATE rubbish")
    none = read_audit({"anchors": "anchors.jsonl", "key": "env:NOT_SET"}, tmp_path, "pyproject.toml")
    with pytest.raises(KeyMissing, match="env:NOT_SET: No such file"):
        AnchorKey(none.key, none.key_text)


def test_keys_that_are_none_are_refused(tmp_path: Path, key: AnchorKey) -> None:
    del key
    (tmp_path / "key.pem").chmod(0o644)
    (tmp_path / "rubbish.pem").write_text("PRIVATE rubbish")
    (tmp_path / "rubbish.pem").chmod(0o600)
    for name, why in (("key.pem", "by others"), ("rubbish.pem", "no Ed25519 key"), ("none.pem", "No such file")):
        with pytest.raises(KeyMissing, match=why):
            AnchorKey(tmp_path / name)
    with pytest.raises(FileExistsError):
        make_anchor_key(tmp_path / "key.pem")


def test_one_character_of_a_sheet_is_enough(tmp_path: Path, key: AnchorKey) -> None:
    file = tmp_path / "anchors.jsonl"
    anchors = SignedAnchors(FileSheets(file), key)
    anchors.put(Anchor("s", 7, "a" * 64, 1.0))
    sheet = json.loads(file.read_text())
    sheet["said"] = sheet["said"].replace('"position": 7', '"position": 8')
    file.write_text(json.dumps(sheet))
    assert [kept.fault for kept in anchors.all()] == ["its signature is not by this key"]


def test_an_object_stays_whoever_removes_it_or_puts_another_in_its_place(emulator: Emulator, key: AnchorKey) -> None:
    bucket, client = f"anchors-{time.time_ns()}", s3(emulator)
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    anchors = SignedAnchors(
        LockedObjects(Sessions(endpoint=emulator.endpoint, emulated=True), TARGET, bucket, "", 1), key
    )
    anchors.put(Anchor("s", 7, "a" * 64, 1.0))
    (found,) = client.list_object_versions(Bucket=bucket)["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    client.put_object(Bucket=bucket, Key=found["Key"], Body=b"rubbish")
    client.delete_object(Bucket=bucket, Key=found["Key"])
    assert [(kept.anchor, kept.fault) for kept in anchors.all()] == [(Anchor("s", 7, "a" * 64, 1.0), "")]


def test_a_bucket_without_lock_is_refused(emulator: Emulator, key: AnchorKey) -> None:
    bucket = f"anchors-{time.time_ns()}"
    s3(emulator).create_bucket(Bucket=bucket)
    sheets = LockedObjects(Sessions(endpoint=emulator.endpoint, emulated=True), TARGET, bucket, "", 1)
    with pytest.raises(CloudRefused):
        SignedAnchors(sheets, key).put(Anchor("s", 7, "a" * 64, 1.0))


def test_who_follows_the_log_anchors_its_end_and_then_waits(tmp_path: Path, key: AnchorKey) -> None:
    store, now = committed(5), 1000.0
    anchors = SignedAnchors(FileSheets(tmp_path / "anchors.jsonl"), key)
    follower = Anchoring(store, "s", anchors, 60.0, lambda: now)
    follower.handle(store.read(0, 2))
    follower.handle(store.read(2, 2))
    store.commit(5, [], [Logged(6, RunClaimed(1, AttemptNumber(6), "w", 6.0), "m")], Touched(), [])
    with pytest.raises(Later):
        follower.handle(store.read(5))
    now += 61
    follower.handle(store.read(5))
    assert [kept.anchor.position for kept in anchors.all() if kept.anchor] == [5, 6]


def test_a_quiet_log_is_anchored_to_its_end_in_time(
    tmp_path: Path, key: AnchorKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("odmd.control.leading.subscribers._LOOK_SECONDS", 0.02)
    monkeypatch.setattr("odmd.control.leading.subscribers._KEEP_SECONDS", 0.02)
    store, anchors = committed(3), SignedAnchors(FileSheets(tmp_path / "anchors.jsonl"), key)
    running = Subscribers(store, store, [Anchoring(store, "s", anchors, 0.2)])
    running.start()
    try:
        _until(lambda: _positions(anchors) == [3])
        store.commit(3, [], [Logged(4, RunClaimed(1, AttemptNumber(4), "w", 4.0), "m")], Touched(), [])
        _until(lambda: _positions(anchors) == [3, 4])
        _until(lambda: [one.position for one in store.subscriptions()] == [4])
        assert [(one.error, one.missed) for one in store.subscriptions()] == [("", 0)]
        assert [one.failures for one in running.progress()] == [0]
    finally:
        running.stop()


def test_there_is_nothing_to_anchor_in_an_empty_log(tmp_path: Path, key: AnchorKey) -> None:
    anchors = SignedAnchors(FileSheets(tmp_path / "anchors.jsonl"), key)
    assert anchor_now(MemoryStore(), "s", anchors, 1.0) is None


def _positions(anchors: SignedAnchors) -> list[int]:
    return [kept.anchor.position for kept in anchors.all() if kept.anchor]


def _until(so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.005)
