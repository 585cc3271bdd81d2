"""`odmd doctor` says whether who owns the database would be found out: anchors, until when, where their key lies."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.bootstrap.audit_settings import AuditSettings
from odmd.bootstrap.auditing import anchor, make_key, standing
from odmd.bootstrap.settings import Settings, read_settings
from odmd.bootstrap.state import database
from odmd.control.ports.log import Logged, Touched
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.store.sql import SqlStore


def write(settings: Settings, at: float) -> None:
    """One more entry of the log."""
    store = SqlStore(database(settings))
    position = store.position()
    store.commit(position, [], [Logged(position + 1, RunClaimed(1, AttemptNumber(1), "w", at), "m")], Touched(), ())
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    said = replace(read_settings("contracts.py:acme", tmp_path), state=tmp_path / "state")
    said.state.mkdir()
    make_key(tmp_path / "key.pem")
    write(said, time.time())
    return replace(said, audit=AuditSettings(tmp_path / "elsewhere" / "anchors.jsonl", tmp_path / "key.pem", 60))


def test_without_any_it_says_what_that_means(settings: Settings) -> None:
    found = standing(replace(settings, audit=None))
    assert (found.state, "no anchors" in found.fact) == ("note", True)


def test_what_waits_too_long_is_said_and_a_quiet_log_is_not(settings: Settings) -> None:
    assert standing(settings).fact == "nothing was anchored so far"
    assert anchor(settings)
    found = standing(settings)
    assert found.state == "good"
    assert found.fact.startswith("anchored last at position 1, ")
    write(settings, time.time() - 121)
    found = standing(settings)
    assert (found.state, "waits since" in found.fact) == ("note", True)


def test_what_lies_beside_the_state_is_no_proof_against_its_owner(settings: Settings) -> None:
    assert settings.audit
    make_key(settings.state / "key.pem")
    found = standing(replace(settings, audit=replace(settings.audit, key=settings.state / "key.pem")))
    assert (found.state, "their key lies beside the state" in found.fact) == ("note", True)


def test_an_anchor_that_was_changed_is_wrong(settings: Settings) -> None:
    assert anchor(settings)
    assert settings.audit
    assert isinstance(settings.audit.anchors, Path)
    text = settings.audit.anchors.read_text()
    settings.audit.anchors.write_text(re.sub(r"(position\D+)1", r"\g<1>2", text))
    assert standing(settings).state == "wrong"
