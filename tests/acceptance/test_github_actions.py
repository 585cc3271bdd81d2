"""Runs on GitHub Actions: the workflow that is written, run by `act` on this machine as GitHub's runner would, against
a server, an issuer in GitHub's shape, a fake GitHub that dispatches, and the emulator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import boto3
import pytest

from odmd.bootstrap.keys import key_ring
from odmd.bootstrap.settings import read_settings
from odmd.bootstrap.state import database
from odmd.control.access.here import whoever_is_here
from odmd.store.credentials import GITHUB, SqlCredentials
from odmd.store.sql import SqlStore
from support.floor import Floor, said
from support.forked import Forked
from support.github.fake import FakeGithub
from support.issuer import GITHUB as GITHUB_ISSUER
from support.issuer import RUNNER, RunningIssuer, running_issuer
from support.soak import soak_only
from support.until import until
from support.workbench import APP, PATIENCE, Workbench, bus

REPO = "acme/foundation"
FILE = "odmd-foundation.yaml"
HOST = "127.0.0.1"
SETTINGS = """
[tool.odmd.identities.jobs]
type = "github-actions"
issuer = "{issuer}"
audience = "127.0.0.1"

[tool.odmd.actions]
identity = "jobs"

[tool.odmd.roles]
github = "there"
"""
OWN_STEPS = """
name: set-up
description: What the jobs of foundation need.
inputs: {{job: {{description: which, required: true}}}}
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        echo "{bin}" >> "$GITHUB_PATH"
        echo "ODMD_CONTRACTS={contracts}" >> "$GITHUB_ENV"
        echo "AWS_ENDPOINT_URL={endpoint}" >> "$GITHUB_ENV"
"""


class Site:
    """An organisation whose foundation is deployed by jobs, and whose other services by the server's worker."""

    def __init__(self, floor: Floor, github: FakeGithub, issuer: RunningIssuer) -> None:
        self.floor, self.bench, self.github, self.issuer = floor, floor.bench, github, issuer
        self.repository = github.repository(REPO, workflows=(FILE,))
        github.install()
        ids = f'"77", "{self.repository.id}"'
        text = (self.bench.root / "contracts.py").read_text()
        text = text.replace('"acme/foundation", team)', f'"acme/foundation", team, ids=({ids})), runs_on=Actions()', 1)
        self.bench.write("contracts.py", text)
        settings = (self.bench.root / "pyproject.toml").read_text()
        self.bench.write("pyproject.toml", settings + SETTINGS.format(issuer=issuer.url))
        self._keep_app()
        self.url, _ = floor.server()
        self.checkout = self.bench.root / "repos" / REPO

    def _keep_app(self) -> None:
        """What `odmd github setup` keeps."""
        settings = read_settings()
        with closing(SqlStore(database(settings))) as store:
            kept = SqlCredentials(store.database, key_ring(settings, store))
            kept.put(GITHUB, self.github.app.to_json(), "an App", whoever_is_here(), time.time())

    def knows_github(self) -> None:
        """The account does; CloudFormation here cannot make that."""
        said = self.bench.environment
        iam = boto3.client(
            "iam",
            endpoint_url=said["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id=said["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=said["AWS_SECRET_ACCESS_KEY"],
        )
        iam.create_open_id_connect_provider(Url=GITHUB_ISSUER, ClientIDList=["sts.amazonaws.com"])

    def commit_workflow(self) -> None:
        done = self.workflows("--write")
        assert done.returncode == 0, done.stderr
        contracts = f"{self.bench.root / 'contracts.py'}:acme"
        own = OWN_STEPS.format(
            bin=Path(sys.executable).parent, contracts=contracts, endpoint=self.bench.environment["AWS_ENDPOINT_URL"]
        )
        (self.checkout / ".github/actions/odmd-setup/action.yml").write_text(own)
        self.bench.git("foundation", "add", "-A")
        self.bench.git("foundation", "commit", "-q", "-m", "jobs of odmd")

    def workflows(self, *words: str) -> subprocess.CompletedProcess[str]:
        folder = str(self.checkout)
        return self.bench.odmd("github", "workflows", "--server", self.url, "--repo", REPO, *words, folder)

    def apply(self) -> Forked:
        return self.floor.start("apply", "--yes", "--server", self.url)

    def dispatched(self, number: int = 1) -> tuple[str, str]:
        """The newest of so many: the run that a workflow was told of, and the workflow's own."""
        until(lambda: len(self.repository.workflow_runs) >= number)
        made = list(self.repository.workflow_runs.values())[number - 1]
        return str(made.said["inputs"]["run"]), str(made.id)

    def job(self, workflow_run: str, **other: str) -> None:
        """From here on, GitHub says this of the job that asks."""
        ref = f"{REPO}/.github/workflows/{FILE}@refs/heads/main"
        claims: dict[str, Any] = {
            "sub": f"repo:acme@77/foundation@{self.repository.id}:ref:refs/heads/main",
            "repository": REPO,
            "repository_id": str(self.repository.id),
            "repository_owner": "acme",
            "repository_owner_id": "77",
            "workflow_ref": ref,
            "job_workflow_ref": ref,
            "event_name": "workflow_dispatch",
            "ref": "refs/heads/main",
            "run_id": workflow_run,
            "run_attempt": "1",
        }
        self.issuer.told("job", claims=claims | other)

    @property
    def _runner(self) -> dict[str, str]:
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.issuer.url}/job?from=runner",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": RUNNER,
        }

    def agent(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.bench.odmd("agent", *words, "--server", self.url, **self._runner, **more)

    def act(self, run: str) -> subprocess.CompletedProcess[str]:
        """Runs the workflow. `act` does not know `$/` yet: it is told which repository that is."""
        file = self.bench.root / "act.yaml"
        text = (self.checkout / ".github/workflows" / FILE).read_text()
        assert "$/.github" in text
        file.write_text(text.replace("$/.github/actions/odmd-setup", f"{REPO}/.github/actions/odmd-setup@main"))
        words = [str(Path(sys.executable).parent / "act"), "workflow_dispatch", "-W", str(file)]
        words += ["-P", "ubuntu-24.04=-self-hosted", "--input", f"run={run}", "--action-offline-mode"]
        words += ["--no-cache-server", "--action-cache-path", str(self.bench.root / "act")]
        words += ["--local-repository", f"{REPO}@main={self.checkout}"]
        for name, text in self._runner.items():
            words += ["--env", f"{name}={text}"]
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "ODMD_"))}
        return subprocess.run(
            words, cwd=self.checkout, env=kept, capture_output=True, text=True, check=False, timeout=PATIENCE
        )


