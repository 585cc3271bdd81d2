"""ODMD040: what has one name is one thing: a build, a repository, a team, a stage, an account."""

from collections.abc import Hashable, Iterator

from odmd.errors import Diagnostic, Place
from odmd.graph.draft import Draft
from odmd.model import Account, Stage, Team


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds builds, repositories, teams, stages and accounts that say different things under one name."""
    first: dict[tuple[str, str], tuple[Hashable, Place | None]] = {}
    for what, name, said, place in _said(draft):
        before, there = first.setdefault((what, name), (said, place))
        if before != said:
            also = f", also at {there}" if there is not None and there != place else ""
            yield Diagnostic(
                "ODMD040",
                f"two {what} have the name {name!r} and differ{also}",
                place,
                "declare it once and use it everywhere, or rename one of them",
            )


def _said(draft: Draft) -> Iterator[tuple[str, str, Hashable, Place | None]]:
    organisation, seen = draft.organisation, set[int]()
    for build in draft.all_builds:
        repo = build.made_of
        yield "builds", build.name, (repo.name, build.folder, repo.team.name), build.place
        if build.repo is not None:  # a package may be the source of builds of several teams
            yield "repositories", repo.name, repo.team.name, build.place
        if id(repo.team) not in seen:  # most builds share it with others
            seen.add(id(repo.team))
            yield from _of_team(repo.team, build.place)
    for stage in (*organisation.stages, *draft.used_stages):
        yield from _of_stage(stage)
    for team in organisation.teams:
        yield from _of_team(team, organisation.place)
    yield from _of_account(organisation.central, organisation.place)


def _of_team(team: Team, place: Place) -> Iterator[tuple[str, str, Hashable, Place | None]]:
    yield "teams", team.name, team.contacts, place


def _of_stage(stage: Stage) -> Iterator[tuple[str, str, Hashable, Place | None]]:
    reaches = None if stage.reaches is None else tuple(one.name for one in stage.reaches)
    yield "stages", stage.name, (stage.account.id, stage.region, reaches, stage.objective), stage.place
    yield from _of_account(stage.account, stage.place)


def _of_account(account: Account, place: Place) -> Iterator[tuple[str, str, Hashable, Place | None]]:
    yield "accounts", account.name, account.id, place
