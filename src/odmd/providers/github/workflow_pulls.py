"""Brings workflow files into repositories: by one pull request each, which is kept up to date, or by a commit.

Nothing is remembered: what is there is compared by the digests that git has, so whoever comes again goes on where
somebody stopped, and writes nothing that is there. What others changed on our branch is theirs, and a proposal that
somebody closed is not made again until it says something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from odmd.errors import HostLacks
from odmd.providers.github.app import TO_WRITE_WORKFLOWS
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, in_path
from odmd.providers.github.grants import AppGrant
from odmd.providers.github.models import CommitSeen, FileSeen, FilesSeen, GitMade, GitRef, PullRequest
from odmd.providers.github.places import Places, RepositoryPlace, head_of
from odmd.providers.github.wanted_files import ACTION, MARK, WORKFLOWS, WantedFile

BRANCH: Final = "odmd/workflows"
TITLE: Final = "Workflows of odmd, as the contracts want them"
_MOST_READ: Final = 1_000_000
"""Characters of one that may be ours; nothing that we write is so large."""


class Brought(StrEnum):
    """What became of a repository's files."""

    AS_WANTED = "as wanted"
    PROPOSED = "proposed"
    WAITS = "proposed before"
    COMMITTED = "committed"
    DECLINED = "declined"
    """Somebody closed the pull request that says just this."""
    CHANGED_BY_OTHERS = "changed by others"
    """The branch has commits that are not ours."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """What is to become of a file."""

    path: str
    text: str | None
    """None: it is to go."""
    is_new: bool = False

    @property
    def what(self) -> str:
        return "remove" if self.text is None else "add" if self.is_new else "change"


@dataclass(frozen=True, slots=True)
class FilesBrought:
    """What became of them, and where it is seen."""

    how: Brought
    url: str = ""
    changes: Sequence[FileChange] = ()


class WorkflowPulls:
    """Threads share it."""

    def __init__(self, client: Github, places: Places, priority: Priority = Priority.SWEEP) -> None:
        self._client, self._places, self._priority = client, places, priority
        self._bot = f"{client.app.slug}[bot]"

    def differing(self, repo: str, wanted: Sequence[WantedFile]) -> Sequence[FileChange]:
        """What on the default branch is not as it is wanted.

        Raises:
            HostUnknown, HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        place = self._places.of(repo)
        return self._changes(place, place.repository.default_branch, wanted)

    def bring(self, repo: str, wanted: Sequence[WantedFile], *, commit: bool = False) -> FilesBrought:
        """To the default branch: by a pull request, or at once.

        Raises:
            HostUnknown, HostUnreachable, HostBusy, HostRefused, HostLacks
        """
        place = self._places.of(repo)
        changes = self._changes(place, place.repository.default_branch, wanted)
        if commit:
            return self._commit_to_default(place, changes)
        ours = self._head(place, BRANCH)
        pulls = self._pulls(place)
        still_open = next((one for one in pulls if one.state == "open"), None)
        if not changes:
            self._withdraw(place, still_open)
            return FilesBrought(Brought.AS_WANTED)
        if ours and not (ours.author and ours.author.login == self._bot):
            return FilesBrought(Brought.CHANGED_BY_OTHERS, still_open.html_url if still_open else "", changes)
        if still_open and not self._changes(place, still_open.head.sha, wanted):
            return FilesBrought(Brought.WAITS, still_open.html_url, changes)
        if declined := self._declined(place, pulls, wanted):
            return FilesBrought(Brought.DECLINED, declined.html_url, changes)
        self._set_branch(place, changes, is_there=ours is not None)
        made = still_open or self._propose(place, changes)
        return FilesBrought(Brought.PROPOSED, made.html_url, changes)

    def _commit_to_default(self, place: RepositoryPlace, changes: Sequence[FileChange]) -> FilesBrought:
        if not changes:
            return FilesBrought(Brought.AS_WANTED)
        made = self._make_commit(place, changes)
        self._move(place, place.repository.default_branch, made.sha, force=False)
        return FilesBrought(Brought.COMMITTED, made.html_url, changes)

    def _changes(self, place: RepositoryPlace, ref: str, wanted: Sequence[WantedFile]) -> Sequence[FileChange]:
        there = {
            **self._listed(place, WORKFLOWS, ref),
            **(self._listed(place, ACTION.rpartition("/")[0], ref) if any(one.is_users for one in wanted) else {}),
        }
        return [*_missing(there, wanted), *self._left(place, there, ref, wanted)]

    def _listed(self, place: RepositoryPlace, folder: str, ref: str) -> Mapping[str, FileSeen]:
        """Files of a folder by path; one that is not there has none."""
        path = f"{place.path}/contents/{folder}?{urlencode({'ref': ref})}"
        try:
            found = self._client.get(_reading(place), path, FilesSeen, self._priority)
        except HostLacks:
            self._commit_at(place, ref)  # that is there, and the folder is not
            return {}
        return {one.path: one for one in found.root}

    def _left(
        self, place: RepositoryPlace, there: Mapping[str, FileSeen], ref: str, wanted: Sequence[WantedFile]
    ) -> Iterator[FileChange]:
        """Files of ours that belong to no build any more."""
        known = {one.path for one in wanted}
        for path, seen in there.items():
            name = path.removeprefix(f"{WORKFLOWS}/")
            if path not in known and name.startswith("odmd-") and name.endswith(".yaml") and seen.size <= _MOST_READ:
                at = f"{place.path}/contents/{in_path(path)}?{urlencode({'ref': ref})}"
                found = self._client.get(_reading(place), at, FileSeen, self._priority)
                if found.decoded().startswith(MARK.encode()):
                    yield FileChange(path, None)

    def _head(self, place: RepositoryPlace, branch: str) -> CommitSeen | None:
        there = head_of(self._client, place, branch, self._priority)
        return None if there is None else self._commit_at(place, there)

    def _commit_at(self, place: RepositoryPlace, ref: str) -> CommitSeen:
        return self._client.get(_reading(place), f"{place.path}/commits/{in_path(ref)}", CommitSeen, self._priority)

    def _pulls(self, place: RepositoryPlace) -> Sequence[PullRequest]:
        """Those of ours that were made of the branch, newest first."""
        owner = place.repository.full_name.partition("/")[0]
        asked = urlencode({"state": "all", "head": f"{owner}:{BRANCH}", "base": place.repository.default_branch})
        found = self._client.every(
            place.grant(pull_requests="read"), f"{place.path}/pulls?{asked}", PullRequest, self._priority
        )
        ours = [one for one in found if one.user and one.user.login == self._bot and not one.is_from_a_fork]
        return sorted(ours, key=lambda one: one.number, reverse=True)

    def _declined(
        self, place: RepositoryPlace, pulls: Sequence[PullRequest], wanted: Sequence[WantedFile]
    ) -> PullRequest | None:
        """The newest, if it was closed and said just this."""
        newest = next(iter(pulls), None)
        if newest is None or newest.state == "open" or newest.merged_at is not None or newest.title != TITLE:
            return None
        return None if self._changes(place, newest.head.sha, wanted) else newest

    def _withdraw(self, place: RepositoryPlace, pull: PullRequest | None) -> None:
        """It would change nothing any more; its title says that nobody declined it."""
        if pull is not None:
            path, grant = f"{place.path}/pulls/{pull.number}", place.grant(pull_requests="write")
            said = {"state": "closed", "title": f"Withdrawn: {TITLE}"}
            self._client.send(grant, "PATCH", path, said, PullRequest, self._priority)

    def _set_branch(self, place: RepositoryPlace, changes: Sequence[FileChange], *, is_there: bool) -> None:
        made = self._make_commit(place, changes)
        if is_there:
            self._move(place, BRANCH, made.sha, force=True)
        else:
            said = {"ref": f"refs/heads/{BRANCH}", "sha": made.sha}
            self._client.send(_writing(place), "POST", f"{place.path}/git/refs", said, GitRef, self._priority)

    def _make_commit(self, place: RepositoryPlace, changes: Sequence[FileChange]) -> GitMade:
        """One on top of the default branch; no branch has it yet."""
        base = self._commit_at(place, place.repository.default_branch)
        files = [_entry(one) for one in changes]
        said = {"base_tree": base.commit.tree.sha, "tree": files}
        tree = self._client.send(_writing(place), "POST", f"{place.path}/git/trees", said, GitMade, self._priority)
        commit = {"message": _message(changes), "tree": tree.sha, "parents": [base.sha]}
        path = f"{place.path}/git/commits"
        return self._client.send(_writing(place), "POST", path, commit, GitMade, self._priority)

    def _move(self, place: RepositoryPlace, branch: str, to: str, *, force: bool) -> None:
        path = f"{place.path}/git/refs/{in_path(f'heads/{branch}')}"
        said = {"sha": to, "force": force}
        self._client.send(_writing(place), "PATCH", path, said, GitRef, self._priority)

    def _propose(self, place: RepositoryPlace, changes: Sequence[FileChange]) -> PullRequest:
        body = {"title": TITLE, "head": BRANCH, "base": place.repository.default_branch, "body": _text(changes)}
        path, grant = f"{place.path}/pulls", place.grant(pull_requests="write")
        return self._client.send(grant, "POST", path, body, PullRequest, self._priority, notifies=True)


