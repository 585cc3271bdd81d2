"""From the first click to the first comment, and to the first status of a commit: at a GitHub that is played."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import signal
import uuid

import httpx

from odmd.trust import nobody
from support.account import Account
from support.github.browser import click
from support.github.fake import FakeGithub
from support.github.state import PEOPLE, FakeRepository
from support.until import until
from support.workbench import Workbench, bus

SECRET = "a secret that GitHub made"


def test_from_the_first_click_to_the_first_comment_and_status(bench: Workbench) -> None:
    contracts = (bench.root / "contracts.py").read_text()
    bench.write("repos/acme/contracts/contracts.py", contracts)
    bench.git("contracts", "init", "-q", "-b", "main")
    bench.git("contracts", "add", "-A")
    bench.git("contracts", "commit", "-q", "-m", "contracts")
    settings = (bench.root / "pyproject.toml").read_text()
    bench.write("pyproject.toml", f'{settings}[tool.odmd.github]\ncontracts = "acme/contracts"\nin-force = "main"\n')
    with FakeGithub().serving() as github:
        for name in ("contracts", "foundation", "reader", "writer"):
            github.repository(f"acme/{name}", bench.root / "repos" / "acme" / name)
        setup(bench, github)
        done = bench.odmd("github", "status")
        assert done.returncode == 0, done.stdout + done.stderr
        process = bench.start("serve", "--port", "0")
        try:
            url, said = served(process.stdout)
            assert "is odmd-acme at GitHub, and shows runs there; reviews pull requests on acme/contracts" in said()
            propose(bench, github, contracts)
            assert delivered(url, github) == 202
            repository = github.find("acme/contracts")
            assert repository
            until(lambda: repository.checks)
            assert "second" in next(iter(repository.comments.values())).said["body"]
            assert bench.odmd("apply", "--yes", ODMD_SERVER=url).returncode == 0
            foundation = github.find("acme/foundation")
            assert foundation
            until(lambda: [one for one in foundation.statuses if one.said["state"] == "success"])
            assert {one.said["context"] for one in foundation.statuses} == {"odmd/foundation@main"}
            until(
                lambda: (
                    "success" in [one.said["state"] for ones in foundation.deployment_statuses.values() for one in ones]
                )
            )
            bench.git("contracts", "checkout", "-q", "main")
            bench.git("contracts", "merge", "-q", "change")
            bench.git("reader", "branch", "second")
            assert delivered(url, github, event="push") == 202
            until(lambda: [one for one in repository.statuses if "in force: 3 additive" in one.said["description"]])
            assert bench.odmd("apply", "--yes", ODMD_SERVER=url).returncode == 0
            assert "reader@second" in bench.odmd("status", ODMD_SERVER=url).stdout
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
        assert github.wrong == []


def test_a_pull_request_on_a_service_gets_clones_answers_and_its_end(bench: Workbench) -> None:
    contracts, settings = (bench.root / "contracts.py").read_text(), (bench.root / "pyproject.toml").read_text()
    given = contracts.replace('Repo("acme/foundation", team))', 'Repo("acme/foundation", team), clones=PullRequests())')
    bench.write("contracts.py", given)
    person = f'id = {PEOPLE.setdefault("ada", 500)}\nname = "ada@acme"\nscope = "write"\n'
    bench.write("pyproject.toml", f"{settings}[[tool.odmd.github.people]]\n{person}")
    with FakeGithub().serving() as github:
        for name in ("foundation", "reader", "writer"):
            github.repository(f"acme/{name}", bench.root / "repos" / "acme" / name, rights={"ada": "write"})
        setup(bench, github)
        assert bench.apply().returncode == 0
        account, foundation = Account(bench), github.find("acme/foundation")
        assert foundation
        before = account.stacks()
        bench.git("foundation", "checkout", "-q", "-b", "fix")
        bench.commit("foundation", {"": bus("fix")})
        bench.git("foundation", "checkout", "-q", "main")
        pull = {"title": "cheaper", "labels": [{"id": 1, "name": "odmd:clone"}]}
        foundation.pulls[1] = {"state": "open", **pull, "head": {"ref": "fix"}, "base": {"ref": "main"}}
        process = bench.start("serve", "--port", "0")
        try:
            url, said = served(process.stdout)
            assert "reviews" not in said()
            assert delivered(url, github, "acme/foundation") == 202
            until(lambda: [one for one in texts(foundation) if "| foundation@main | fix | `" in one])
            assert account.stacks() - before == {"foundation--main--fix"}
            foundation.say(1, "/odmd why foundation@main+fix\n/odmd extend --ttl 9d")
            assert delivered(url, github, "acme/foundation") == 202
            until(lambda: [one for one in texts(foundation) if "stays longer" in one and "runs commit" in one])
            pull = foundation.pulls[1]
            pull |= {"head": {**pull["head"], "sha": foundation.refs()["refs/heads/fix"]}, "state": "closed"}
            pull |= {"merged_at": "2026-11-01T00:00:00Z", "closed_at": "2026-11-01T00:00:00Z"}
            assert delivered(url, github, "acme/foundation", action="closed") == 202
            until(lambda: account.stacks() == before)
            until(lambda: bench.data("clone", "list") == [])
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
        assert github.wrong == []


def texts(repository: FakeRepository) -> list[str]:
    return [one.said["body"].replace("\\", "") for one in repository.comments.values()]


def setup(bench: Workbench, github: FakeGithub) -> None:
    words = ("--org", "acme", "--enterprise", github.url, "--webhooks-to", "https://odmd.acme.com")
    process = bench.start("github", "setup", *words)
    assert process.stdout
    found = re.search(r"http://127\.0\.0\.1:\d+/\S+", process.stdout.readline())
    assert found
    click(found[0])
    said, _ = process.communicate()
    assert "odmd-acme is an App of acme" in said


def served(output: object) -> tuple[str, object]:
    lines = list[str]()
    while not (found := re.search(r"serving \S+ on (http://\S+)", line := output.readline())):  # type: ignore[attr-defined]
        lines.append(line)
        assert line, "".join(lines)
    url = found[1]

    def said() -> str:
        while "at GitHub, and shows" not in "".join(lines):
            lines.append(output.readline())  # type: ignore[attr-defined]
            assert lines[-1]
        return "".join(lines)

    return url, said


def propose(bench: Workbench, github: FakeGithub, contracts: str) -> None:
    bench.git("contracts", "checkout", "-q", "-b", "change")
    more = 'second = Reader(on=Branch("second"), at=dev, bus=foundation.bus)\nacme = Organisation'
    changed = contracts.replace("acme = Organisation", more).replace("reader, writer]", "reader, writer, second]")
    bench.write("repos/acme/contracts/contracts.py", changed)
    bench.git("contracts", "commit", "-q", "-a", "-m", "one more")
    repository = github.find("acme/contracts")
    assert repository
    repository.pulls[1] = {"state": "open", "title": "a change", "head": {"ref": "change"}, "base": {"ref": "main"}}


def delivered(server: str, github: FakeGithub, name: str = "acme/contracts", event: str = "", **more: object) -> int:
    repository = github.find(name)
    assert repository
    about = {} if event else {"pull_request": {"number": 1}, "action": "opened"}
    said = {"repository": repository.told(), **about, **more}
    body = json.dumps(said).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event or "pull_request",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}",
    }
    return httpx.post(f"{server}/webhooks/github", content=body, headers=headers, verify=nobody()).status_code
