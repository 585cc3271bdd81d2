"""Jobs of GitHub that carry out runs: where runs go, and what such a job reaches AWS with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from odmd.agent import Tools
from odmd.bootstrap.procedures import agents_tools
from odmd.bootstrap.settings import Settings
from odmd.control.ports.world import Artifacts
from odmd.graph import Graph

if TYPE_CHECKING:
    from odmd.providers.aws import Sessions
    from odmd.providers.github import GithubApp

_AUDIENCE: Final = "sts.amazonaws.com"
"""Of whom AWS takes a job's token."""
_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


def tools_of_agent(settings: Settings, artifacts: Artifacts) -> Tools:
    """What an agent by itself carries out runs with. In a job of GitHub it takes the role of its run by GitHub's word,
    unless it was given credentials, or roles are not used."""
    return agents_tools(settings, artifacts, _sessions_of_job(settings))


def _sessions_of_job(settings: Settings) -> Sessions | None:
    from odmd.client.proving.job import is_job, token_of_job
    from odmd.graph.rights.used import RolesUsed
    from odmd.providers.aws import Sessions

    given = any(os.environ.get(name) for name in _CREDENTIALS)
    if given or settings.roles.use is RolesUsed.OFF or not is_job():
        return None
    return Sessions(job_token=lambda: token_of_job(_AUDIENCE))


def who_carries_out(settings: Settings, graph: Graph, app: GithubApp | None) -> Iterator[str]:
    """Where runs of builds go that run on Actions, in words."""
    if not (builds := ", ".join(sorted(one.name for one in graph.builds.values() if one.runs_on))):
        return
    if settings.actions is None:
        yield f"runs of {builds} go to workers, as there is no [tool.odmd.actions]"
    elif app is None:
        yield f"runs of {builds} go to workers, as odmd is no App at GitHub: `odmd github setup` makes one"
    else:
        yield f"runs of {builds} are given to jobs of GitHub, which {settings.actions.identity} knows"
