"""`odmd doctor` says whether who owns the database would be found out: anchors, until when, where their key lies."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.bootstrap.audit_settings import AuditSettings
from odmd.bootstrap.auditing import anchor, is_relied_on, make_key, standing
from odmd.bootstrap.checkup import check_up
from odmd.bootstrap.settings import Settings, read_settings
from odmd.bootstrap.state import database
from odmd.control.access.tokens import make_token
from odmd.control.ports.log import Logged, Touched
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.events import RunClaimed
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.store.sql import SqlStore
from odmd.store.tokens import SqlTokens
from support.actors import SOMEBODY


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


def test_of_a_state_that_is_one_persons_nothing_is_said_until_somebody_else_is_let_in(settings: Settings) -> None:
    alone = replace(settings, audit=None)
    assert is_relied_on(settings)
    assert not is_relied_on(alone)
    assert "audit" not in {one.name for one in check_up(alone, None)}
    tokens = SqlTokens(database(alone))
    made = make_token(tokens, "grace", Scope.READ, SOMEBODY, time.time(), time.time() + 60)
    tokens.revoke(made.token.id, time.time(), SOMEBODY)
    tokens.close()
    assert is_relied_on(alone), "she may have read it"


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
