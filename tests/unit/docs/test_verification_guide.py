"""The guide to what has to pass says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from odmd.cli.checks import _COLUMNS  # pyright: ignore[reportPrivateUsage]  # what people see
from odmd.errors import VerificationRed
from odmd.graph import compile_contracts, load_organisation
from odmd.model import AlarmCheck, CommandCheck, HttpCheck, SuiteCheck

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "verification.md").read_text()
AROUND = """
from odmd.model import *
from odmd.model.kinds import EventBus, HttpApi

baristas, dev = Team("baristas"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class Foundation(CdkEnver, build=Build("foundation", Repo("acme/foundation", baristas))):
    bus: Produces[EventBus[str]] = produced("what happens")

{}
foundation = Foundation(on=Branch("main"), at=dev)
orders = Orders(on=Branch("main"), at=dev, bus=foundation.bus)
acme = Organisation("acme", central=dev.account, envers=[foundation, orders])
"""


def test_its_contracts_are_sound(tmp_path: Path) -> None:
    (snippet, _, rights) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "guide.py").write_text(AROUND.format(snippet))
    loaded = load_organisation("guide.py:acme", tmp_path)
    said = compile_contracts(loaded.organisation, loaded.declared).graph.envers["orders/b..main"].verification
    assert eval(rights.partition("=")[2]).may == ("dynamodb:GetItem", "sqs:SendMessage")
    assert said.order == ("api/health", "smoke", "alarms orders-errors")
    assert (said.rolls_back, said.bake_minutes) == (True, 30)


def test_its_table_has_every_kind_of_check_and_what_holds_unless_said() -> None:
    assert set(re.findall(r"^\| `(\w+Check)\(", GUIDE, re.MULTILINE)) == {
        one.__name__ for one in (SuiteCheck, CommandCheck, HttpCheck, AlarmCheck)
    }
    suite, answer = SuiteCheck("tests"), HttpCheck("api")
    assert f"`minutes` ({suite.minutes}, of each try), `retries` ({suite.retries}), `network` (no)" in GUIDE
    assert not suite.network
    assert f"`status` ({answer.status})" in GUIDE
    assert f"`seconds` ({answer.seconds}) within which" in GUIDE
    assert f"`latency` ({answer.latency}) of one answer" in GUIDE
    assert VerificationRed.code in GUIDE


def test_its_example_looks_as_the_table_does() -> None:
    head = next(line for line in GUIDE.splitlines() if line.startswith("check  "))
    assert tuple(re.split(r" {2,}", head.strip())) == _COLUMNS
