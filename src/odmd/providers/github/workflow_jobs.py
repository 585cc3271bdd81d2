"""Starts jobs that carry out runs: dispatches the workflow of their build with the number of the run, and no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from odmd.control.ports.jobs import WantedJob
from odmd.errors import HostLacks
from odmd.model import naming
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.grants import AppGrant
from odmd.providers.github.models import StartedWorkflow, WorkflowRun
from odmd.providers.github.places import Places

_SKEW_SECONDS: Final = 60.0
"""By which GitHub's clock may be behind ours."""


class WorkflowJobs:
    """Those of GitHub Actions."""

    def __init__(self, client: Github, places: Places) -> None:
        self._client, self._places = client, places

    def start(self, wanted: WantedJob) -> str:
        place = self._places.of(wanted.repo)
        if str(place.repository.id) != wanted.id:
            raise HostLacks(
                f"{wanted.repo} is repository {place.repository.id} at GitHub, and not {wanted.id}",
                next_step="say its ids in the contracts anew",
            )
        grant = place.grant(actions="write")
        workflow = f"{place.path}/actions/workflows/{in_path(naming.workflow_file(wanted.build))}"
        if (started := self._started(grant, workflow, wanted)) is not None:
            return started
        said = {"ref": wanted.branch, "inputs": {"run": str(wanted.run)}, "return_run_details": True}
        return self._client.send(grant, "POST", f"{workflow}/dispatches", said, StartedWorkflow, Priority.RUN).html_url

    def _started(self, grant: AppGrant, workflow: str, wanted: WantedJob) -> str | None:
        """One that was asked for before, and of which no answer came."""
        since = datetime.fromtimestamp(wanted.since - _SKEW_SECONDS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        asked = urlencode({"event": "workflow_dispatch", "branch": wanted.branch, "created": f">={since}"})
        found = self._client.every(grant, f"{workflow}/runs?{asked}", WorkflowRun, Priority.RUN, "workflow_runs")
        of_run = (one.html_url for one in found if one.display_title == run_name(wanted.run))
        return next((one for one in of_run if one not in wanted.lost), None)


def run_name(run: int | str) -> str:
    """What GitHub lists a workflow's run as."""
    return f"odmd run {run}"
