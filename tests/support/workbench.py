"""An organisation on disk: contracts, git repositories of services, and the `odmd` command as users run it.

The services' apps write their cloud assembly by hand (any language can), so that a run takes a tenth of a second.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from odmd.trust import nobody
from support.forked import Forked, can_fork, forge

CONTRACTS = '''
from odmd.model import *
from odmd.model.kinds import EventBus, TextKind

class Queue(TextKind):
    """A queue by URL."""
    pattern = r"https?://.+"

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

class Foundation(CdkEnver, build=Build("foundation", Repo("acme/foundation", team))):
    bus: Produces[EventBus[str]] = produced("what happens")

class Reader(CdkEnver, build=Build("reader", Repo("acme/reader", team))):
    bus: Consumes[EventBus[str]]
    queue: Produces[Queue] = produced("what was read")

class Writer(CdkEnver, build=Build("writer", Repo("acme/writer", team))):
    bus: Consumes[EventBus[str]] = consumed("where to write", access=WRITE)

main = Branch("main")
foundation = Foundation(on=main, at=dev)
reader = Reader(on=main, at=dev, bus=foundation.bus)
writer = Writer(on=main, at=dev, bus=foundation.bus)
acme = Organisation("acme", central=dev.account, envers=[foundation, reader, writer])
'''

APP = """
import json, os, pathlib
run = json.loads(pathlib.Path(os.environ["ODMD_RUN"]).read_text())
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir(parents=True, exist_ok=True)
stacks = json.loads(pathlib.Path("stacks.json").read_text())
artifacts, before = {}, []
slot = run["slot"].removeprefix("b..").replace("-_b..", "--").replace("..", "--")
for part, template in stacks.items():
    name = run["build"] + ("-" + part if part else "") + "--" + slot
    (out / (name + ".json")).write_text(json.dumps(template))
    artifacts[name] = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://" + run["account"] + "/" + run["region"],
        "properties": {"templateFile": name + ".json", "stackName": name},
        "dependencies": before[:],
    }
    before.append(name)
