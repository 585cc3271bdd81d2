"""What we say of a pull request: one comment, edited in place, and one check a head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from odmd.errors import HostLacks
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.models import CheckRun, Commented, GithubRight, Numbered
from odmd.providers.github.places import RepositoryPlace

LONGEST_COMMENT: Final = 65_535
_LONGEST_TITLE: Final = 250
_ANNOTATIONS: Final = 50
"""In one request."""


@dataclass(frozen=True, slots=True)
class PullNote:
    """What is said of a head."""

    head: str
    text: str
    title: str
    conclusion: str
    digest: str
    """Of all that is said: a check that says it is there already."""
    annotations: Sequence[Mapping[str, object]] = ()


class PullNotes:
    """Those of one sort: known by their mark, and by whose they are, as anybody can write the mark."""

    def __init__(self, client: Github, mark: str, check: str) -> None:
        self._client, self._mark, self._name = client, mark, check
        self._commented = dict[tuple[int, int], int]()
        """Ours, by repository and pull request: GitHub's lists lag behind."""

    def say(self, place: RepositoryPlace, number: int, note: PullNote) -> None:
        """Raises:
        HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        self.comment(place, number, note.text)
        self._check(place, note)

    def comment(self, place: RepositoryPlace, number: int, said: str) -> None:
        """Raises:
        HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        text, key = f"{self._mark}\n{said}"[:LONGEST_COMMENT], (place.repository.id, number)
        ours = next((one for one in comments(self._client, place, number) if self._is_ours(one)), None)
        if ours is not None and ours.body == text:
            return
        grant, body = place.grant(pull_requests="write"), {"body": text}
        if (known := ours.id if ours else self._commented.get(key)) is not None:
            try:
                self._client.send(grant, "PATCH", f"{place.path}/issues/comments/{known}", body, Numbered)
            except HostLacks:  # somebody removed it
                self._commented.pop(key, None)
            else:
                return
        path = f"{place.path}/issues/{number}/comments"
        self._commented[key] = self._client.send(grant, "POST", path, body, Numbered, notifies=True).id

    def _is_ours(self, one: Commented) -> bool:
        return is_ours(self._client, one) and (one.body or "").startswith(self._mark)

    def _check(self, place: RepositoryPlace, note: PullNote) -> None:
        """A check is added where it says something else: GitHub shows the newest of a name."""
        grant = place.grant(checks="write")
        wanted = urlencode({"check_name": self._name})
        path = f"{place.path}/commits/{in_path(note.head)}/check-runs?{wanted}"
        there = self._client.every(grant, path, CheckRun, key="check_runs")
        ours = [one for one in there if one.app and one.app.id == self._client.app.id]
        if ours and max(ours, key=lambda one: one.id).external_id == note.digest:
            return
        output = {"title": note.title[:_LONGEST_TITLE], "summary": note.text[:LONGEST_COMMENT]}
        body: dict[str, object] = {
            "name": self._name,
            "head_sha": note.head,
            "status": "in_progress",
            "output": {**output, "annotations": note.annotations[:_ANNOTATIONS]},
        }
        done = {"external_id": note.digest, "status": "completed", "conclusion": note.conclusion}
        rest = range(_ANNOTATIONS, len(note.annotations), _ANNOTATIONS)
        made = self._client.send(grant, "POST", f"{place.path}/check-runs", body if rest else body | done, Numbered)
        for at in rest:  # with the last one it is said: what fails before comes again as a whole
            more: dict[str, object] = {"output": {**output, "annotations": note.annotations[at : at + _ANNOTATIONS]}}
            more |= done if at == rest[-1] else {}
            self._client.send(grant, "PATCH", f"{place.path}/check-runs/{made.id}", more, Numbered)


def comments(client: Github, place: RepositoryPlace, number: int) -> Iterator[Commented]:
    """All of a pull request, the oldest first.

    Raises:
        HostUnreachable, HostBusy, HostRefused, HostLacks
    """
    return client.every(place.grant(pull_requests="write"), f"{place.path}/issues/{number}/comments", Commented)


def is_ours(client: Github, one: Commented) -> bool:
    """Whether our App wrote it."""
    by = one.performed_via_github_app
    return by is not None and by.id == client.app.id


def may_write(client: Github, place: RepositoryPlace, login: str) -> bool:
    """Whether somebody may write to a repository.

    Raises:
        HostUnreachable, HostBusy, HostRefused
    """
    path = f"{place.path}/collaborators/{in_path(login)}/permission"
    try:
        right = client.get(place.grant(metadata="read"), path, GithubRight)
    except HostLacks:
        return False
    return right.permission in ("write", "admin")
