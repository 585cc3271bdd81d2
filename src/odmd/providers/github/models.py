"""What GitHub answers, as far as it is used; whatever else it says is passed over."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

M = TypeVar("M", bound=BaseModel)
MOST: Final = 100
"""How many of anything GitHub answers at once."""


class Said(BaseModel):
    """Something that GitHub said."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WhatIsWrong(Said):
    """One of the things that are wrong with a request."""

    message: str | None = None
    code: str | None = None


class Refusal(Said):
    """Why GitHub says no."""

    message: str = ""
    errors: list[WhatIsWrong | str] | None = None


class Account(Said):
    """A user or an organisation."""

    id: int
    login: str
    type: str = ""


class AboutApp(Said):
    """The App, as it is known there now."""

    id: int
    slug: str = ""
    permissions: dict[str, str] = Field(default_factory=dict[str, str])
    events: list[str] = Field(default_factory=list[str])


class NewApp(Said):
    """An App that was just made, with what is told this once."""

    id: int
    slug: str
    pem: str = Field(repr=False)
    webhook_secret: str | None = Field(default=None, repr=False)
    owner: Account
    html_url: str


class Installation(Said):
    """Where an App was let in, and with which rights."""

    id: int
    account: Account | None = None
    permissions: dict[str, str] = Field(default_factory=dict[str, str])
    events: list[str] = Field(default_factory=list[str])
    repository_selection: str = "selected"
    html_url: str = ""
    suspended_at: datetime | None = None


class InstallationToken(Said):
    """The right to act as an installation, for an hour."""

    token: str = Field(repr=False)
    expires_at: datetime


class Repository(Said):
    """Known by its number: its name may be another one tomorrow."""

    id: int
    full_name: str
    default_branch: str = ""
    archived: bool = False
    fork: bool = False


class RepositoryPage(Said):
    """Some of those that an installation reaches."""

    total_count: int
    repositories: list[Repository]


class Side(Said):
    """One of the two sides of a pull request."""

    ref: str
    sha: str
    repo: Repository | None = None
    """None: it was removed meanwhile."""


class PullRequest(Said):
    """As it is now."""

    number: int
    state: str
    title: str = ""
    merged_at: datetime | None = None
    draft: bool | None = False
    user: Account | None = None
    head: Side
    base: Side

    @property
    def is_from_a_fork(self) -> bool:
        """Whether who wrote its head may not write here; a head whose repository is gone counts as one."""
        return self.head.repo is None or self.base.repo is None or self.head.repo.id != self.base.repo.id


class CommitSaid(Said):
    """A commit by its name."""

    sha: str


class Comparison(Said):
    """How two commits stand to each other."""

    merge_base_commit: CommitSaid


class Commented(Said):
    """A comment."""

    id: int
    body: str | None = ""
    user: Account | None = None
    performed_via_github_app: AboutApp | None = None


class MadeBy(Said):
    """The App that something was made by."""

    id: int


class CheckRun(Said):
    """A check of a commit."""

    id: int
    name: str
    head_sha: str = ""
    status: str = ""
    conclusion: str | None = None
    external_id: str | None = ""
    app: MadeBy | None = None


class CheckRunPage(Said):
    """Some of a commit's."""

    total_count: int
    check_runs: list[CheckRun]


class Deployment(Said):
    """That something is, or was, deployed somewhere."""

    id: int
    sha: str
    environment: str
    payload: dict[str, object] | str | None = None


class DeploymentStatus(Said):
    """How far a deployment is."""

    id: int
    state: str


class Right(Said):
    """What a user may do in a repository."""

    permission: str


class StartedWorkflow(Said):
    """A run of a workflow that was just dispatched."""

    html_url: str


class WorkflowRun(Said):
    """One of a workflow's."""

    html_url: str
    display_title: str = ""


class Numbered(Said):
    """Something that was made, of which only the number is needed."""

    id: int