(out / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
"""


def without(contracts: str, *envers: str) -> str:
    """These contracts, with some of their envers neither declared nor listed."""
    lines = [line for line in contracts.splitlines() if not line.startswith(tuple(f"{enver} = " for enver in envers))]
    text = "\n".join(lines)
    for enver in envers:
        text = text.replace(f", {enver}", "")
    return text


BUS_PARAMETER = {"OdmdInBus": {"Type": "String"}}


def bus(name: str) -> dict[str, Any]:
    """The stack of foundation, whose bus has this name."""
    return {
        "Resources": {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}}},
        "Outputs": {"OdmdOutBus": {"Value": {"Ref": "Bus"}}},
    }


READER = {
    "Parameters": BUS_PARAMETER,
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "read"}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": "OdmdInBus"},
                "EventPattern": {"source": ["test"]},
                "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
            },
        },
    },
    "Outputs": {"OdmdOutQueue": {"Value": {"Ref": "Queue"}}},
}
WRITER = {
    "Parameters": BUS_PARAMETER,
    "Resources": {
        "Target": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/writer/bus", "Type": "String", "Value": {"Ref": "OdmdInBus"}},
        }
    },
}
PATIENCE = 300
"""Seconds after which a command hangs: a real CDK app on a machine that does much else takes two minutes."""
_GIT = {
    **{f"GIT_{who}_{what}": "tests@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass
class Workbench:
    """One folder with everything in it."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """What makes AWS clients use the emulator."""
    organisation: str = "acme"
    """Who owns the repositories."""
    fresh: InitVar[bool] = True
    """Whether there is nothing yet; else there are contracts and settings."""

    def __post_init__(self, fresh: bool) -> None:
        if not fresh:
            return
        self.write("contracts.py", CONTRACTS)
        self.write(
            "pyproject.toml",
            '[tool.odmd]\ncontracts = "contracts.py:acme"\nrepositories = "repos/{repo}"\nretire-after = 0\n',
        )

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def services(self) -> Workbench:
        """Makes the three repositories."""
        shutil.copytree(_services(), self.root / "repos" / self.organisation, dirs_exist_ok=True)
        return self

    def commit(self, service: str, stacks: Mapping[str, Any] | None = None, app: str = APP) -> str:
        """Commits a service whose app synthesises these stacks; returns the commit."""
        repo = self.root / "repos" / self.organisation / service
        if not repo.exists():
            repo.mkdir(parents=True)
            self.git(service, "init", "-q", "-b", "main", "--template=")
            (repo / "cdk.json").write_text(json.dumps({"app": [sys.executable, "app.py"]}))
        (repo / "app.py").write_text(app)
        if stacks is not None:
            (repo / "stacks.json").write_text(json.dumps(stacks))
        (repo / "CHANGES").write_text(secrets.token_hex(8))  # a commit that changes nothing is no reason to deploy
        self.git(service, "add", "-A")
        self.git(service, "commit", "-q", "--allow-empty", "-m", "change")
        return self.git(service, "rev-parse", "HEAD").strip()

    def commit_programs(self, service: str, files: Mapping[str, str]) -> None:
        """Commits a service that is no app of CDK's: programs by path."""
        for path, text in files.items():
            name = f"repos/{self.organisation}/{service}/{path}"
            self.write(name, text)
            (self.root / name).chmod(0o755)
        if not (self.root / "repos" / self.organisation / service / ".git").exists():
            self.git(service, "init", "-q", "-b", "main", "--template=")
        self.git(service, "add", "-A")
        self.git(service, "commit", "-q", "--allow-empty", "-m", "change")

    def git(self, service: str, *words: str) -> str:
        command = ["git", "-C", str(self.root / "repos" / self.organisation / service), *words]
        return subprocess.run(command, env={**os.environ, **_GIT}, check=True, capture_output=True, text=True).stdout

    def environ(self, **more: str) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "ODMD_"))}
        return {**kept, "XDG_STATE_HOME": str(self.root / "user"), **self.environment, **more}

    def token(self, server: str) -> str:
        """What its user's commands find for a server without `--tokens`."""
        name = server.removeprefix("http://").replace(":", "_")
        return (self.root / "user" / "odmd" / "servers" / f"{name}.token").read_text()

    def http(self, server: str) -> httpx.Client:
        """Asks a server without `--tokens` as its user."""
        headers = {"Authorization": f"Bearer {self.token(server)}", "X-Odmd-Write": "yes"}
        return httpx.Client(base_url=f"{server}/api/v1", headers=headers, timeout=60, verify=nobody())

    def odmd(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs the command as a user in this folder does."""
        if can_fork(environment):
            return forge().run(words, self.root, self.environ(**environment), PATIENCE)
        return self.run([sys.executable, "-m", "odmd", *words], **environment)

    def troubled(self, trouble: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs the command in a process that meets trouble which no provider of ours has at hand."""
        assert can_fork(environment)
        return forge().run(words, self.root, self.environ(**environment), PATIENCE, textwrap.dedent(trouble))

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environ(**environment),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )

    def start(self, *words: str, trouble: str = "") -> Forked:
        """Starts the command, its output in a pipe."""
        return forge().start(words, self.root, self.environ(), textwrap.dedent(trouble))

    def apply(self) -> subprocess.CompletedProcess[str]:
        return self.odmd("apply", "--yes")

    def data(self, *words: str) -> Any:
        done = self.odmd(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@cache
def _services() -> Path:
    """The three repositories, made once: that is twelve processes of git."""
    root = Path(tempfile.mkdtemp(prefix="odmd-services-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    made = Workbench(root)
    made.commit("foundation", {"": bus("one")})
    made.commit("reader", {"": READER})
    made.commit("writer", {"": WRITER})
    return root / "repos" / made.organisation
