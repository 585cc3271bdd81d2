"""Envers are verified at the end of their runs: what does not pass is published to nobody, and nobody takes it over."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.soak import soak_only
from support.until import until
from support.workbench import Workbench

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import Text

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")
prod = Stage("prod", Account("prod", "444455556666"), "us-west-1")

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what there is")
    commands = ("./fill",)
    verified_by = (CHECKS,)
    on_red = "ON_RED"

class Guest(CommandEnver, build=Build("guest", Repo("acme/guest", team))):
    items: Consumes[Text]

main = Branch("main")
menu = Menu(on=main, at=dev)
menu_prod = Menu(on=Promoted(menu), at=prod, verified_by=())
guest = Guest(on=main, at=dev, items=menu.items, commands=("true",))
acme = Organisation("acme", central=dev.account, envers=[menu, menu_prod, guest])
"""
FILL = """#!/bin/sh
printf '{"items": "%s"}' > "$ODMD_PRODUCTS"
"""
TESTS = """
import os

def test_it_says_what_there_is():
    assert os.environ["ODMD_OUT_ITEMS"] == os.environ.get("WANTED", "tea")

def test_it_leaves_a_report():
    with open(os.environ["ODMD_REPORTS"] + "/menu.html", "w") as page:
        page.write("<p>tea</p> AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI0K7MDENG0bPxRfiCYEXAMPLEKEY")
    print("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI0K7MDENG0bPxRfiCYEXAMPLEKEY")

def test_it_has_no_credentials():
    assert not [name for name in os.environ if name.startswith("AWS_")]
"""


def contracts(checks: str, on_red: str = "hold") -> str:
    return CONTRACTS.replace("CHECKS", checks).replace("ON_RED", on_red)


def commit(bench: Workbench, service: str = "menu", **files: str) -> None:
    """To a service's repository: `tests__test_menu_py` is `tests/test_menu.py`."""
    paths = {name: name.replace("__", "/").replace("_py", ".py") for name in files}
    bench.commit_programs(service, {paths[name]: text for name, text in files.items()})


def items(bench: Workbench) -> list[str]:
    values = [one["value"] for one in bench.data("values")]
    return [one["text"] for one in values if one["product"] == "menu/b..main/items"]


def runs(bench: Workbench, enver: str) -> list[tuple[int, str]]:
    return [(run["id"], run["status"]) for run in reversed(bench.data("runs", enver))]


@pytest.fixture
def menu(bench: Workbench) -> Workbench:
    """An organisation whose menu is verified by its tests."""
    bench.write("contracts.py", contracts('SuiteCheck("tests", name="suite")'))
    commit(bench, fill=FILL % "tea", tests__test_menu_py=TESTS)
    commit(bench, "guest", said="nothing")
    return bench


def test_what_does_not_pass_is_held_and_goes_on_once_it_is_mended(menu: Workbench) -> None:
    assert "bring about its commands, verify suite\n" in menu.odmd("plan", "--steps").stdout
    simulated = {run["enver"]: run["steps"] for run in menu.data("simulate")["runs"]}
    assert simulated["menu/b..main"][-1] == "verify suite"
    done = menu.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "suite passes: 3 tests pass" in (said := menu.odmd("logs", "menu@main").stdout)
    assert "EXAMPLEKEY" not in said, "what it prints is masked"
    assert items(menu) == ["tea"]
    assert len(runs(menu, "guest@main")) == len(runs(menu, "menu@prod")) == 1

    commit(menu, fill=FILL % "sand")
    done = menu.apply()
    assert done.returncode == 1
    said = " ".join((done.stdout + done.stderr).split())
    assert re.search(r"ODMD151 .*suite does not pass: 1 of 3 tests fail: .*test_it_says_what_there_is", said), said
    assert items(menu) == ["tea"], "nothing of it is published"
    assert len(runs(menu, "guest@main")) == len(runs(menu, "menu@prod")) == 1, "nobody moves to it"

    found = menu.data("checks", "menu@main")
    assert [[one["verdict"] for one in check["made"]] for check in found] == [["red", "green"]]
    assert [test["verdict"] for test in found[0]["tests"]] == ["red", "green", "green"]
    shown = menu.odmd("checks", "menu@main", "--tests").stdout
    assert "✗ red" in shown
    assert "test_it_has_no_credentials" in shown
    reports = menu.root / "reports"
    (written,) = menu.data("checks", "menu@main", "--report", str(reports))
    assert written["files"] == ["junit.xml", "menu.html"]
    folder = reports / "1-suite"
    assert "test_it_says_what_there_is" in (folder / "junit.xml").read_text()
    assert (folder / "menu.html").read_text().startswith("<p>tea</p> AWS_SECRET_ACCESS_KEY=***")
    assert "EXAMPLEKEY" not in "".join(path.read_text() for path in folder.iterdir()), "nor does a file tell"
    assert "is no empty folder" in menu.odmd("checks", "menu@main", "--report", str(reports)).stderr

    commit(menu, fill=FILL % "tea", more="a change")
    done = menu.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert items(menu) == ["tea"], "the same value is no news"
    assert [status for _, status in runs(menu, "menu@prod")] == ["succeeded", "succeeded"], "it takes over what passed"


