"""Envers that a command of their own brings about: between stacks, as what they consume and produce; and removed."""

from __future__ import annotations

import re

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
    for name, text in files.items():
        bench.write(f"repos/acme/menu/{name}", text)
        (bench.root / "repos" / "acme" / "menu" / name).chmod(0o755)
    if not (bench.root / "repos" / "acme" / "menu" / ".git").exists():
        bench.git("menu", "init", "-q", "-b", "main")
    bench.git("menu", "add", "-A")
    bench.git("menu", "commit", "-q", "--allow-empty", "-m", "change")


def items(bench: Workbench) -> list[str]:
    return [value["value"]["text"] for value in bench.data("values", "menu@main/items")]


def test_a_command_stands_between_stacks_and_is_taken_back(bench: Workbench) -> None:
    bench.write("contracts.py", CONTRACTS)
    commit(bench, fill=FILL, empty="#!/bin/sh\necho emptied for $ODMD_IN_BUS\n")

    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert items(bench) == ["tea, for one"]
    said = bench.odmd("logs", "menu@main").stdout
    assert "the bus is one" in said
    assert "runs ./fill" in said

    bench.commit("foundation", {"": bus("two")})
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
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