@pytest.fixture
def site(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(bench.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(bench.root / "user"))
    with ExitStack() as stack:
        github = stack.enter_context(FakeGithub().serving())
        issuer = stack.enter_context(running_issuer())
        yield Site(Floor(bench, stack), github, issuer)
        assert github.wrong == []


def test_a_workflow_carries_out_a_run_in_jobs_of_which_none_has_all_rights(site: Site) -> None:
    """None has credentials: the one that deploys takes the role of its build by GitHub's word, which IAM here holds
    against the role's trust, but for the signature."""
    site.bench.commit("foundation", {"": bus("foundation-main-one")})
    site.commit_workflow()
    site.knows_github()
    roles = site.bench.odmd("bootstrap", "--all", "--yes")
    assert roles.returncode == 0, roles.stderr
    apply = site.apply()
    run, workflow_run = site.dispatched()
    site.job(workflow_run)
    done = site.act(run)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"run {run} is prepared: sha256:" in done.stdout
    assert f"run {run} succeeded" in done.stdout
    told, _ = apply.communicate(timeout=PATIENCE)
    assert apply.returncode == 0, told
    runs = site.floor.runs()
    assert {one["status"] for one in runs} == {"succeeded"}
    (ours,) = (one for one in runs if str(one["id"]) == run)
    assert ours["attempt"] == 2, "one that prepared, one that deployed"
    log = site.bench.odmd("logs", run).stdout
    assert "synth" in log, "prepared"
    assert "takes over what was prepared" in log
    until(lambda: "success" in [one.said["state"] for one in site.repository.statuses])
    assert site.workflows("--check").returncode == 0, "what is there is what the contracts want"


def test_a_job_that_is_not_the_runs_own_gets_nothing(site: Site) -> None:
    site.apply()
    run, workflow_run = site.dispatched()
    until(lambda: site.floor.runs()[0]["job"])
    other_file = f"{REPO}/.github/workflows/other.yaml@refs/heads/main"
    for other in ({"repository_id": "1"}, {"run_id": "1"}, {"job_workflow_ref": other_file}):
        site.job(workflow_run, **other)
        refused = site.agent("right", run)
        assert (refused.returncode, "proves nobody who is let in" in refused.stderr) == (1, True), other
    site.job(workflow_run)
    assert "proves nobody who is let in" in site.agent("right", "99").stderr, "of what there is not, the same is told"
    right = site.agent("right", run)
    assert right.returncode == 0, right.stderr
    token = right.stdout.strip()
    deployed = site.agent("deploy", run, "--prepared", "", ODMD_TOKEN=token)
    assert (deployed.returncode, "ODMD303" in deployed.stderr) == (1, True), "who prepares does not deploy"
    assert site.agent("prepare", "2", ODMD_TOKEN=token).returncode == 1, "nor another run"


def preparing(site: Site, run: str, workflow_run: str) -> Forked:
    """A job that is in the middle of preparing a run, as its app takes long."""
    site.job(workflow_run)
    right = site.agent("right", run)
    assert right.returncode == 0, right.stderr
    site.bench.environment = {**site.bench.environment, "ODMD_TOKEN": right.stdout.strip()}
    job = site.floor.start("agent", "prepare", run, "--server", site.url)
    said(job, "synth")
    return job


def slow(site: Site) -> None:
    site.bench.commit("foundation", app="import time; time.sleep(60)\n" + APP)


@soak_only
def test_a_job_that_is_killed_is_followed_by_another(site: Site) -> None:
    slow(site)
    site.apply()
    job = preparing(site, *site.dispatched())
    job.kill()
    run, workflow_run = site.dispatched(2)
    (found,) = site.floor.runs()
    assert (str(found["id"]), found["status"], found["attempt"]) == (run, "dispatched", 1)
    until(lambda: site.floor.runs()[0]["job"].endswith(workflow_run))
    site.job(workflow_run)
    assert site.agent("right", run).returncode == 0


@soak_only
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_job_that_is_cancelled_fails_its_run(site: Site, how: signal.Signals) -> None:
    slow(site)
    site.apply()
    job = preparing(site, *site.dispatched())
    began = time.monotonic()
    job.send_signal(how)
    told, _ = job.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < 7.5, "then GitHub is less patient"
    assert job.returncode == 1
    assert "was interrupted" in told
    (found,) = site.floor.runs()
    assert found["status"] == "failed"
    assert "was interrupted" in found["error"]
    (enver,) = (one for one in site.bench.data("status") if one["enver"].startswith("foundation/"))
    assert enver["state"] == "failed", "and what runs is not unknown"
