"""kill -9 amid an edit, and a rotation of the key: all of it is so, or nothing; and the next one works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from odmd.bootstrap.keys import KEY_FILE, rotate_key
from odmd.bootstrap.private import vault
from odmd.bootstrap.settings import read_settings
from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION
from odmd.control.ports.settings import Edit
from odmd.store.key_file import make_key_file
from odmd.store.sql import SqlStore
from support.actors import SOMEBODY

PROGRAM = """
import os, signal, sys
from pathlib import Path

from odmd.bootstrap.keys import rotate_key
from odmd.bootstrap.private import vault
from odmd.bootstrap.settings import read_settings
from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION
from odmd.control.ports.settings import Edit
from odmd.store import key_file, sealing, settings as stored
from odmd.store.sql import SqlStore
from support.actors import SOMEBODY

def die(*_words, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

def at_call(number, do):
    calls = []
    def called(*words, **more):
        calls.append(words)
        return die() if len(calls) == number else do(*words, **more)
    return called

settings = read_settings()
store = SqlStore(settings.state / "state.db")
kept = vault(settings, store)
kept.layers.newest()
match sys.argv[1]:
    case "the row is written":
        stored.tell = die
    case "the keys are wrapped":
        sealing.insert_new = die
    case "it is committed":
        import odmd.bootstrap.keys as keys
        keys.put_in_place = die
    case "the old file is set aside":
        Path.rename = at_call(2, Path.rename)
if sys.argv[1] == "the row is written":
    kept.layers.write(Edit(ORGANISATION, ConfigDocument({"prices": {"latte": 2}}), 1, SOMEBODY, "", ()), 2.0)
else:
    rotate_key(settings, store)
"""


def edit(latte: int, after: int) -> Edit:
    return Edit(ORGANISATION, ConfigDocument({"prices": {"latte": latte}}), after, SOMEBODY, "", ())


@pytest.fixture(params=["beside the state", "elsewhere"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state with one layer, and where its key is."""
    (here := tmp_path / "here").mkdir()
    (keys := tmp_path / "keys").mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("ODMD_KEY", raising=False)
    monkeypatch.delenv(KEY_FILE, raising=False)
    if request.param == "elsewhere":
        make_key_file(keys / "master")
        monkeypatch.setenv(KEY_FILE, str(keys / "master"))
    store = opened()
    vault(read_settings(), store).layers.write(edit(1, 0), 1.0)
    store.close()
    return here


def opened() -> SqlStore:
    return SqlStore(read_settings().state / "state.db")


def killed(when: str) -> None:
    tests = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, when], env={**os.environ, "PYTHONPATH": tests}, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.usefixtures("folder")
class TestKilled:
    def test_an_edit_that_was_killed_is_not_there_and_neither_is_its_record(self) -> None:
        killed("the row is written")
        store = opened()
        layers = vault(read_settings(), store).layers
        (only,) = layers.history(ORGANISATION)
        assert (only.version, only.document) == (1, edit(1, 0).document)
        assert len(store.pending(10)) == 1
        assert layers.write(edit(2, 1), 2.0).version == 2
        assert len(store.pending(10)) == 2
        store.close()

    @pytest.mark.parametrize("when", ["the keys are wrapped", "it is committed", "the old file is set aside"])
    def test_a_rotation_that_was_killed_is_taken_back_or_completed(self, when: str) -> None:
        killed(when)
        store = opened()
        layers = vault(read_settings(), store).layers
        assert layers.newest()[ORGANISATION].document == edit(1, 0).document
        rotate_key(read_settings(), store)
        layers = vault(read_settings(), store).layers
        assert layers.write(edit(2, 1), 2.0).version == 2
        assert [one.version for one in layers.history(ORGANISATION)] == [2, 1]
        store.close()
