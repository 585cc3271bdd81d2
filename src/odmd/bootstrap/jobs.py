"""Who starts the jobs of GitHub that carry out runs: the App, where the settings say by whom such jobs are known."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from odmd.bootstrap.github import known_app
from odmd.bootstrap.settings import Settings
from odmd.control.ports.jobs import Jobs
from odmd.graph import Graph

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions
    from odmd.providers.github import GithubApp

_AUDIENCE: Final = "sts.amazonaws.com"
"""Of whom AWS takes a job's token."""
_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


@contextmanager
def jobs(settings: Settings) -> Generator[Jobs | None]:
    """While inside; None: workers take all runs.

    Raises:
        KeyMissing, SettingsUnreachable, SettingsDamaged, ToolMissing
    """
    if (app := _app(settings)) is None:
        yield None
        return
    from odmd.providers.github import Github, WorkflowJobs

    with closing(Github(app)) as client:
        yield WorkflowJobs(client)


def sessions_of_job(settings: Settings) -> Sessions | None:
    """AWS as a job of GitHub reaches it: it takes its run's role by GitHub's word. None: the roles are not used, or the
    job was given credentials."""
    from odmd.client.proving.job import is_job, token_of_job
    from odmd.graph.rights.used import RolesUsed
    from odmd.providers.aws import Sessions

    given = any(os.environ.get(name) for name in _CREDENTIALS)
    if given or settings.roles.use is RolesUsed.OFF or not is_job():
        return None
    return Sessions(job_token=lambda: token_of_job(_AUDIENCE))


def who_carries_out(settings: Settings, graph: Graph) -> Iterator[str]:
    """Where runs of builds go that run on Actions, in words."""
    if not (builds := ", ".join(sorted(one.name for one in graph.builds.values() if one.runs_on))):
        return
    if settings.actions is None:
        yield f"runs of {builds} go to workers, as there is no [tool.odmd.actions]"
    elif (app := _app(settings)) is None:
        yield f"runs of {builds} go to workers, as odmd is no App at GitHub: `odmd github setup` makes one"
    else:
        yield f"runs of {builds} are given to jobs of GitHub by {app.slug}, which {settings.actions.identity} knows"


def _app(settings: Settings) -> GithubApp | None:
    return known_app(settings) if settings.actions else None
