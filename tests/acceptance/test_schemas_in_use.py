"""A message that its readers cannot take is caught before anything moves: by `odmd can-i-deploy`, and by the plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import BUS_PARAMETER, CONTRACTS, WRITER, Workbench, bus

ORDER = """
from dataclasses import dataclass

@dataclass
class Order:
    id: str
    {more}
"""
READER = {"Parameters": BUS_PARAMETER, "Resources": WRITER["Resources"]}


def typed(more: str) -> str:
    """The contracts with a type on the bus."""
    return ORDER.format(more=more) + CONTRACTS.replace("EventBus[str]", "EventBus[Order]").replace(
        '    queue: Produces[Queue] = produced("what was read")\n', ""
    )


@pytest.fixture
def shop(tmp_path: Path, emulator: Emulator, target: Target) -> Workbench:
    made = Workbench(tmp_path, emulator.environment(target))
    made.commit("foundation", {"": bus("one")})
    made.commit("writer", {"": WRITER})
    made.commit("reader", {"": json.loads(json.dumps(READER).replace("/writer/bus", "/reader/bus"))})
    made.write("contracts.py", typed("cents: int").replace("111122223333", target.account))
    done = made.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def test_what_breaks_a_reader_is_caught_and_goes_only_with_a_reason(shop: Workbench) -> None:
    asked = shop.odmd("can-i-deploy", "writer@main")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    contracts = (shop.root / "contracts.py").read_text()
    shop.write("contracts.py", contracts.replace("cents: int", "price: float"))

    refused = shop.odmd("can-i-deploy", "writer@main")
    assert refused.returncode == 1
    assert "writer@main (platform) writes → reader@main (platform) reads" in refused.stdout
    assert "✗ while it moves: does not fit" in refused.stdout
    assert "cents is not there" in refused.stdout
    assert "expand: let writer@main go on with `cents`" in refused.stdout

    shop.commit("writer")
    before = shop.data("runs")
    stopped = shop.apply()
    assert stopped.returncode == 1
    assert "ODMD246" in stopped.stderr
    assert "reader@main (team platform) reads foundation@main/bus of writer@main: cents is not there" in stopped.stderr
    assert shop.data("runs") == before, "nothing moved"

    done = shop.odmd("apply", "--yes", "--accept-misfits", "the reader is asleep")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "accepting that reader@main break: the reader is asleep" in shop.odmd("why", "writer@main").stdout
    beside = shop.data("can-i-deploy", "writer@main")
    assert (beside["possible"], beside["links"][0]["already"]) == (True, ["cents is not there"])


def test_documents_are_shown_as_they_were_deployed(shop: Workbench) -> None:
    assert [(one["name"], one["of"]) for one in shop.data("docs", "writer@main")] == [("contracts:Order", "schema")]
    assert json.loads(shop.odmd("docs", "writer@main", "Order").stdout)["required"] == ["id", "cents"]
    missing = shop.odmd("docs", "writer@main", "README.md")
    assert (missing.returncode, "ODMD252" in missing.stderr) == (1, True)


def test_a_yes_is_held_until_somebody_lets_go(shop: Workbench) -> None:
    held = shop.data("can-i-deploy", "writer@main", "--hold", "30m")
    assert held["held_until"]
    assert shop.data("can-i-deploy", "writer@main", "--let-go") == {"let_go": True}
    assert shop.data("can-i-deploy", "writer@main", "--let-go") == {"let_go": False}
