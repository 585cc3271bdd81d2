"""What GitHub answers, as far as it is used; whatever else it says is passed over."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, RootModel

MOST: Final = 100
"""How many of anything GitHub answers at once."""


class GithubSaid(BaseModel):
    """Something that GitHub said."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WhatIsWrong(GithubSaid):
    """One of the things that are wrong with a request."""

    message: str | None = None
    code: str | None = None


class GithubRefusal(GithubSaid):
    """Why GitHub says no."""

    message: str = ""
    errors: list[WhatIsWrong | str] | None = None


class GithubAccount(GithubSaid):
    """A user or an organisation."""

    id: int
    login: str
    type: str = ""


class AboutApp(GithubSaid):
    """The App, as it is known there now."""

    id: int
    slug: str = ""
    permissions: dict[str, str] = Field(default_factory=dict[str, str])
    events: list[str] = Field(default_factory=list[str])


class NewApp(GithubSaid):
    """An App that was just made, with what is told this once."""

    id: int
    slug: str
    pem: str = Field(repr=False)
    webhook_secret: str | None = Field(default=None, repr=False)
    owner: GithubAccount
    html_url: str


class Installation(GithubSaid):
    """Where an App was let in, and with which rights."""

    id: int
    account: GithubAccount | None = None
    permissions: dict[str, str] = Field(default_factory=dict[str, str])
    events: list[str] = Field(default_factory=list[str])
    repository_selection: str = "selected"
    html_url: str = ""
    suspended_at: datetime | None = None


class InstallationToken(GithubSaid):
    """The right to act as an installation, for an hour."""

    token: str = Field(repr=False)
    expires_at: datetime


class GithubRepository(GithubSaid):
    """Known by its number: its name may be another one tomorrow."""

    id: int
    full_name: str
    default_branch: str = ""
    archived: bool = False
    fork: bool = False
    pushed_at: datetime | None = None
    """When something was last pushed to it."""


class PullSide(GithubSaid):
    """One of the two sides of a pull request."""

    ref: str
    sha: str
    repo: GithubRepository | None = None
    """None: it was removed meanwhile."""


class PullLabel(GithubSaid):
    """A label of a pull request."""

    name: str


class PullRequest(GithubSaid):
    """As it is now."""

    number: int
    state: str
    html_url: str = ""
    title: str = ""
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    labels: list[PullLabel] = Field(default_factory=list[PullLabel])
    draft: bool | None = False
    user: GithubAccount | None = None
    head: PullSide
    base: PullSide

    @property
    def is_from_a_fork(self) -> bool:
        """Whether who wrote its head may not write here; a head whose repository is gone counts as one."""
        return self.head.repo is None or self.base.repo is None or self.head.repo.id != self.base.repo.id


class FileSeen(GithubSaid):
    """A file of a repository, and what is in it if that was asked for."""

    path: str
    sha: str
    """Of its content, as git has it."""
    size: int = 0
    content: str = Field(default="", repr=False)

    def decoded(self) -> bytes:
        """Raises:
        ValueError: GitHub did not send it.
        """
        return b64decode(self.content)


class FilesSeen(RootModel[list[FileSeen]]):
    """Those of a folder."""


class CommitSigned(GithubSaid):
    """Who made a commit, and when."""

    date: datetime | None = None


class CommitText(GithubSaid):
    """What a commit says."""

    message: str = ""
    committer: CommitSigned | None = None


class CommitOfHost(GithubSaid):
    """A commit by its name."""

    sha: str


class CommitListed(CommitOfHost):
    """A commit, and what it says."""

    commit: CommitText


class _Committed(GithubSaid):
    tree: CommitOfHost


class CommitSeen(CommitOfHost):
    """A commit, and who wrote it as far as GitHub knows him."""

    commit: _Committed
    author: GithubAccount | None = None


class GitMade(CommitOfHost):
    """A tree or a commit that was made."""

    html_url: str = ""


class GitRef(GithubSaid):
    """Where a branch stands."""

    object: CommitOfHost


class GithubComparison(GithubSaid):
    """How two commits stand to each other."""

    merge_base_commit: CommitOfHost
    commits: list[CommitListed] = Field(default_factory=list[CommitListed])
    """Those that only the second has, the oldest first."""


class Commented(GithubSaid):
    """A comment."""

    id: int
    body: str | None = ""
    user: GithubAccount | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    performed_via_github_app: AboutApp | None = None

    @property
    def is_edited(self) -> bool:
        """Whether it says something else than when it was written."""
        return self.updated_at != self.created_at

    @property
    def is_a_programs(self) -> bool:
        """Whether nobody wrote it himself: an App did, be it ours."""
        return self.performed_via_github_app is not None or (self.user is not None and self.user.type == "Bot")


class Numbered(GithubSaid):
    """Something of which only the number is needed."""

    id: int


class CheckRun(GithubSaid):
    """A check of a commit."""

    id: int
    name: str
    head_sha: str = ""
    status: str = ""
    conclusion: str | None = None
    external_id: str | None = ""
    app: Numbered | None = None


class Deployment(GithubSaid):
    """That something is, or was, deployed somewhere."""

    id: int
    payload: dict[str, object] | str | None = None
    performed_via_github_app: AboutApp | None = None


class GithubRight(GithubSaid):
    """What a user may do in a repository."""

    permission: str


class StartedWorkflow(GithubSaid):
    """A run of a workflow that was just dispatched."""

    html_url: str


class WorkflowRun(GithubSaid):
    """One of a workflow's."""

    html_url: str
    display_title: str = ""
