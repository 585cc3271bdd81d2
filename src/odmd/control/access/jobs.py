"""Which job of GitHub has the right to a run: the one that its build's workflow runs for it, and no other."""

from __future__ import annotations

import re
from typing import Final

from odmd.control.access.identities import NotProven, ProvenIdentity
from odmd.control.scheduler.runs import Run
from odmd.graph.nodes import BuildNode
from odmd.model import naming

SECONDS: Final = 6 * 3600.0
"""A job lasts no longer; a right is over with its run, too."""
_NAME: Final = "[A-Za-z0-9_.-]+"


def refuse_other_job(proven: ProvenIdentity, build: BuildNode, run: Run) -> None:
    """Whether who proves who he is is a job of a build's workflow as it stands on the default branch, dispatched, and
    the one that was started for a run, as far as GitHub said which that is.

    Raises:
        NotProven
    """
    if build.runs_on is None or len(build.repo_ids) != 2:  # an owner and a repository
        raise NotProven(f"runs of {build.name} are for no job of GitHub")
    if run.finished_at is not None:
        raise NotProven(f"run {run.id} is over")
    branch = f"refs/heads/{build.runs_on.branch}"
    wanted = {
        "repository_owner_id": build.repo_ids[0],
        "repository_id": build.repo_ids[1],
        "event_name": "workflow_dispatch",
        "ref": branch,
    }
    if run.job:
        wanted["run_id"] = run.job.rpartition("/")[2]
    for name, text in wanted.items():
        if (found := _fact(proven, name)) != text:
            raise NotProven(f"{proven.name} has {name} {found}, and run {run.id} wants {text}")
    file = re.escape(f".github/workflows/{naming.workflow_file(build.name)}@{branch}")
    for name in ("workflow_ref", "job_workflow_ref"):
        if re.fullmatch(rf"{_NAME}/{_NAME}/{file}", _fact(proven, name)) is None:
            raise NotProven(f"{proven.name} has {name} {_fact(proven, name)}, which is not {build.name}'s")


def _fact(proven: ProvenIdentity, name: str) -> str:
    """One text; several, or none, are not for us."""
    found = proven.facts.get(name, frozenset())
    return next(iter(found)) if len(found) == 1 else ""
