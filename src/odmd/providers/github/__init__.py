"""GitHub, spoken to as a GitHub App: a thin client of the parts that are used, and what we say there."""

from odmd.providers.github.app import LEAST, GithubApp
from odmd.providers.github.client import Github
from odmd.providers.github.grants import AppGrant
from odmd.providers.github.workflow_jobs import WorkflowJobs

__all__ = ["LEAST", "AppGrant", "Github", "GithubApp", "WorkflowJobs"]
