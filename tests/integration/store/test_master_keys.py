"""The master key of settings is a file or KMS's: either wraps, and each takes the other's place."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from odmd.bootstrap.keys import rotate_key
from odmd.bootstrap.private import vault
from odmd.bootstrap.settings import Settings, read_settings
from odmd.cli.config import config
from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION
from odmd.control.leading.state_id import state_id
from odmd.control.ports.settings import Edit, MasterKey
from odmd.errors import KeyMissing, SettingsDamaged, SettingsInvalid, SettingsUnreachable
from odmd.providers.aws import Emulator, Sessions
from odmd.providers.aws.master_key import KmsMasterKey
from odmd.store.key_file import make_key_file
from odmd.store.sealing import KeyRing
from odmd.store.sql import SqlStore
from support.actors import SOMEBODY, somebody

_accounts = itertools.count(310000000001)
SORTS = ("file", "kms")


@dataclass
class Kms:
    """An account of its own at the emulator."""

    emulator: Emulator
    account: str

    @property
    def client(self) -> Any:
        session = boto3.Session(self.account, "x", region_name="us-west-1")
        return session.client("kms", endpoint_url=self.emulator.endpoint)

    def made(self) -> str:
        """A new key, as `ODMD_KEY` names it."""
        return f"kms:{self.client.create_key()['KeyMetadata']['Arn']}"

    def key(self, said: str, state: str = "s1") -> KmsMasterKey:
        return KmsMasterKey(said, Sessions(endpoint=self.emulator.endpoint, emulated=True), state)


@pytest.fixture
def kms(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Kms:
    made = Kms(emulator, str(next(_accounts)))
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", made.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("ODMD_KEY", raising=False)
    monkeypatch.delenv("ODMD_KEY_FILE", raising=False)
    return made


class TestWhatAMasterKeyIs:
    @pytest.fixture(params=SORTS)
    def keys(self, request: pytest.FixtureRequest, tmp_path: Path) -> tuple[MasterKey, MasterKey]:
        """Two of a sort."""
        if request.param == "file":
            return make_key_file(tmp_path / "a"), make_key_file(tmp_path / "b")
        kms: Kms = request.getfixturevalue("kms")
        return kms.key(kms.made()), kms.key(kms.made())

    def test_what_it_wrapped_it_unwraps(self, keys: tuple[MasterKey, MasterKey]) -> None:
        wrapped = keys[0].wrap(b"k" * 32)
        assert b"k" * 32 not in wrapped
        assert keys[0].unwrap(wrapped) == b"k" * 32

    def test_two_are_told_apart(self, keys: tuple[MasterKey, MasterKey]) -> None:
        assert keys[0].id != keys[1].id

    def test_what_was_changed_is_not_believed(self, keys: tuple[MasterKey, MasterKey]) -> None:
        wrapped = keys[0].wrap(b"k" * 32)
        with pytest.raises(SettingsDamaged):
            keys[0].unwrap(wrapped[:40] + bytes([wrapped[40] ^ 1]) + wrapped[41:])


class TestKms:
    def test_what_is_one_states_is_no_other_states(self, kms: Kms) -> None:
        said = kms.made()
        wrapped = kms.key(said, "s1").wrap(b"k" * 32)
        with pytest.raises(SettingsDamaged, match=r"is not one that arn:aws:kms:.* wrapped for this state"):
            kms.key(said, "s2").unwrap(wrapped)

    @pytest.mark.parametrize(
        "said",
        [
            "settings.key",
            "kms:",
            "arn:aws:kms:us-west-1:111122223333:key/1",
            "kms:arn:aws:kms:us-west-1:111122223333:alias/settings",
            "kms:arn:aws:s3:us-west-1:111122223333:key/1",
        ],
    )
    def test_what_names_no_key_is_refused(self, kms: Kms, said: str) -> None:
        with pytest.raises(SettingsInvalid, match="names no key that seals settings") as told:
            kms.key(said)
        assert "kms:arn:aws:kms:" in told.value.next_step

    def test_a_key_that_is_not_there_is_missing(self, kms: Kms) -> None:
        here = f"kms:arn:aws:kms:us-west-1:{kms.account}:key/00000000-0000-4000-8000-000000000000"
        with pytest.raises(KeyMissing, match=r"cannot be used: AWS refused Encrypt"):
            kms.key(here).wrap(b"k" * 32)

    def test_an_aws_that_does_not_answer_passes(self, kms: Kms, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        nobody = Sessions(endpoint="http://127.0.0.1:1", emulated=True)
        with pytest.raises(SettingsUnreachable, match="cannot be asked"):
            KmsMasterKey(kms.made(), nobody, "s1").wrap(b"k" * 32)


@dataclass
class State:
    """One state's database as a new process finds it, each time."""

    settings: Settings
    monkeypatch: pytest.MonkeyPatch

    def use(self, key: str) -> None:
        """What `ODMD_KEY` is from now on."""
        self.monkeypatch.setenv("ODMD_KEY", key)

    def write(self, value: int) -> None:
        with self.opened() as store:
            layers = vault(self.settings, store).layers
            held = layers.find(ORGANISATION)
            said = ConfigDocument({"prices": {"latte": value}})
            layers.write(Edit(ORGANISATION, said, held.version if held else 0, somebody("ada"), "", ()), 1.0)

    def read(self) -> tuple[list[object], str]:
        """All versions, the newest first, and the identity of one text."""
        with self.opened() as store:
            kept = vault(self.settings, store)
            said = [one.document.config["prices"]["latte"] for one in kept.layers.history(ORGANISATION)]
            return said, kept.sealed.identity("text")

    def rotate(self, to: str = "") -> str:
        with self.opened() as store:
            return rotate_key(self.settings, store, to)

    def opened(self) -> _Opened:
        return _Opened(self.settings.state / "state.db")


