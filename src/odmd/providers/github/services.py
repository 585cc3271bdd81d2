"""Pull requests on the repositories of services, as GitHub has them now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from odmd.control.ports.pulls import Mark, Pull, PullComment, PullReport, PullState
from odmd.errors import HostLacks
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.models import CommitListed, GithubComparison, GithubRepository, Numbered, PullRequest
from odmd.providers.github.notes import LONGEST_COMMENT, PullNote, PullNotes, comments, is_ours, may_write
from odmd.providers.github.places import Places, RepositoryPlace, head_of

CHECK: Final = "odmd"
_MARK: Final = "<!-- odmd -->"
_CONCLUSIONS: Final = {Mark.FINE: "success", Mark.WAITS: "action_required", Mark.BREAKS: "failure"}


class GithubPulls:
    """A `PullHost`."""

    def __init__(self, client: Github, places: Places) -> None:
        self._client, self._places = client, places
        self._notes = PullNotes(client, _MARK, CHECK)

    def open(self, repository: str) -> Sequence[int]:
        place = self._places.of(repository)
        path = f"{place.path}/pulls?{urlencode({'state': 'open'})}"
        grant = place.grant(pull_requests="read")
        return [one.number for one in self._client.every(grant, path, PullRequest, Priority.SWEEP)]

    def find(self, repository: str, number: int) -> Pull:
        place = self._places.of(repository)
        try:
            found = self._client.get(place.grant(pull_requests="read"), f"{place.path}/pulls/{number}", PullRequest)
        except HostLacks:
            there = self._client.get(place.grant(metadata="read"), place.path, GithubRepository)
            if there.id != place.repository.id:
                raise
            return Pull(repository, number, PullState.GONE)
        state = PullState.OPEN if found.state == "open" else PullState.CLOSED
        return self._told(place, repository, found, PullState.MERGED if found.merged_at else state)

    def said(self, pull: Pull) -> Sequence[PullComment]:
        place = self._places.of(pull.repository)
        found = [
            PullComment(one.id, one.user.login, one.user.id, one.body or "", _at(one.created_at), one.is_edited)
            for one in comments(self._client, place, pull.number)
            if one.user and not one.is_a_programs and one.created_at is not None
        ]
        return sorted(found, key=lambda one: one.id)

    def may_write(self, pull: Pull, who: str) -> bool:
        return may_write(self._client, self._places.of(pull.repository), who)

    def show(self, pull: Pull, shown: PullReport) -> None:
        digest = hashlib.sha256(repr((pull.head, shown)).encode()).hexdigest()[:40]
        note = PullNote(pull.head, shown.text, shown.title, _CONCLUSIONS[shown.mark], digest)
        place = self._places.of(pull.repository)
        if pull.state is PullState.OPEN:
            self._notes.say(place, pull.number, note)
        else:
            self._notes.comment(place, pull.number, shown.text)

    def answer(self, pull: Pull, word: int, text: str) -> None:
        """Ours is known by the number of what it answers: a killed server may come to it twice."""
        place, mark = self._places.of(pull.repository), f"<!-- odmd answers {word} -->"
        for one in comments(self._client, place, pull.number):
            if is_ours(self._client, one) and (one.body or "").startswith(mark):
                return
        body = {"body": f"{mark}\n{text}"[:LONGEST_COMMENT]}
        path = f"{place.path}/issues/{pull.number}/comments"
        self._client.send(place.grant(pull_requests="write"), "POST", path, body, Numbered, notifies=True)

    def _told(self, place: RepositoryPlace, repository: str, found: PullRequest, state: PullState) -> Pull:
        commits = self._commits(place, found) if state is PullState.OPEN else ()
        head_of = found.head.repo
        return Pull(
            repository,
            found.number,
            state,
            found.head.ref,
            found.base.ref,
            found.head.sha,
            found.user.login if found.user else "",
            found.is_from_a_fork,
            head_of is None or found.head.ref == head_of.default_branch,
            tuple(one.name for one in found.labels),
            tuple(one.commit.message for one in commits),
            max((_at(one.commit.committer.date) for one in commits[-1:] if one.commit.committer), default=0.0),
            _at(head_of.pushed_at) if head_of else float("inf"),
            _at(found.closed_at),
            not found.is_from_a_fork and self._branch_is_gone(place, found),
        )

    def _commits(self, place: RepositoryPlace, found: PullRequest) -> Sequence[CommitListed]:
        sides = f"{in_path(found.base.sha)}...{in_path(found.head.sha)}"
        return self._client.get(place.grant(contents="read"), f"{place.path}/compare/{sides}", GithubComparison).commits

    def _branch_is_gone(self, place: RepositoryPlace, found: PullRequest) -> bool:
        """Whether it was looked for and is not there, while with the same right the branch that it is for is shown."""
        if head_of(self._client, place, found.head.ref) is not None:
            return False
        return head_of(self._client, place, found.base.ref) is not None


def _at(said: datetime | None) -> float:
    return said.timestamp() if said else 0.0
