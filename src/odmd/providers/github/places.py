"""Where the repositories of the contracts are at GitHub. Each is known by its number from the first look on: a rename
moves nothing, and another one that takes over a name is not taken for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from odmd.control.ports.reads import Documents
from odmd.errors import HostLacks
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github, ref_path, repo_path
from odmd.providers.github.grants import AppGrant
from odmd.providers.github.look import installation_of, reached
from odmd.providers.github.models import GithubRepository, GitRef

_DOCUMENT: Final = "github/repositories"
_FRESH_SECONDS: Final = 300.0
_AGAIN_SECONDS: Final = 30.0
"""How soon it is looked again for one that was not there."""


@dataclass(frozen=True, slots=True)
class RepositoryPlace:
    """A repository, as GitHub has it now."""

    installation: int
    repository: GithubRepository

    @property
    def path(self) -> str:
        """`/repos/OWNER/NAME`."""
        return repo_path(self.repository.full_name)

    def grant(self, **permissions: str) -> AppGrant:
        """The right to act there, and nowhere else."""
        return AppGrant.of(self.installation, self.repository.id, **permissions)


def head_of(client: Github, place: RepositoryPlace, branch: str, priority: Priority = Priority.ANSWER) -> str | None:
    """The commit at which a branch is; None: it is not there.

    Raises:
        HostUnreachable, HostBusy, HostRefused
    """
    path = f"{place.path}/git/ref/{ref_path(branch)}"
    try:
        return client.get(place.grant(contents="read"), path, GitRef, priority).object.sha
    except HostLacks:
        return None


@dataclass(frozen=True, slots=True)
class MadeAnew:
    """A name that one repository had, and another one has."""

    known: int
    now: int


class Places:
    """Threads share it.

    Args:
        kept: remembers which number a name of the contracts had first.
    """

    def __init__(self, client: Github, kept: Documents, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._kept, self._clock = client, kept, clock
        self._looking, self._naming = threading.Lock(), threading.Lock()
        self._read_at = float("-inf")
        self._found: Mapping[int, RepositoryPlace] = {}

    def of(self, declared: str) -> RepositoryPlace:
        """Where the repository is that the contracts name so.

        Raises:
            HostLacks: the App does not reach it.
            HostUnknown, HostUnreachable, HostBusy, HostRefused
        """
        place = self._find(declared, _FRESH_SECONDS) or self._find(declared, _AGAIN_SECONDS)
        if place is None and (anew := self.made_anew().get(declared.lower())) is not None:
            raise HostLacks(
                f"{declared} is another one now: repository {anew.now}, and {anew.known} before",
                next_step=f"if it is to be taken for the same: odmd github accept {declared} --id {anew.now}",
            )
        if place is None:
            raise HostLacks(
                f"{self._client.app.slug} does not reach {declared}",
                next_step=f"let it in: {self._client.app.install_page}",
            )
        return place

    def made_anew(self) -> Mapping[str, MadeAnew]:
        """Names of the contracts, in small letters, that are another repository's by now; as it was looked last."""
        by_name = {one.repository.full_name.lower(): one.repository.id for one in self._look(_FRESH_SECONDS).values()}
        known = self._numbers()
        return {
            name: MadeAnew(number, by_name[name])
            for name, number in known.items()
            if number not in self._found and name in by_name
        }

    def accept(self, declared: str, number: int) -> None:
        """Takes the repository that has a name now for the one that had it.

        Raises:
            HostLacks: it has another number, or none was made anew.
            HostUnknown, HostUnreachable, HostBusy, HostRefused
        """
        name = declared.lower()
        anew = self.made_anew().get(name)
        if anew is None or anew.now != number:
            what = f"repository {anew.now}, and not {number}" if anew else "no repository that was made anew"
            raise HostLacks(f"{declared} is {what}", next_step="`odmd github status` says which there are")
        with self._naming:
            self._kept.put(_DOCUMENT, json.dumps({**self._numbers(), name: number}, sort_keys=True))

    def knows(self, declared: str) -> bool:
        """Whether the contracts' name was looked for and found before, be it gone by now."""
        return declared.lower() in self._numbers()

    def names(self) -> Mapping[int, str]:
        """What the contracts call those that were looked for, in small letters, by their numbers."""
        return {number: name for name, number in self._numbers().items()}

    def _find(self, declared: str, fresh: float) -> RepositoryPlace | None:
        found, name = self._look(fresh), declared.lower()
        with self._naming:
            numbers = self._numbers()
            if (known := numbers.get(name)) is not None:
                return found.get(known)
            place = next((one for one in found.values() if one.repository.full_name.lower() == name), None)
            if place is not None:
                self._kept.put(_DOCUMENT, json.dumps({**numbers, name: place.repository.id}, sort_keys=True))
        return place

    def _numbers(self) -> Mapping[str, int]:
        return json.loads(self._kept.get(_DOCUMENT) or "{}")

    def _look(self, fresh: float) -> Mapping[int, RepositoryPlace]:
        """One thread reads anew; who can do with what was read does not wait for it."""
        if not self._is_fresh(fresh):
            with self._looking:
                if not self._is_fresh(fresh):
                    self._read()
        return self._found

    def _is_fresh(self, seconds: float) -> bool:
        return self._clock() - self._read_at < seconds

    def _read(self) -> None:
        installation = installation_of(self._client)
        found = reached(self._client, installation)
        self._found = {one.id: RepositoryPlace(installation.id, one) for one in found}
        self._read_at = self._clock()
