"""Pull requests on the contracts: how they are, whether what they say may be run, and what we say of them there.

There is one comment, edited in place, and one check a head. A head that is not of who may write to the repository is
trusted when somebody who may comments `/odmd check SHA` with all of its 40 characters; the next push is another head.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from odmd.control.ports.hosts import ContractsProposal, Opinion, Review
from odmd.errors import Diagnostic, Severity
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.models import GithubComparison, PullRequest
from odmd.providers.github.notes import PullNote, PullNotes, comments, may_write
from odmd.providers.github.places import Places, RepositoryPlace
from odmd.texts import outside_fences

CHECK: Final = "odmd contracts"
_MARK: Final = "<!-- odmd contracts -->"
_WORD: Final = re.compile(r"^/odmd check ([0-9a-f]{40})\s*$", re.MULTILINE)
_LONGEST_MESSAGE: Final = 4_000
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
        self._notes = PullNotes(client, _MARK, CHECK)

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
        annotations = [_annotation(one) for one in review.diagnostics if one.place][:_MOST_ANNOTATIONS]
        said = (review.title, _CONCLUSIONS[review.opinion], _digest(proposal, review), annotations)
        self._notes.say(self._place(), proposal.number, PullNote(proposal.head, review.text, *said))

    def _place(self) -> RepositoryPlace:
        return self._places.of(self._repository)

    def _is_vouched_for(self, place: RepositoryPlace, found: PullRequest) -> bool:
        vouching = {
            one.user.login
            for one in comments(self._client, place, found.number)
            if one.user and not one.is_a_programs and found.head.sha in _WORD.findall(outside_fences(one.body or ""))
        }
        return any(may_write(self._client, place, login) for login in sorted(vouching))


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
