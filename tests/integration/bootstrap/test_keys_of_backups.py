"""A backup says which key reads the private settings in it; a restore says whether that key is to be had."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.bootstrap.keys import key_path, rotate_key_of
from odmd.bootstrap.private import vault
from odmd.bootstrap.recovery import BackedUp, Restored, back_up, recover
from odmd.bootstrap.settings import Settings, read_settings
from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION
from odmd.control.ports.settings import Edit
from odmd.graph import compile_contracts, load_organisation
from odmd.store.key_file import KeyFile
from odmd.store.sql import SqlStore
from support.actors import somebody
from support.recording import Desk
from support.workbench import CONTRACTS


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("ODMD_KEY", "ODMD_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "contracts.py").write_text(CONTRACTS)
    return replace(read_settings("contracts.py:acme", tmp_path), state=tmp_path / "state")


def say(settings: Settings, text: str) -> None:
    settings.state.mkdir(exist_ok=True)
    store = SqlStore(settings.state / "state.db")
    layers = vault(settings, store).layers
    held = layers.find(ORGANISATION)
    after = held.version if held else 0
    layers.write(Edit(ORGANISATION, ConfigDocument({"a": {"b": text}}), after, somebody("ada"), "", ()), 1.0)
    store.close()


def backed_up(settings: Settings, name: str) -> tuple[Path, BackedUp]:
    file = settings.state.parent / name
    return file, back_up(settings, file)


def restored(settings: Settings, file: Path) -> Restored:
    loaded = load_organisation("contracts.py:acme", settings.state.parent)
    return recover(settings, compile_contracts(loaded.organisation), somebody("ada"), file)


def test_where_nothing_is_private_no_key_is_needed(settings: Settings) -> None:
    settings.state.mkdir()
    SqlStore(settings.state / "state.db").close()
    file, done = backed_up(settings, "one.db")
    assert done.sealed_by == []
    assert restored(settings, file).keys == []
    assert not key_path(settings).exists(), "and none is made"


def test_the_key_is_named_and_one_that_is_gone_or_was_rotated_away_is_missed(settings: Settings) -> None:
    say(settings, "first")
    first = KeyFile(key_path(settings)).id
    file, done = backed_up(settings, "one.db")
    assert done.sealed_by == [first]
    (key,) = restored(settings, file).keys
    assert (key.id, key.missing) == (first, ""), "it is there"

    second = rotate_key_of(settings)
    assert backed_up(settings, "two.db")[1].sealed_by == [second]
    (key,) = restored(settings, file).keys
    assert key.id == first
    assert f"sealed by key {first}, and the key here is {second}" in key.missing
    aside = key_path(settings).with_name(f"settings.key.{first.removeprefix('file:')}")
    assert key.next_step.startswith(f"ODMD_KEY_FILE={aside} reads them")

    aside.unlink()
    key_path(settings).unlink()
    (key,) = restored(settings, file).keys
    assert "cannot be read" in key.missing
    assert "bring the file back" in key.next_step


def test_commands_say_so(desk: Desk) -> None:
    desk.monkeypatch.delenv("ODMD_KEY_FILE", raising=False)
    desk.odmd("secret", "list")
    settings = replace(read_settings("contracts.py:acme", desk.state), state=desk.state)
    say(settings, "first")
    key = KeyFile(key_path(settings)).id
    assert f"nobody reads the private settings in it without the key {key}" in desk.odmd("backup", "one.db").out
    assert json.loads(desk.odmd("backup", "two.db", "--json").out)["sealed_by"] == [key]
    key_path(settings).unlink()
    told = desk.odmd("recover", "one.db", "--yes")
    assert told.code == 0
    assert f"! nobody reads the private settings here: they are sealed by the key {key}. the key" in told.out
    (said,) = desk.odmd("recover", "--yes", "--json").data["keys"]
    assert said["id"] == key
    assert said["missing"]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, capsys, monkeypatch)
