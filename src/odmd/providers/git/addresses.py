"""Addresses of repositories, and those that a repository gives for its submodules: they are input of strangers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

_PARTS: Final = re.compile(r"([a-z][a-z0-9+.-]*://[^/]*/|[^/:]+:/?|/?)(.*)", re.DOTALL)
_ELSEWHERE: Final = re.compile(r"https://(?!-)[^/\s]+/\S+|ssh://(?!-)[^/\s]+/\S+|(?!-)[\w.-]+@(?!-)[\w.-]+:(?!:)\S+")
"""What a submodule may say besides a relative address: hosts, never this machine, and no program to run."""


class AddressRefused(ValueError):
    """A repository sends us where it must not."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is: `PREFIX` and parts with slashes between them."""

    prefix: str
    parts: tuple[str, ...]
    floor: int
    """So many parts no relative address may leave."""

    @classmethod
    def declared(cls, url: str, repo: str) -> Self:
        """Where a declared repository is; whatever lies beside all repositories is out of reach of its submodules."""
        prefix, parts = _taken_apart(url)
        named = tuple(repo.split("/"))
        ends_so = tuple(part.removesuffix(".git") for part in parts[-len(named) :]) == named
        return cls(prefix, parts, len(parts) - (len(named) if ends_so else 1))

    def of_submodule(self, said: str) -> Address:
        """What a submodule's address means, seen from here.

        Raises:
            AddressRefused
        """
        if said.startswith(("./", "../")):
            return self._beside(said)
        if not _ELSEWHERE.fullmatch(said):
            raise AddressRefused("that is no relative address, and neither https nor ssh")
        return Address(*_taken_apart(said), floor=0)

    def __str__(self) -> str:
        return self.prefix + "/".join(self.parts)

    def _beside(self, said: str) -> Address:
        parts = list(self.parts)
        for step in said.split("/"):
            if step == ".." and len(parts) > self.floor:
                parts.pop()
            elif step == ".." or "%" in step:
                raise AddressRefused("that leads away from where the repositories are")
            elif step not in ("", "."):
                parts.append(step)
        if len(parts) <= self.floor:
            raise AddressRefused("that is no repository")
        return Address(self.prefix, tuple(parts), self.floor)


def _taken_apart(url: str) -> tuple[str, tuple[str, ...]]:
    found = _PARTS.fullmatch(url)
    prefix, path = found.groups() if found else ("", url)
    return prefix, tuple(part for part in path.split("/") if part)
