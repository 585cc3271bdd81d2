"""Services at a GitHub that is played, a control plane that leads, and our look at their pull requests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from odmd.bootstrap.github import Hosted
from odmd.bootstrap.github_settings import GithubPerson, GithubSettings
from odmd.control.leading.pulls.look import PullRef, Pulls
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.clones import KeptClones
from odmd.control.scheduler.messages import ClaimRun, FinishRun, Head, Publication, StartChange
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.graph import Compiled
from odmd.server.pulls import ServiceDesk
from odmd.store.pulls import SqlPulls
from support.actors import somebody
from support.github.fake import FakeGithub
from support.github.state import PEOPLE, FakeRepository, moment
from support.served import Served

ADA = PEOPLE.setdefault("ada", 500)
BEA = PEOPLE.setdefault("bea", 501)
GREEN = {"app.py": "green"}


class PullOffice:
    """All of it."""

    def __init__(self, compiled: Compiled, folder: Path, github: FakeGithub) -> None:
        self.served, self.github = Served(compiled.graph, folder), github
        self.served.service.control.desk.compiled = compiled
        self.repositories: dict[str, FakeRepository] = {}
        for repo in dict.fromkeys(one.repo for one in compiled.graph.builds.values()):
            made = github.repository(repo, rights={"ada": "write", "bea": "admin"})
            made.heads["refs/heads/main"] = self.served.repositories.head(repo, "branch:main")
            self.repositories[repo.partition("/")[2]] = made
        github.install()
        people = (GithubPerson(ADA, "ada@acme", Scope.WRITE, ("baristas",)), GithubPerson(BEA, "bea@acme", Scope.READ))
        self._settings = replace(self.served.service.settings, github=GithubSettings("", ".", people))
        self.hosted = Hosted(self._settings, github.app, self.served.store)
        self.kept = SqlPulls(self.served.store.database)
        self.now = time.time()
        self.pulls = self.made()

    def made(self) -> Pulls:
        """As another process would have it, which remembers nothing."""
        made = self.hosted.pulls(ServiceDesk(self.served.service))
        made.now = lambda: self.now
        return made

    def restart(self) -> None:
        """With another client, which knows of no limits."""
        self.hosted.close()
        self.hosted = Hosted(self._settings, self.github.app, self.served.store)
        self.pulls = self.made()

    # what others do

    def push(self, repo: str, branch: str, message: str = "a change", *, at: float | None = None) -> str:
        it, files = self.repositories[repo], {"app.py": f"{branch} {time.monotonic_ns()}"}
        commit = self.served.repositories.commit(it.full_name, branch, files)
        it.heads[f"refs/heads/{branch}"], it.messages[commit] = commit, message
        it.pushed_at = it.committed_at = self.now - 60 if at is None else at
        return commit

    def open(
        self, repo: str = "shop", branch: str = "fix", number: int = 1, message: str = "a change", **said: Any
    ) -> str:
        commit = self.push(repo, branch, message)
        sides = {"head": {"ref": branch}, "base": {"ref": "main"}}
        user = {"id": ADA, "login": "ada", "type": "User"}
        self.repositories[repo].pulls[number] = {"state": "open", "title": "x", "user": user, **sides, **said}
        return commit

    def label(self, name: str = "odmd:clone", repo: str = "shop", number: int = 1) -> None:
        self.repositories[repo].pulls[number]["labels"] = [{"id": 1, "name": name}]

    def close(self, repo: str = "shop", number: int = 1, *, merged: bool = False, at: float | None = None) -> None:
        stamp, pull = moment(self.now if at is None else at), self.repositories[repo].pulls[number]
        pull["head"]["sha"] = self.repositories[repo].heads.get(f"refs/heads/{pull['head']['ref']}", "0" * 40)
        pull |= {"state": "closed", "closed_at": stamp, "merged_at": stamp if merged else None}

    def say(self, text: str, login: str = "ada", *, repo: str = "shop", number: int = 1, **more: Any) -> int:
        return self.repositories[repo].say(number, text, login, **more)

    # what comes of it

    def look(self, *numbers: int, repo: str = "shop") -> None:
        self.pulls.look([PullRef(f"acme/{repo}", one) for one in numbers or (1,)])

    def clones(self) -> dict[str, KeptClones]:
        """Those that are to be there."""
        there = self.served.leader.look(lambda state: dict(state.clones))
        return {address: one for address, one in there.items() if not one.ended}

    def texts(self, repo: str = "shop") -> list[str]:
        """What our App said, newest last."""
        said = [one.said for one in self.repositories[repo].comments.values()]
        return [one["body"] for one in said if one.get("performed_via_github_app")]

    def comment(self, repo: str = "shop") -> str:
        """The one that is kept up to date."""
        (found,) = [one for one in self.texts(repo) if one.startswith("<!-- odmd -->")]
        return found

    def answers(self, repo: str = "shop") -> list[str]:
        return [one for one in self.texts(repo) if one.startswith("<!-- odmd answers")]

    def check(self, repo: str = "shop") -> dict[str, Any]:
        return list(self.repositories[repo].checks.values())[-1].said

    def writes(self) -> int:
        return sum(not name.startswith("GET") and "access_tokens" not in name for name, _ in self.github.asked)

    def deploy(self, url: str = "https://api.acme.example/v1?sig=secret") -> None:
        """All that is under way ends well; who makes an API publishes its address."""
        leader = self.served.leader
        while runs := leader.look(lambda state: [(run.id, run.enver) for run in state.runs.values()]):
            for run, enver in runs:
                node = leader.in_force.envers[enver]
                made = [
                    Publication(one.address, url, url, one.kind)
                    for one in node.products
                    if one.kind.endswith("HttpApi")
                ]
                leader.ask(ClaimRun(run, "worker"))
                leader.ask(FinishRun(run, AttemptNumber(1), "sha256:r", tuple(made)))

    def begin(self) -> None:
        """All run what their branches have."""
        whole = self.served.graph.envers.values()
        heads = [Head(one.address, self.served.repositories.head(one.repo, one.revision), one.slice()) for one in whole]
        self.served.leader.ask(StartChange("first", somebody("ada"), "sha256:1", tuple(heads)))
        self.deploy()


@contextmanager
def pull_office(compiled: Compiled, folder: Path) -> Iterator[PullOffice]:
    """While inside, it leads; at the end, all that was asked and answered fits GitHub's own description."""
    with FakeGithub().serving() as github:
        made = PullOffice(compiled, folder, github)
        made.served.leader.start()
        try:
            made.begin()
            yield made
        finally:
            made.hosted.close()
            made.served.leader.stop()
            made.served.store.close()
            made.served.tokens.close()
        assert github.wrong == []