@soak_only
def test_what_does_not_pass_goes_back_to_what_did(menu: Workbench) -> None:
    menu.write("contracts.py", contracts('SuiteCheck("tests", name="suite")', "roll back"))
    assert menu.apply().returncode == 0
    commit(menu, fill=FILL % "sand")
    done = menu.apply()
    assert done.returncode == 1
    assert [status for _, status in runs(menu, "menu@main")] == ["succeeded", "failed", "succeeded"]
    assert items(menu) == ["tea"]
    why = menu.odmd("why", "menu@main").stdout
    assert "did not pass what verifies it" in " ".join(why.split()), why
    assert menu.apply().returncode in (0, 1)
    assert len(runs(menu, "menu@main")) == 3, "what did not pass is not tried again by itself"

    commit(menu, fill=FILL % "tea", more="a change")
    released = menu.odmd("release", "menu@main")
    assert released.returncode == 0, released.stdout + released.stderr
    assert [status for _, status in runs(menu, "menu@main")][-1] == "succeeded"


PROVE_NOTHING = (
    ('SuiteCheck("empty")', "empty has no test that ran"),
    ('SuiteCheck("lies")', "wrote no report"),
    ('SuiteCheck("hangs", minutes=0.05)', "was not done after 3 s"),
    ('SuiteCheck("skips")', "skips has no test that ran"),
    ('SuiteCheck("../../../../etc")', "acme/menu has no ../../../../etc at"),
    ('CommandCheck("no-such-program --at-all")', "no-such-program"),
    ('CommandCheck("sleep 600", minutes=0.02)', "was not done after 1 s"),
    ('CommandCheck("head -c 9000000 /dev/zero | tr \\\\0 x; exit 3", name="flood")', "ended with 3"),
    ('HttpCheck("http://169.254.169.254/latest/meta-data")', "leads to 169.254.169.254, which no check asks"),
    ('HttpCheck("items", path="/x")', "is no address of HTTP"),
    ('AlarmCheck(("nobody-made-it",))', "there is no alarm nobody-made-it"),
)


def test_checks_that_prove_nothing_do_not_pass(menu: Workbench) -> None:
    head, _, _ = contracts("").partition("class Menu")
    classes = [
        f"""
class Menu{n}(CommandEnver, build=Build("menu{n}", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what there is")
    commands = ("./fill",)
    verified_by = ({check},)
menu{n} = Menu{n}(on=Branch("main"), at=dev)
"""
        for n, (check, _) in enumerate(PROVE_NOTHING)
    ]
    listed = ", ".join(f"menu{n}" for n in range(len(PROVE_NOTHING)))
    menu.write(
        "contracts.py",
        f"{head}{''.join(classes)}\nacme = Organisation('acme', central=dev.account, envers=[{listed}])\n",
    )
    commit(menu, empty__test_menu_py="value = 1\n", lies__conftest_py="import os\nos._exit(0)\n")
    commit(menu, hangs__test_menu_py="import time\ndef test_it():\n time.sleep(600)\n")
    commit(menu, skips__test_menu_py="import pytest\n@pytest.mark.skip\ndef test_it(): pass\n")
    done = menu.apply()
    assert done.returncode == 1
    errors = {run["enver"]: " ".join(run["error"].split()) for run in menu.data("runs")}
    for n, (_, said) in enumerate(PROVE_NOTHING):
        assert errors[f"menu{n}/b..main"].startswith("ODMD151"), errors
        assert said in errors[f"menu{n}/b..main"]
    assert menu.data("values") == []


