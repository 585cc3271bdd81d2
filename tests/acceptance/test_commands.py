"""Envers that a command of their own brings about: between stacks, as what they consume and produce; and removed."""

from __future__ import annotations

import re

from odmd.model.build_types import Does
from odmd.plan.run_steps import RunStep
from support.refining import refines
from support.workbench import Workbench, bus, without

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import EventBus, Json, Text

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class Foundation(CdkEnver, build=Build("foundation", Repo("acme/foundation", team))):
    bus: Produces[EventBus[str]] = produced("what happens")

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    bus: Consumes[EventBus[str]]
    items: Produces[Text] = produced("what there is")

class Writer(CdkEnver, build=Build("writer", Repo("acme/writer", team))):
    bus: Consumes[Text] = consumed("what there is", name="bus")

main = Branch("main")
foundation = Foundation(on=main, at=dev)
menu = Menu(on=main, at=dev, bus=foundation.bus, commands=("./fill",), remove="./empty")
writer = Writer(on=main, at=dev, bus=menu.items)
acme = Organisation("acme", central=dev.account, envers=[foundation, menu, writer])
"""
FILL = """#!/bin/sh
echo "the bus is $ODMD_IN_BUS"
printf '{"items": "tea, for %s"}' "$ODMD_IN_BUS" > "$ODMD_PRODUCTS"
"""


def commit(bench: Workbench, **files: str) -> None:
    """To the menu's repository: programs."""
    bench.commit_programs("menu", files)


def items(bench: Workbench) -> list[str]:
    return [value["value"]["text"] for value in bench.data("values", "menu@main/items")]


def planned(bench: Workbench) -> dict[str, list[RunStep]]:
    """Enver → the steps that the plan lists for its run."""
    stages = bench.data("plan")["plan"]["stages"]
    return {
        step["enver"]: [RunStep(Does(one["does"]), one["unit"]) for one in step["run_steps"]]
        for stage in stages
        for step in stage["steps"]
    }


def did(bench: Workbench) -> dict[str, list[RunStep]]:
    """Enver → the steps of its newest run, all of which are done."""
    newest = {run["enver"]: run["id"] for run in reversed(bench.data("runs"))}
    runs = {enver: bench.data("runs", str(run))["steps"] for enver, run in newest.items()}
    assert all(step["done"] for steps in runs.values() for step in steps)
    return {enver: [as_data(step["step"]) for step in steps] for enver, steps in runs.items()}


def as_data(step: str) -> RunStep:
    """`carry out orders--main`, as data again."""
    does = next(one for one in Does if step == one or step.startswith(f"{one} "))
    return RunStep(does, step.removeprefix(does).strip())


def test_a_command_stands_between_stacks_and_is_taken_back(bench: Workbench) -> None:
    bench.write("contracts.py", CONTRACTS)
    commit(bench, fill=FILL, empty="#!/bin/sh\necho emptied for $ODMD_IN_BUS\n")
    listed = planned(bench)
    simulated = {run["enver"]: run["steps"] for run in bench.data("simulate")["runs"]}
    assert simulated == {enver: list(map(str, steps)) for enver, steps in listed.items()}
    assert "steps: prepare, bring about its commands\n" in bench.odmd("plan", "--steps").stdout

    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    ran = did(bench)
    assert listed.keys() == ran.keys()
    assert all(refines(ran[enver], listed[enver]) for enver in listed), (listed, ran)
    assert items(bench) == ["tea, for one"]
    said = bench.odmd("logs", "menu@main").stdout
    assert "the bus is one" in said
    assert "runs ./fill" in said

    bench.commit("foundation", {"": bus("two")})
    listed = planned(bench)
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(listed["writer/b..main"][0]) == "propose writer--main", "of a kept recipe the units are known"
    ran = did(bench)
    assert all(refines(ran[enver], listed[enver]) for enver in listed), (listed, ran)
    shown = bench.odmd("runs", str(bench.data("runs", "writer@main")[0]["id"])).stdout
    assert re.search(r"✓ propose writer--main +[0-9.]+ s\n +✓ carry out writer--main", shown), shown
    assert items(bench) == ["tea, for one", "tea, for two"]
    why = bench.odmd("why", "writer@main").stdout
    assert "menu@main" in why
    assert "foundation" in why

    commit(bench, fill="#!/bin/sh\necho no tea >&2\nexit 4\n")
    done = bench.apply()
    assert done.returncode == 1
    assert re.search(r"ODMD253.*`\./fill` ended with 4: no tea", done.stdout + done.stderr)
    assert items(bench) == ["tea, for one", "tea, for two"], "what runs stays"

    commit(bench, fill=FILL)
    assert bench.apply().returncode == 0
    contracts = without(CONTRACTS, "menu", "writer")
    bench.write("contracts.py", contracts)
    done = bench.apply()
    assert "odmd approve menu@main" in done.stdout + done.stderr, done.stdout + done.stderr
    assert {one["enver"] for one in bench.data("status")} == {"foundation/b..main", "menu/b..main"}
    done = bench.odmd("approve", "menu@main", "data", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {one["enver"] for one in bench.data("status")} == {"foundation/b..main"}
