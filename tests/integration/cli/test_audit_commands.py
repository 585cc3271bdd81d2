"""`odmd audit`, `odmd history`, `odmd why VALUE` and `odmd reached`, as they are typed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from odmd.cli.main import app
from odmd.control.leading.state_id import state_id
from odmd.control.ports.log import Logged, Touched
from odmd.control.scheduler.actor import Actor, ActorKind, Scope
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.events import Event, Paused, Resumed
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.state import Pause, Wave
from odmd.control.scheduler.values import Value, ValueRef
from odmd.errors import LogBroken, OdmdError
from odmd.plan.fingerprint import Fingerprint
from odmd.store.sql import SqlStore

ADA = Actor("ada", ActorKind.PERSON, "token 3f0c9a", Scope.ADMIN, origin="192.0.2.7")
ENVER = "orders/b..main"
SETTINGS = """
[tool.odmd]
[tool.odmd.audit]
anchors = "elsewhere/anchors.jsonl"
key = "anchors.pem"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a state in which something happened."""
    monkeypatch.chdir(tmp_path)
    for name in ("ODMD_SERVER", "ODMD_STATE", "ODMD_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    with closing(SqlStore(tmp_path / ".odmd" / "state.db")) as store:
        state_id(store)
        fill(store)
    return tmp_path


def fill(store: SqlStore) -> None:
    events: list[Event] = [Paused(ENVER, Pause(ADA, "a look", None), 1.0), Resumed(ENVER, ADA, 2.0)]
    made = Fingerprint("c0ffee" + "0" * 34, "slice", (), subject="more foam")
    run = Run(1, ENVER, made, (), RunMode.FULL, (1,), ("its first deployment",), 3.0)
    run = replace(run, status=RunStatus.SUCCEEDED, finished_at=4.0, published=(ValueRef(f"{ENVER}/bus", 1),))
    touched = Touched(
        [Enver(ENVER, last_run=1)],
        [run],
        [Value(f"{ENVER}/bus", 1, "arn:bus", "arn:bus", "EventBus", 1, 4.0)],
        [Wave(1, "a push", ADA, 2.5, "sha256:0123456789", (ENVER,))],
    )
    store.commit(0, [], [Logged(n, event, "m") for n, event in enumerate(events, 1)], touched, [])


def odmd(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def refused(*words: str) -> OdmdError:
    wrong = CliRunner().invoke(app, words).exception
    assert isinstance(wrong, OdmdError)
    return wrong


def data(*words: str) -> Any:
    return json.loads(odmd(*words, "--json"))


def change(statement: str) -> None:
    with closing(sqlite3.connect(".odmd/state.db")) as connection, connection:
        connection.execute(statement)


def test_it_says_who_when_why_and_from_where(folder: Path) -> None:
    assert "192.0.2.7" in odmd("audit", "search")
    (paused,) = data("audit", "search", "--action", "paused", "--actor", "ada", "--enver", "orders@main")
    said = [paused[name] for name in ("position", "actor", "proof", "origin", "why")]
    assert said == [1, "ada", "token 3f0c9a", "192.0.2.7", "a look"]
    assert [one["position"] for one in data("audit", "search")] == [2, 1]
    assert [one["position"] for one in data("audit", "search", "--before", "2")] == [1]
    assert "nothing of that" in odmd("audit", "search", "--text", "nobody said this")


def test_an_export_goes_on_where_it_ended() -> None:
    lines = odmd("audit", "export").splitlines()
    assert [json.loads(line)["position"] for line in lines] == [1, 2]
    assert odmd("audit", "export", "--after", "1").splitlines() == lines[1:]


def test_the_log_is_proven_and_what_was_changed_is_found(folder: Path) -> None:
    public = odmd("audit", "key", "anchors.pem")
    assert "0 anchors" in odmd("audit", "verify")
    odmd("audit", "anchor")
    assert data("audit", "verify")["anchored"] == 1
    (folder / "anchors.pem").write_text(public)
    assert "1 anchor" in odmd("audit", "verify"), "the public key proves"
    change("UPDATE log SET body = replace(body, 'ada', 'eve') WHERE position = 2")
    wrong = refused("audit", "verify")
    assert isinstance(wrong, LogBroken)
    assert "at position 2" in wrong.fact
    assert json.loads(odmd("audit", "verify", "--json", code=1))["broken"]["position"] == 2


def test_a_log_whose_end_was_cut_off_is_found_by_its_anchor() -> None:
    odmd("audit", "key", "anchors.pem")
    odmd("audit", "anchor")
    change("DELETE FROM log WHERE position = 2")
    assert "the log ends before" in refused("audit", "verify").fact


def test_without_anchors_it_says_what_is_not_proven(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.odmd]\n")
    assert "nothing was anchored" in odmd("audit", "verify")
    assert refused("audit", "anchor").code == "ODMD132"
    odmd("audit", "key", "anchors.pem")
    assert "is there already" in refused("audit", "key", "anchors.pem").fact


@pytest.mark.parametrize(
    "said",
    [
        'anchors = "a"',
        'key = "k"',
        'anchors = "a"\nkey = "k"\nevery = 0',
        'anchors = "a"\nkey = "k"\nmore = 1',
        'anchors = "s3://bucket/x"\nkey = "k"',
        'anchors = "s3://B/x"\nkey = "k"\naccount = "111122223333"\nregion = "eu-west-1"',
    ],
)
def test_settings_that_say_too_little_or_too_much_are_refused(folder: Path, said: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.odmd]\n[tool.odmd.audit]\n{said}\n")
    assert "[tool.odmd.audit]" in refused("audit", "verify").fact


def test_what_became_of_an_enver_is_told() -> None:
    told = odmd("history", "orders@main")
    assert told.index("run 1") < told.index("Resumed") < told.index("Paused")
    for word in ("by ada", "from 192.0.2.7", "a look", "c0ffee", "more foam", "for change 1 by ada: a push"):
        assert word in told
    assert [one["what"] for one in data("history", "orders@main")["happenings"]] == ["run 1", "Resumed", "Paused"]


def test_a_value_leads_back_and_a_commit_forward_in_text_data_and_pictures() -> None:
    back, forward = odmd("why", "orders@main/bus"), odmd("reached", "c0ffee")
    for told in (back, forward):
        assert "orders@main/bus #1 = arn:bus" in told
        assert "commit c0ffee" in told
    assert "change 1: a push" in back
    assert back.index("#1") < back.index("run 1") < back.index("commit")
    assert forward.index("commit") < forward.index("run 1") < forward.index("#1")
    assert data("why", "orders@main/bus")["of"] == f"value {ENVER}/bus 1"
    assert odmd("why", "orders@main/bus", "--format", "dot").startswith("digraph")
    assert "flowchart" in odmd("reached", "c0ffee", "--format", "mermaid")
    assert "<html" in odmd("why", f"{ENVER}/bus", "--version", "1", "--format", "html")
    assert refused("why", "orders@main/bus", "--version", "2").code == "ODMD130"
    assert refused("reached", "beef").code == "ODMD130"
    odmd("why", "orders@main", "--format", "dot", code=2)
    assert "run 1" in odmd("why", "orders@main")
