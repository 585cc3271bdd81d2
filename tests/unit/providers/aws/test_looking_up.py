"""An app is run until it has the answers to all that it looks up, and no further."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from odmd.control.running.place import Workplace
from odmd.control.running.saying import Progress
from odmd.model.targets import Target
from odmd.providers.aws.fake import FakeAws
from odmd.providers.aws.lookups.rounds import synthesised
from support.jobs import job


@dataclass
class Asks:
    """An app that asks for one key after the other, each when the one before was answered."""

    keys: tuple[str, ...]
    told: list[dict[str, object]] = field(default_factory=list)
    """What it was told each time that it ran."""

    def synthesise(self, source: Path, workplace: Workplace, target: Target, progress: Progress) -> None:
        del source, target, progress
        context = json.loads(workplace.answers.read_text()) if workplace.answers.is_file() else {}
        self.told.append(context)
        workplace.built.mkdir(exist_ok=True)
        missing = [{"key": key, "provider": "ssm", "props": {}} for key in self.keys if key not in context][:1]
        (workplace.built / "manifest.json").write_text(json.dumps({"missing": missing}))


def looked_up(
    folder: Path, asks: Asks, aws: FakeAws, kept: dict[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    return synthesised(asks, aws, folder, job(Workplace(folder), lookups=tuple((kept or {}).items())))


@pytest.fixture
def aws() -> FakeAws:
    made = FakeAws()
    made.answers = {"a": '"1"', "b": '{"c": [2]}'}
    return made


def test_who_asks_nothing_runs_once_and_is_told_nothing(tmp_path: Path, aws: FakeAws) -> None:
    asks = Asks(())
    assert looked_up(tmp_path, asks, aws) == ()
    assert asks.told == [{}]


def test_what_answers_lead_to_is_answered_too(tmp_path: Path, aws: FakeAws) -> None:
    asks = Asks(("b", "a"))
    assert looked_up(tmp_path, asks, aws) == (("a", '"1"'), ("b", '{"c": [2]}'))
    assert asks.told == [{}, {"b": {"c": [2]}}, {"b": {"c": [2]}, "a": "1"}]


def test_what_is_kept_is_not_looked_up(tmp_path: Path, aws: FakeAws) -> None:
    asks = Asks(("a",))
    assert looked_up(tmp_path, asks, aws, {"a": '"kept"', "unused": "0"}) == (("a", '"kept"'), ("unused", "0"))
    assert asks.told == [{"a": "kept", "unused": 0}]


def test_what_nobody_answers_stays_missing_for_the_reading_of_the_assembly_to_refuse(
    tmp_path: Path, aws: FakeAws
) -> None:
    asks = Asks(("nobody's",))
    assert looked_up(tmp_path, asks, aws) == ()
    assert len(asks.told) == 1


def test_who_asks_without_end_is_not_run_without_end(tmp_path: Path, aws: FakeAws) -> None:
    keys = tuple(map(str, range(100)))
    aws.answers = dict.fromkeys(keys, "1")
    asks = Asks(keys)
    assert len(looked_up(tmp_path, asks, aws)) == 8
    assert len(asks.told) == 8


def test_answers_are_for_nobody_else_on_the_machine(tmp_path: Path, aws: FakeAws) -> None:
    looked_up(tmp_path, Asks(("a",)), aws)
    assert Workplace(tmp_path).answers.stat().st_mode & 0o777 == 0o600
