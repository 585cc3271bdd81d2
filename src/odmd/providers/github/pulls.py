"""Pull requests on the contracts: how they are, whether what they say may be run, and what we say of them there.

There is one comment, edited in place, and one check a head. A head that is not of who may write to the repository is
trusted when somebody who may comments `/odmd check SHA` with all of its 40 characters; the next push is another head.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlencode

from odmd.control.ports.hosts import ContractsProposal, Opinion, Review
from odmd.errors import Diagnostic, HostLacks, Severity
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.models import CheckRun, Commented, GithubComparison, GithubRight, Numbered, PullRequest
from odmd.providers.github.places import Places, RepositoryPlace

CHECK: Final = "odmd contracts"
_MARK: Final = "<!-- odmd contracts -->"
_WORD: Final = re.compile(r"^/odmd check ([0-9a-f]{40})\s*$", re.MULTILINE)
_MAY_WRITE: Final = ("write", "admin")
_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})(.*)")
_LONGEST_COMMENT: Final = 65_535
_LONGEST_MESSAGE: Final = 4_000
_LONGEST_TITLE: Final = 250
_ANNOTATIONS: Final = 50
"""In one request."""
_MOST_ANNOTATIONS: Final = 500
_CONCLUSIONS: Final = {
    Opinion.FINE: "success",
    Opinion.WAITS: "action_required",
    Opinion.BREAKS: "failure",
    Opinion.WRONG: "failure",
}


class GithubProposals:
    """A `ProposalHost`.

    Args:
        repository: as the settings name it.
    """

    def __init__(self, client: Github, places: Places, repository: str) -> None:
        self._client, self._places, self._repository = client, places, repository
        self._commented = dict[int, int]()
        """Ours, by pull request: GitHub's lists lag behind."""

    def open(self) -> Sequence[int]:
        place = self._place()
        path = f"{place.path}/pulls?{urlencode({'state': 'open'})}"
        grant = place.grant(pull_requests="read")
        return [one.number for one in self._client.every(grant, path, PullRequest, Priority.SWEEP)]

    def find(self, number: int) -> ContractsProposal | None:
        place = self._place()
        found = self._client.get(place.grant(pull_requests="read"), f"{place.path}/pulls/{number}", PullRequest)
        if found.state != "open":
            return None
        sides = f"{in_path(found.base.sha)}...{in_path(found.head.sha)}"
        compared = self._client.get(place.grant(contents="read"), f"{place.path}/compare/{sides}", GithubComparison)
        trusted = not found.is_from_a_fork or self._is_vouched_for(place, found)
        return ContractsProposal(number, found.head.sha, compared.merge_base_commit.sha, trusted)

    def say(self, proposal: ContractsProposal, review: Review) -> None:
        place = self._place()
        self._comment(place, proposal, review)
        self._check(place, proposal, review)

    def _place(self) -> RepositoryPlace:
        return self._places.of(self._repository)

    def _is_vouched_for(self, place: RepositoryPlace, found: PullRequest) -> bool:
        vouching = {
            one.user.login
            for one in self._comments(place, found.number)
            if one.user and not one.is_a_programs and found.head.sha in _WORD.findall(_spoken(one.body or ""))
        }
        return any(self._may_write(place, login) for login in sorted(vouching))

    def _may_write(self, place: RepositoryPlace, login: str) -> bool:
        path = f"{place.path}/collaborators/{in_path(login)}/permission"
        try:
            right = self._client.get(place.grant(metadata="read"), path, GithubRight)
        except HostLacks:
            return False
        return right.permission in _MAY_WRITE

    def _comments(self, place: RepositoryPlace, number: int) -> Iterator[Commented]:
        path = f"{place.path}/issues/{number}/comments"
        return self._client.every(place.grant(pull_requests="write"), path, Commented)

    def _comment(self, place: RepositoryPlace, proposal: ContractsProposal, review: Review) -> None:
        """Ours is known by its mark, and by whose it is: anybody can write the mark."""
        text = f"{_MARK}\n{review.text}"[:_LONGEST_COMMENT]
        ours = next((one for one in self._comments(place, proposal.number) if self._is_ours(one)), None)
        if ours is not None and ours.body == text:
            return
        grant, body = place.grant(pull_requests="write"), {"body": text}
        if (known := ours.id if ours else self._commented.get(proposal.number)) is not None:
            try:
                self._client.send(grant, "PATCH", f"{place.path}/issues/comments/{known}", body, Numbered)
            except HostLacks:  # somebody removed it
                self._commented.pop(proposal.number, None)
            else:
                return
        path = f"{place.path}/issues/{proposal.number}/comments"
        made = self._client.send(grant, "POST", path, body, Numbered, notifies=True)
        self._commented[proposal.number] = made.id

    def _is_ours(self, one: Commented) -> bool:
        by = one.performed_via_github_app
        return by is not None and by.id == self._client.app.id and (one.body or "").startswith(_MARK)

    def _check(self, place: RepositoryPlace, proposal: ContractsProposal, review: Review) -> None:
        """A check is added where it says something else: GitHub shows the newest of a name."""
        grant, said = place.grant(checks="write"), _digest(proposal, review)
        wanted = urlencode({"check_name": CHECK})
        path = f"{place.path}/commits/{in_path(proposal.head)}/check-runs?{wanted}"
        there = self._client.every(grant, path, CheckRun, key="check_runs")
        ours = [one for one in there if one.app and one.app.id == self._client.app.id]
        if ours and max(ours, key=lambda one: one.id).external_id == said:
            return
        annotations = [_annotation(one) for one in review.diagnostics if one.place][:_MOST_ANNOTATIONS]
        output = {"title": review.title[:_LONGEST_TITLE], "summary": review.text[:_LONGEST_COMMENT]}
        body: dict[str, object] = {
            "name": CHECK,
            "head_sha": proposal.head,
            "status": "in_progress",
            "output": {**output, "annotations": annotations[:_ANNOTATIONS]},
        }
        done = {"external_id": said, "status": "completed", "conclusion": _CONCLUSIONS[review.opinion]}
        rest = range(_ANNOTATIONS, len(annotations), _ANNOTATIONS)
        made = self._client.send(grant, "POST", f"{place.path}/check-runs", body if rest else body | done, Numbered)
        for at in rest:  # with the last one it is said: what fails before comes again as a whole
            more: dict[str, object] = {"output": {**output, "annotations": annotations[at : at + _ANNOTATIONS]}}
            more |= done if at == rest[-1] else {}
            self._client.send(grant, "PATCH", f"{place.path}/check-runs/{made.id}", more, Numbered)


def _spoken(text: str) -> str:
    """Without what stands in fences: that is shown, and not said."""
    kept, fence = list[str](), ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if not fence and found:
            fence = found[1]
        elif not fence:
            kept.append(line)
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return "\n".join(kept)


def _digest(proposal: ContractsProposal, review: Review) -> str:
    return hashlib.sha256(repr((proposal, review)).encode()).hexdigest()[:40]


def _annotation(one: Diagnostic) -> dict[str, object]:
    place = one.place
    assert place is not None  # noqa: S101  # those without are left out
    hint = f"\n{one.next_step}" if one.next_step else ""
    return {
        "path": place.file,
        "start_line": max(1, place.line),
        "end_line": max(1, place.line),
        "annotation_level": "failure" if one.severity is Severity.ERROR else "warning",
        "title": one.code,
        "message": f"{one.fact}{hint}"[:_LONGEST_MESSAGE],
    }
