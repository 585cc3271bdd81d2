"""Shows runs beside their commits: a status for each enver, and a deployment for each run, updated in place."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final
from urllib.parse import urlencode

from odmd.control.ports.hosts import RunNews, RunPhase
from odmd.errors import HostLacks, HostRefused
from odmd.providers.github.budget import Priority
from odmd.providers.github.client import Github
from odmd.providers.github.models import Deployment, Numbered
from odmd.providers.github.places import Places, RepositoryPlace
from odmd.providers.github.statuses import set_status, shortened

_LONGEST_NAME: Final = 255
_CLONES: Final = "clones"
"""All clones are one environment: GitHub lets an App make environments, and not remove them."""
_DEPLOYMENTS: Final = {
    RunPhase.WAITING: "queued",
    RunPhase.RUNNING: "in_progress",
    RunPhase.SUCCEEDED: "success",
    RunPhase.FAILED: "failure",
}
_REMEMBERED: Final = 10_000


class GithubRuns:
    """A `RunMirror`."""

    def __init__(self, client: Github, places: Places) -> None:
        self._client, self._places = client, places
        self._deployments = OrderedDict[int, int]()
        """Run → its deployment."""

    def show(self, news: RunNews) -> None:
        """What is refused of one keeps the other from nothing, and both are told."""
        place, refused = self._places.of(news.repository), list[HostRefused | HostLacks]()
        shown = (self._set_status, self._set_deployment) if news.is_newest else (self._set_deployment,)
        for show in shown:
            try:
                show(place, news)
            except (HostRefused, HostLacks) as no:  # as a commit has room for a thousand statuses of one name
                refused.append(no)
        if refused:
            raise type(refused[0])("; ".join(one.fact for one in refused), next_step=refused[0].next_step)

    def _set_status(self, place: RepositoryPlace, news: RunNews) -> None:
        set_status(self._client, place, news.commit, f"odmd/{news.enver}", news.phase, news.words)

    def _set_deployment(self, place: RepositoryPlace, news: RunNews) -> None:
        grant = place.grant(deployments="write")
        number = self._deployments.get(news.run) or self._find(place, news) or self._make(place, news)
        self._deployments[news.run] = number
        while len(self._deployments) > _REMEMBERED:
            self._deployments.popitem(last=False)
        body = {"state": _DEPLOYMENTS[news.phase], "description": shortened(news.words)}
        self._client.send(grant, "POST", f"{place.path}/deployments/{number}/statuses", body, Numbered, Priority.MIRROR)

    def _find(self, place: RepositoryPlace, news: RunNews) -> int | None:
        """That which was made for this run before, by another process."""
        wanted = urlencode({"sha": news.commit, "environment": _environment(news)})
        there = self._client.every(
            place.grant(deployments="write"), f"{place.path}/deployments?{wanted}", Deployment, Priority.MIRROR
        )
        return next((one.id for one in there if self._is_ours(one, news.run)), None)

    def _is_ours(self, one: Deployment, run: int) -> bool:
        """Numbers of runs are anybody's: another App's deployment may bear the same."""
        by = one.performed_via_github_app
        is_of_run = isinstance(one.payload, dict) and one.payload.get("run") == run
        return is_of_run and by is not None and by.id == self._client.app.id

    def _make(self, place: RepositoryPlace, news: RunNews) -> int:
        body: dict[str, object] = {
            "ref": news.commit,
            "environment": _environment(news),
            "description": shortened(f"run {news.run} of {news.enver}"),
            "payload": {"run": news.run},
            "auto_merge": False,
            "required_contexts": [],
            "production_environment": news.is_production,
            "transient_environment": news.is_clone,
        }
        grant = place.grant(deployments="write")
        return self._client.send(grant, "POST", f"{place.path}/deployments", body, Numbered, Priority.MIRROR).id


def _environment(news: RunNews) -> str:
    return _CLONES if news.is_clone else news.enver[:_LONGEST_NAME]