def _reading(place: RepositoryPlace) -> AppGrant:
    return place.grant(contents="read")


def _writing(place: RepositoryPlace) -> AppGrant:
    return place.grant(**TO_WRITE_WORKFLOWS)


def _missing(there: Mapping[str, FileSeen], wanted: Sequence[WantedFile]) -> Iterator[FileChange]:
    for one in wanted:
        seen = there.get(one.path)
        if seen is None or (not one.is_users and seen.sha != _blob(one.text)):
            yield FileChange(one.path, one.text, is_new=seen is None)


def _blob(text: str) -> str:
    """What git calls a file with this text."""
    content = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _entry(change: FileChange) -> Mapping[str, object]:
    of_tree: dict[str, object] = {"path": change.path, "mode": "100644", "type": "blob"}
    return of_tree | ({"sha": None} if change.text is None else {"content": change.text})


def _message(changes: Sequence[FileChange]) -> str:
    return f"{TITLE}\n\n" + "\n".join(f"{one.what}: {one.path}" for one in changes)


def _text(changes: Sequence[FileChange]) -> str:
    files = "\n".join(f"- {one.what}: `{one.path}`" for one in changes)
    return f"""\
The contracts say that jobs of this repository carry out runs of odmd. These are their workflows:

{files}

They are generated: a change belongs into the contracts, and steps of your own into `{ACTION}`, which stays as it is
once it is there. Whoever pushes to this branch takes it over: odmd then leaves it alone. Closed without a merge,
the same is not proposed again.
"""
