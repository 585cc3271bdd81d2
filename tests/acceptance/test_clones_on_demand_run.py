"""Environments on demand, as people make and delete them: counted in the account before and after."""

from __future__ import annotations

import json
import re
import signal
from typing import Any

import pytest

from support.account import Account
from support.until import TOO_LONG, until
from support.workbench import READER, WRITER, Workbench, bus, without

FIX = {
    "foundation": {"": bus("fix")},
    "reader": {
        "": {
            **READER,
            "Resources": {
                **READER["Resources"],
                "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "read-fix"}},
            },
        }
    },
    "writer": {
        "": {
            **WRITER,
            "Resources": {
                "Target": {
                    "Type": "AWS::SSM::Parameter",
                    "Properties": {"Name": "/writer/fix", "Type": "String", "Value": {"Ref": "OdmdInBus"}},
                }
            },
        }
    },
}


@pytest.fixture
def acme(bench: Workbench) -> Workbench:
    """Deployed; each service has a branch."""
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    for service, said in FIX.items():
        bench.git(service, "checkout", "-q", "-b", "fix")
        bench.commit(service, said)
        bench.git(service, "checkout", "-q", "main")
    return bench


def done(bench: Workbench, *words: str, **environment: str) -> str:
    ran = bench.odmd(*words, **environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def refused(bench: Workbench, *words: str) -> str:
    ran = bench.odmd(*words)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stderr


def listed(bench: Workbench, **environment: str) -> Any:
    return [one["enver"] for each in bench.data("clone", "list") for one in each["clones"]]


def test_a_constellation_is_made_and_goes_and_nothing_of_others_is_touched(acme: Workbench) -> None:
    account = Account(acme)
    before, status = account.everything(), acme.data("status")
    said = done(acme, "clone", "create", "foundation@main", "--on", "fix", "--with-consumers", "--yes")
    assert "reader@main+fix of reader@main, following branch fix" in said
    assert account.stacks() - before[0] == {"foundation--main--fix", "reader--main--fix", "writer--main--fix"}
    assert account.parameters()["/writer/fix"] == "fix"  # the clone of who makes it, not its origin's
    assert listed(acme) == ["foundation@main+fix", "reader@main+fix", "writer@main+fix"]
    assert "nothing to do" in done(acme, "plan")
    assert "command" not in done(acme, "clone", "show", "reader@main+fix")
    assert 'fix = CloneSet(Branch("fix"), foundation, reader, writer)' in done(
        acme, "clone", "show", "reader@main+fix", "--as-contracts"
    )
    done(acme, "clone", "delete", "writer@main+fix", "--yes")
    assert account.everything() == before
    assert listed(acme) == []
    assert [one["commit"] for one in acme.data("status")] == [one["commit"] for one in status]


def test_a_clone_shares_what_is_not_cloned_and_follows_its_branch(acme: Workbench) -> None:
    said = done(acme, "clone", "create", "writer@main", "--on", "fix", "--yes")
    assert "writer@main+fix bus ← foundation@main/bus, write" in said
    assert Account(acme).parameters()["/writer/fix"] == "one"
    acme.git("writer", "checkout", "-q", "fix")
    commit = acme.commit("writer", FIX["writer"])
    acme.git("writer", "checkout", "-q", "main")
    assert f"update writer@main+fix at {commit[:7]}" in done(acme, "plan")
    assert "is there: " in refused(
        acme, "clone", "create", "writer@main", "--on", "fix", "--name", "fix", "--with", "reader@main"
    )
    assert "ODMD202" in refused(acme, "clone", "create", "reader@main", "--on", "nowhere", "--yes")


def test_killed_while_it_is_made_the_same_again_makes_it(acme: Workbench) -> None:
    making = acme.start("clone", "create", "foundation@main", "--on", "fix", "--yes")
    assert making.stdout
    while "run 4" not in (line := making.stdout.readline()):
        assert line, "it ended"
    making.send_signal(signal.SIGKILL)
    making.wait()
    done(acme, "clone", "create", "foundation@main", "--on", "fix", "--yes")
    assert "foundation--main--fix" in Account(acme).stacks()
    assert listed(acme) == ["foundation@main+fix"]


def test_at_a_server_they_follow_pushes_and_go_by_themselves(acme: Workbench) -> None:
    account = Account(acme)
    before = account.everything()
    acme.write("pyproject.toml", (acme.root / "pyproject.toml").read_text() + "poll = 0.2\n")
    serving = acme.start("serve", "--port", "0")
    try:
        assert serving.stdout
        while not (found := re.search(r"serving \S+ on (http://\S+)", line := serving.stdout.readline())):
            assert line, "it ended"
        server = found[1]
        done(acme, "clone", "create", "writer@main", "--on", "fix", "--ttl", "1h", "--yes", ODMD_SERVER=server)
        acme.git("writer", "checkout", "-q", "fix")
        acme.commit("writer", json.loads(json.dumps(FIX["writer"]).replace("/writer/fix", "/writer/pushed")))
        acme.git("writer", "checkout", "-q", "main")
        until(lambda: account.parameters().get("/writer/pushed"))
        with acme.http(server) as http:
            assert http.patch("/clones/writer@main+fix", json={"ttl": 0.1}).status_code == 200
            until(lambda: account.everything() == before)
            until(lambda: http.get("/clones").json() == [])
    finally:
        serving.kill()
        serving.communicate(timeout=TOO_LONG)


def test_the_text_takes_over_what_it_declares_and_who_loses_its_origin_goes(acme: Workbench) -> None:
    done(acme, "clone", "create", "writer@main", "--on", "fix", "--yes")
    text = (acme.root / "contracts.py").read_text()
    pasted = text.replace("acme = Organisation", 'fix = writer.clone(Branch("fix"))\nacme = Organisation')
    acme.write("contracts.py", pasted.replace(", writer]", ", writer, fix]"))
    done(acme, "apply", "--yes")
    assert listed(acme) == []
    assert "writer--main--fix" in Account(acme).stacks()
    assert "stands in the contracts' text" in refused(acme, "clone", "delete", "writer@main+fix", "--yes")
    done(acme, "clone", "create", "reader@main", "--on", "fix", "--pin", "--yes")
    acme.write("contracts.py", without((acme.root / "contracts.py").read_text(), "reader"))
    done(acme, "apply", "--yes")
    assert Account(acme).stacks() == {"foundation--main", "writer--main", "writer--main--fix"}
    assert listed(acme) == []


SCALED = """
from dataclasses import dataclass

@dataclass
class Scale:
    count: int = 3
    large: bool = False

class Writer(CdkEnver, build=Build("writer", Repo("acme/writer", team))):
    scale: Config[Scale] = configured("how much of it there is", read="deploy", asleep={"count": 0})
"""


def test_a_clone_sleeps_and_wakes_as_its_contract_says_and_nothing_else_moves(bench: Workbench) -> None:
    contracts = (bench.root / "contracts.py").read_text()
    bench.write(
        "contracts.py",
        contracts.replace('class Writer(CdkEnver, build=Build("writer", Repo("acme/writer", team))):', SCALED),
    )
    scaled: dict[str, Any] = json.loads(json.dumps(FIX["writer"]))
    scaled[""]["Parameters"] = {**WRITER["Parameters"], "OdmdConfigScale": {"Type": "String"}}
    scaled[""]["Resources"]["Scale"] = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "/writer/scale", "Type": "String", "Value": {"Ref": "OdmdConfigScale"}},
    }
    bench.git("writer", "checkout", "-q", "-b", "fix")
    bench.commit("writer", scaled)
    bench.git("writer", "checkout", "-q", "main")
    done(bench, "apply", "--target", "foundation@main", "--yes")
    done(bench, "clone", "create", "writer@main", "--on", "fix", "--yes")
    done(bench, "config", "set", "writer@main+fix", "scale.large=true")
    done(bench, "apply", "--target", "writer@main+fix", "--yes")

    def runs() -> Any:
        return json.loads(Account(bench).parameters()["/writer/scale"])

    assert runs() == {"count": 3, "large": True}
    said = done(bench, "clone", "sleep", "writer@main+fix", "--yes", "-m", "until Monday")
    assert "values" in said
    assert runs() == {"count": 0, "large": True}
    assert "asleep" in done(bench, "clone", "list")
    assert "asleep writer@main+fix" in done(bench, "config", "get", "writer@main+fix")
    done(bench, "clone", "wake", "writer@main+fix", "--yes")
    assert runs() == {"count": 3, "large": True}
    assert "asleep" not in done(bench, "clone", "list")
    assert "does not sleep" in refused(bench, "clone", "wake", "writer@main+fix", "--yes")
    done(bench, "clone", "sleep", "writer@main+fix", "--yes")
    assert runs() == {"count": 0, "large": True}, "and again"
