"""`odmd apply` beside `cdk deploy` on one emulator: three small Python apps, at first and after a change of each.

The CDK command line comes from npm, by the lock file of `tests/apps/stages`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator

ROOT = Path(__file__).parents[1]
NAMES = ("bakery", "kitchen", "terrace")
APP = """
import aws_cdk as cdk
from aws_cdk import aws_sns as sns, aws_sqs as sqs
app = cdk.App()
stack = cdk.Stack(app, "{name}")
sns.Topic(stack, "Orders{edition}")
sqs.Queue(stack, "Waiting")
app.synth()
"""
CONTRACTS = """
from odmd.model import Account, Branch, Build, CdkEnver, Organisation, Repo, Stage, Team
team, dev = Team("platform"), Stage("dev", Account("dev", "{account}"), "us-west-1")
class Bakery(CdkEnver, build=Build("bakery", Repo("acme/bakery", team))): ...
class Kitchen(CdkEnver, build=Build("kitchen", Repo("acme/kitchen", team))): ...
class Terrace(CdkEnver, build=Build("terrace", Repo("acme/terrace", team))): ...
made = [one(on=Branch("main"), at=dev, stacks=(name,)) for one, name in (
    (Bakery, "bakery"), (Kitchen, "kitchen"), (Terrace, "terrace"))]
acme = Organisation("acme", central=dev.account, envers=made)
"""
GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.org")


def main() -> None:
    """Prints seconds and ratios."""
    with tempfile.TemporaryDirectory(prefix="odmd-bench-") as name, Emulator(Path(name) / "aws") as emulator:
        folder = Path(name)
        theirs, ours = Target("200000000001", "us-west-1"), Target("200000000002", "us-west-1")
        for target in (theirs, ours):
            emulator.bootstrap(target)
        cdk = installed(folder / "npm")
        (folder / "contracts.py").write_text(CONTRACTS.format(account=ours.account))
        settings = '[tool.odmd]\ncontracts = "contracts.py:acme"\nrepositories = "repos/{repo}"\n'
        (folder / "pyproject.toml").write_text(settings)
        for edition in ("One", "Two"):
            for app in NAMES:
                written(folder / "repos" / "acme" / app, app, edition)
            by_cdk = sum(
                took(
                    [str(cdk), "deploy", "--require-approval", "never"],
                    folder / "repos" / "acme" / app,
                    emulator,
                    theirs,
                )
                for app in NAMES
            )
            by_odmd = took([sys.executable, "-m", "odmd", "apply", "--yes"], folder, emulator, ours)
            what = f"three apps, {'first' if edition == 'One' else 'changed'}"
            print(f"{what:<28} cdk deploy {by_cdk:5.1f} s, odmd apply {by_odmd:5.1f} s: {by_odmd / by_cdk:.2f}")


def installed(folder: Path) -> Path:
    """The CDK command line."""
    folder.mkdir()
    for file in ("package.json", "package-lock.json"):
        shutil.copy2(ROOT / "tests" / "apps" / "stages" / file, folder / file)
    run(["npm", "ci", "--no-audit", "--no-fund"], folder, os.environ)
    return folder / "node_modules" / ".bin" / "cdk"


def written(folder: Path, name: str, edition: str) -> None:
    """One app, committed."""
    if not folder.exists():
        folder.mkdir(parents=True)
        run([*GIT, "init", "-q", "-b", "main"], folder, os.environ)
    (folder / ".gitignore").write_text("cdk.out\n")
    (folder / "cdk.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}))
    (folder / "app.py").write_text(APP.format(name=name, edition=edition))
    run([*GIT, "add", "-A"], folder, os.environ)
    run([*GIT, "commit", "-q", "-m", edition], folder, os.environ)


def took(command: Sequence[str], folder: Path, emulator: Emulator, target: Target) -> float:
    """Seconds of a whole process."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "CDK_", "ODMD_"))}
    began = time.perf_counter()
    run(command, folder, {**kept, **emulator.environment(target)})
    return time.perf_counter() - began


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """To its end."""
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    main()
