"""A GitHub with the App in it, and our side of it, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from odmd.providers.github import Github
from odmd.providers.github.places import Places
from support.github.fake import FakeGithub
from support.github.state import FakeInstallation


@dataclass
class MemoryDocuments:
    """Small texts by name."""

    texts: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        return self.texts.get(name)

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:
        self.texts[name] = text

    def put_first(self, name: str, text: str) -> str:
        return self.texts.setdefault(name, text)


@dataclass
class GithubSite:
    """Both ends."""

    github: FakeGithub
    installation: FakeInstallation
    client: Github
    places: Places
    documents: MemoryDocuments

    @classmethod
    @contextmanager
    def serving(cls, *repositories: str, patience: float = 0.05) -> Iterator[GithubSite]:
        """With these repositories of acme; all that was asked and answered fits GitHub's own description."""
        with FakeGithub().serving() as github:
            for name in repositories:
                github.repository(f"acme/{name}")
            installation, documents = github.install(), MemoryDocuments()
            client = Github(github.app, patience=patience)
            clock = iter(range(0, 10**9, 1000))  # each look is a fresh one
            yield cls(github, installation, client, Places(client, documents, lambda: next(clock)), documents)
            client.close()
            assert github.wrong == []
