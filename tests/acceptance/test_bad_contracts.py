"""Contracts that cannot be: a clear message with its place, exit code 1, no traceback, nothing touched."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from support.workbench import CONTRACTS, Workbench

MISTAKES = {
    "does not import": ("import nothing_like_this\n" + CONTRACTS, "ODMD001", "contracts.py:1", "nothing_like_this"),
    "raises": (CONTRACTS + "\n1 / 0\n", "ODMD001", "contracts.py:27", "division by zero"),
    "syntax error": (CONTRACTS + "\nfoo(\n", "ODMD001", "contracts.py:27", "syntax error"),
    "no organisation": (CONTRACTS.replace("acme = ", "other = "), "ODMD001", "", "contracts.py:other"),
    "unwired": (CONTRACTS.replace("Reader(on=main, at=dev, bus=foundation.bus)", "Reader(on=main, at=dev)"),
                "ODMD010", "contracts.py:23", "`bus` (EventBus)"),
    "unknown input": (CONTRACTS.replace("at=dev, bus=foundation.bus)\nwriter", "at=dev, buss=foundation.bus)\nwriter"),
                      "ODMD001", "contracts.py:23", "takes no buss"),
    "one address twice": (CONTRACTS.replace("[foundation,", "[foundation, Foundation(on=main, at=dev),"),
                          "ODMD011", "contracts.py:25", "declared twice: also at contracts.py:22"),
    "not listed": (CONTRACTS.replace("[foundation, ", "["), "ODMD013", "contracts.py:23", "does not list"),
    "bad name": (CONTRACTS.replace('Build("reader"', 'Build("rea der"'), "ODMD014", "contracts.py:23", "rea der"),
    "cycle": (CONTRACTS.replace('    bus: Produces[EventBus[str]] = produced("what happens")',
                                '    bus: Produces[EventBus[str]] = produced("what happens")\n'
                                '    back: Consumes[Queue] = late("back")').replace(
                  "writer = Writer", "foundation.back = reader.queue\nwriter = Writer"),
              "ODMD012", "contracts.py:", "foundation@main/bus → reader@main/queue → foundation@main"),
    "wrong kind": (CONTRACTS.replace("bus=foundation.bus)\nwriter", "bus=foundation)\nwriter"),
                   "ODMD001", "contracts.py:23", "takes the product of an enver"),
    "text as revision": (CONTRACTS.replace("Reader(on=main", 'Reader(on="main"'),
                         "ODMD001", "contracts.py:23", "Reader takes Branch or Tag or Promoted or AsInstalled as on"),
    "ends the process": ("import sys\nsys.exit(0)\n" + CONTRACTS, "ODMD001", "contracts.py:2", "end the process"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("command", "mistake"), [("plan", "unwired"), ("apply", "unwired"), *(("check", mistake) for mistake in MISTAKES)]
)
def test_a_mistake_is_told_with_code_and_place(tmp_path: Path, mistake: str, command: str) -> None:
    contracts, code, place, words = MISTAKES[mistake]
    bench = Workbench(tmp_path)
    bench.write("contracts.py", contracts)
    done = bench.odmd(command)
    assert done.returncode == 1
    assert code in done.stderr
    assert place in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".odmd").exists()


def test_all_mistakes_are_told_at_once_and_as_json(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    contracts = CONTRACTS.replace(", bus=foundation.bus)", ")").replace('Build("foundation"', 'Build("config"')
    bench.write("contracts.py", contracts)
    done = bench.odmd("check", "--json")
    assert done.returncode == 1
    assert [done.stdout.count(code) for code in ("ODMD010", "ODMD014")] == [2, 1]


def test_no_contracts_at_all(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.write("pyproject.toml", "")
    done = bench.odmd("check")
    assert done.returncode == 1
    assert "ODMD003" in done.stderr
    assert "--contracts" in done.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[tool.odmd]\ncontract = 'x:y'", "has no contract"),
        ("[tool.odmd]\ncontracts = 7", "must be a text"),
        ("[tool.odmd]\nretire-after = 'soon'", "must be a number"),
        ("[tool.odmd]\ncontracts = ", "cannot be read"),
    ],
)
def test_bad_settings(tmp_path: Path, settings: str, words: str) -> None:
    bench = Workbench(tmp_path)
    bench.write("pyproject.toml", settings)
    done = bench.odmd("check")
    assert done.returncode == 1
    assert "ODMD003" in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["check", "--nonsense"], ["why"], ["runs", "-n", "0"]])
def test_wrong_usage_is_exit_code_2(tmp_path: Path, words: list[str]) -> None:
    assert Workbench(tmp_path).odmd(*words).returncode == 2


def test_what_cannot_be_deployed_yet_is_named_and_the_rest_is_planned(tmp_path: Path) -> None:
    bench = Workbench(tmp_path).services()
    image = CONTRACTS.replace("class Writer(CdkEnver", "class Writer(NpmEnver")
    bench.write("contracts.py", image)
    assert bench.odmd("check").returncode == 0
    done = bench.odmd("plan")
    assert done.returncode == 0, done.stderr
    assert "Not carried out by this release" in done.stdout
    assert "writer@main: it does not say which index it is published to" in done.stdout
    assert "create reader@main" in done.stdout


def test_a_state_that_is_no_database_is_told(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.write(".odmd/state.db", "this is not a database, but a text of some length" * 100)
    done = bench.odmd("status")
    assert done.returncode == 1
    assert "ODMD105" in done.stderr


def test_what_contracts_print_stands_in_no_json(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.write("contracts.py", CONTRACTS + "\nprint('hello')\n")
    done = bench.odmd("check", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["sound"] is True
    assert "hello" in done.stderr


def test_mistakes_are_told_in_the_forms_of_ci_systems(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.write("contracts.py", CONTRACTS.replace(", bus=foundation.bus)", ")"))
    github = bench.odmd("check", "--format", "github")
    assert github.returncode == 1
    assert github.stdout.startswith("::error file=contracts.py,line=23,title=ODMD010::reader@main consumes")
    sarif = bench.odmd("check", "--format", "sarif")
    assert sarif.returncode == 1
    results = json.loads(sarif.stdout)["runs"][0]["results"]
    place = results[0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("contracts.py", 23)
    assert {result["level"] for result in results} == {"error", "warning"}


def test_warnings_stop_nothing(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.write("contracts.py", "import os\nos.environ.get('HOME')\n" + CONTRACTS)
    done = bench.odmd("check")
    assert done.returncode == 0
    assert "contracts.py:2: ODMD038 warning: the contracts ask the environment (HOME)" in done.stderr
    assert "is sound" in done.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [(["plan", "--state", "contracts.py"], "ODMD105"), (["apply", "--yes", "--state", "contracts.py/x"], "ODMD105"),
     (["status", "--state", "\udcff"], "ODMD043"), (["why", "\udcff@main", "--json"], "ODMD043"),
     (["graph", "--out", "nowhere/at/all.html"], "ODMD")],
)  # fmt: skip
def test_what_cannot_be_a_file_or_a_text_is_told(tmp_path: Path, words: list[str], code: str) -> None:
    done = Workbench(tmp_path).odmd(*words)
    assert done.returncode in (1, 2)
    assert code in done.stderr + done.stdout or done.returncode == 2
    assert "ODMD000" not in done.stderr
    assert "Traceback" not in done.stderr


def test_modules_of_the_users_own_take_nobodys_place(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    for name in ("json", "typing", "html", "sqlite3", "yaml", "rich", "boto3"):
        bench.write(f"{name}.py", "raise SystemExit('not this one')")
    done = bench.run([sys.executable, "-m", "odmd", "plan"])
    assert "3 envers cannot be read" in done.stdout, done.stderr