@soak_only
def test_a_suite_is_tried_again_and_said_to_be_flaky(menu: Workbench) -> None:
    menu.write("contracts.py", contracts('SuiteCheck("tests", name="suite", retries=1)'))
    seen = "import pathlib\ndef test_at_second():\n p = pathlib.Path('seen'); old = p.exists(); p.touch(); assert old\n"
    commit(menu, tests__test_more_py=seen)
    assert menu.apply().returncode == 0
    (check,) = menu.data("checks", "menu@main")
    assert check["flaky"] == 1.0
    assert [test["verdict"] for test in check["tests"]].count("flaky") == 1


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/around"):
            self.send_response(302)
            self.send_header("Location", "/around")
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
        else:
            self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
        self.wfile.write(b'{"status": "fine"}')

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_answers_of_a_service_are_as_they_should_be(menu: Workbench, service: str) -> None:
    commit(menu, fill=FILL % service)
    menu.write("contracts.py", contracts('HttpCheck("items", path="/health", contains="fine")'))
    done = menu.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    for path, said in (
        ("/other", "answers 503, not 200, within 0.2 s"),
        ("/around", "leads on more than 5 times"),
        ("/away", "169.254.169.254, which no check asks"),
    ):
        menu.write("contracts.py", contracts(f'HttpCheck("items", path="{path}", seconds=0.2, latency=0.2)'))
        done = menu.apply()
        assert done.returncode == 1
        assert said in " ".join((done.stdout + done.stderr).split())


def test_an_alarm_that_is_on_holds_what_was_deployed(menu: Workbench, emulator: Emulator) -> None:
    target = Target("111122223333", "us-west-1")
    environment = emulator.environment(target)
    watch: Any = boto3.client(
        "cloudwatch",
        region_name=target.region,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=target.account,
        aws_secret_access_key="of-nobody",
    )
    menu.write("contracts.py", contracts('AlarmCheck(("${items}-errors",))'))
    watch.put_metric_alarm(
        AlarmName="tea-errors",
        Namespace="menu",
        MetricName="errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    watch.set_alarm_state(AlarmName="tea-errors", StateValue="ALARM", StateReason="tried")
    done = menu.apply()
    assert done.returncode == 1
    assert "tea-errors in state ALARM" in " ".join((done.stdout + done.stderr).split())
    assert items(menu) == []
    watch.set_alarm_state(AlarmName="tea-errors", StateValue="OK", StateReason="mended")
    done = menu.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert items(menu) == ["tea"]


@soak_only
def test_a_run_killed_while_it_is_verified_publishes_once(menu: Workbench) -> None:
    menu.write("contracts.py", contracts('CommandCheck("echo looks; sleep 30", name="first")'))
    begun = menu.start("apply", "--yes")
    until(lambda: "app: looks" in menu.odmd("logs", "menu@main").stdout)
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    assert items(menu) == []
    again = menu.start("apply", "--yes")
    until(lambda: menu.odmd("logs", "menu@main").stdout.count("app: looks") == 2)
    os.kill(again.pid, signal.SIGKILL)
    again.wait()
    assert items(menu) == []


def test_what_runs_is_verified_again_and_bakes(menu: Workbench) -> None:
    text = contracts('CommandCheck("test -e fine", name="fine")').replace("on_red", "bake_minutes = 0.05\n    on_red")
    menu.write("contracts.py", text)
    commit(menu, fine="yes")
    done = menu.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(runs(menu, "guest@main")) == 1
    until(lambda: menu.apply() and runs(menu, "menu@prod"))
    assert [one["mode"] for one in menu.data("runs", "menu@main")] == ["verify", "full"]

    again = menu.odmd("verify", "menu@main", "-m", "an incident")
    assert again.returncode == 0, again.stdout + again.stderr
    assert [one["mode"] for one in menu.data("runs", "menu@main")] == ["verify", "verify", "full"]
    assert items(menu) == ["tea"]
    refused = menu.odmd("verify", "guest@main")
    assert refused.returncode == 1
    assert "ODMD152" in refused.stderr

    tried = menu.odmd("verify", "menu@main", "--suite", "tests")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "tests passes: 3 tests pass" in menu.odmd("logs", "menu@main").stdout
    red = menu.odmd("verify", "menu@main", "--suite", "nowhere")
    assert red.returncode == 1
    assert "acme/menu has no nowhere at" in " ".join((red.stdout + red.stderr).split())
    assert "nothing to do" in menu.odmd("plan").stdout, "what somebody tries changes nothing of what runs"
    out = menu.odmd("verify", "menu@main", "--suite", "../../etc")
    assert out.returncode == 1
    assert "ODMD356" in out.stderr