class _Opened(SqlStore):
    def __enter__(self) -> SqlStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture
def state(kms: Kms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    return State(replace(read_settings(), state=tmp_path, profiles={}), monkeypatch)


class TestRotation:
    @pytest.mark.parametrize("after", SORTS)
    @pytest.mark.parametrize("before", SORTS)
    def test_one_takes_the_others_place_and_everything_is_read_as_before(
        self, kms: Kms, state: State, before: str, after: str
    ) -> None:
        if before == "kms":
            state.use(kms.made())
        state.write(1)
        _, identity = state.read()

        to = "file" if after == "file" else kms.made()
        done = state.rotate(to)
        assert done.startswith(f"{after}:")
        state.use(done if after == "kms" else "")
        state.write(2)
        assert state.read() == ([2, 1], identity), "nothing is deployed for it"
        assert (state.settings.state / "settings.key").exists() is (after == "file"), (
            "no key is left that seals nothing"
        )

    def test_without_a_word_it_stays_the_same_sort(self, kms: Kms, state: State) -> None:
        state.write(1)
        assert state.rotate().startswith("file:")
        said = state.rotate(kms.made())
        state.use(said)
        assert state.rotate() == said, "KMS changes what is in the key; the data keys are others"
        state.write(2)
        assert state.read()[0] == [2, 1]

    def test_the_older_file_stays_for_older_backups(self, kms: Kms, state: State) -> None:
        state.write(1)
        content = (state.settings.state / "settings.key").read_bytes()
        state.rotate(kms.made())
        (older,) = state.settings.state.glob("settings.key*")
        assert older.read_bytes() == content

    def test_a_state_that_kms_seals_is_read_only_where_that_is_said(self, kms: Kms, state: State) -> None:
        state.write(1)
        said = state.rotate(kms.made())
        with pytest.raises(KeyMissing, match="nothing says that it may be used") as told:
            state.read()
        assert told.value.next_step == f"set ODMD_KEY={said}"
        state.use(kms.made())
        with pytest.raises(KeyMissing, match="are sealed by key kms:") as told:
            state.read()
        assert said in (told.value.next_step or "")
        assert not (state.settings.state / "settings.key").exists()

    def test_one_that_a_file_seals_is_not_read_by_kms(self, kms: Kms, state: State) -> None:
        state.write(1)
        state.use(kms.made())
        with pytest.raises(KeyMissing, match="are sealed by key file:") as told:
            state.read()
        assert "unset ODMD_KEY" in (told.value.next_step or "")

    def test_a_key_that_cannot_be_used_leaves_the_one_before(self, kms: Kms, state: State) -> None:
        state.write(1)
        with pytest.raises(KeyMissing, match="cannot be used"):
            state.rotate(f"kms:arn:aws:kms:us-west-1:{kms.account}:key/00000000-0000-4000-8000-000000000000")
        with pytest.raises(SettingsInvalid):
            state.rotate("kms:settings")
        assert state.read()[0] == [1]

    def test_of_two_at_once_the_second_is_told_and_everything_is_read(self, kms: Kms, state: State) -> None:
        state.write(1)
        said = kms.made()

        with state.opened() as store, state.opened() as other:
            here = make_key_file(state.settings.state / "settings.key")
            second = KeyRing(other.database, lambda: here)
            first = _Meanwhile(
                kms.key(said, state_id(store)), lambda: second.rotate(kms.key(said, state_id(other)), SOMEBODY)
            )
            with pytest.raises(KeyMissing, match="somebody else rotated"):
                KeyRing(store.database, lambda: here).rotate(first, SOMEBODY)
        state.use(said)
        assert state.read()[0] == [1]


class _Meanwhile:
    """A master key during whose first use something else happens."""

    def __init__(self, key: MasterKey, then: Any) -> None:
        self._key, self._then, self.id = key, then, key.id

    def wrap(self, key: bytes) -> bytes:
        then, self._then = self._then, lambda: None
        then()
        return self._key.wrap(key)

    def unwrap(self, wrapped: bytes) -> bytes:
        return self._key.unwrap(wrapped)


def test_the_command_says_what_has_to_be_said_from_now_on(kms: Kms, state: State) -> None:
    def rotate(to: str) -> str:
        asked = ["rotate-key", "--to", to, "--state", str(state.settings.state)]
        done = CliRunner().invoke(config, asked, env={"COLUMNS": "300"})
        assert done.exit_code == 0, done.output
        return done.output

    state.write(1)
    said = kms.made()
    assert f"set ODMD_KEY={said} wherever odmd runs" in rotate(said)
    state.use(said)
    assert "ODMD_KEY" not in rotate(said)
    assert "unset ODMD_KEY wherever odmd runs" in rotate("file")
    state.use("")
    assert "ODMD_KEY" not in rotate("file")
    assert state.read()[0] == [1]
