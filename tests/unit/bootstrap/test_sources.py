"""What is read of repositories, and who cannot be read: since when, why, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from odmd.control.leading.planner import Planner
from odmd.control.leading.sources import SourceReader, Sources
from odmd.control.reading.heads import heads_read
from odmd.control.reading.records import Records
from odmd.control.reading.unreadable import unreadable
from odmd.control.scheduler.inert import LONGEST
from odmd.errors import EnverUnknown, PlanOutdated, RepositoryUnreachable, ToolMissing
from odmd.graph import Compiled, Graph
from odmd.plan import Limited
from odmd.plan.wiring import Wiring
from odmd.providers.git.fake import FakeRepositories
from odmd.store.memory import MemoryStore
from support.hostile import EVIL, OBEYED
from support.planned import promoted
from support.worlds import address, graph, graph_of, node, wire

THREE = graph(3, [(0, 1)])


class Counting(FakeRepositories):
    """Tells who was asked."""

    def __init__(self, of: Graph) -> None:
        super().__init__()
        self.asked: list[str] = []
        for enver in of.envers.values():
            self.commit(enver.repo, "main", {"app.py": enver.build})

    def head(self, repo: str, revision: str) -> str:
        self.asked.append(repo)
        return super().head(repo, revision)


class Desk:
    """Somebody who plans, again and again."""

    def __init__(self, of: Graph = THREE) -> None:
        self.graph, self.repositories, self.store, self.now = of, Counting(of), MemoryStore(), 100.0

    def read(self, *envers: int, refresh: bool = True, runs: Mapping[str, str] | None = None) -> Sources:
        reader = SourceReader(self.repositories, self.store, lambda: self.now)
        asked = [self.graph.envers[address(n)] for n in envers or range(len(self.graph.envers))]
        return reader.read(asked, self.graph.envers, runs, refresh=refresh)

    def planner(self) -> Planner:
        compiled = Compiled(self.graph, {}, {})
        return Planner(compiled, self.store.load(), self.store, self.repositories, 2)

    def records(self) -> Records:
        return Records(self.store, lambda: False, lambda: Wiring(self.graph), lambda _: {}, lambda *_: ())  # type: ignore[arg-type]  # no runs


def names(read: Sources) -> Sequence[str]:
    return [one.enver for one in read.unreadable]


def test_one_repository_that_is_away_concerns_its_own_envers_only() -> None:
    desk = Desk()
    desk.repositories.lose("acme/e1")
    read = desk.read()
    assert names(read) == [address(1)]
    assert read.heads.keys() == read.contents.keys() == {address(0), address(2)}


def test_it_is_noted_when_heads_were_read_and_not_when_they_were_remembered() -> None:
    desk = Desk()
    desk.read()
    desk.now = 200.0
    desk.read(refresh=False)
    assert heads_read(desk.store) == {address(n): 100.0 for n in range(3)}
    desk.repositories.lose("acme/e1")
    desk.read(0, 1)
    assert heads_read(desk.store) == {address(0): 200.0, address(1): 100.0, address(2): 100.0}


def test_who_wrote_a_commit_is_told_harmlessly_and_still_when_the_repository_is_gone() -> None:
    desk = Desk()
    commit = desk.repositories.commit("acme/e1", "main", {"app.py": "1"}, EVIL, author=f"eve{EVIL}{'x' * 10_000}")
    author = desk.read().said[commit].author
    assert author is not None
    assert author.name.startswith("eve")
    assert not OBEYED.search(author.name)
    assert len(author.name) <= LONGEST
    desk.repositories.lose("acme/e1")
    assert desk.read(refresh=False).said[commit].author == author


def test_a_branch_or_a_tag_that_is_gone_concerns_who_follows_it() -> None:
    two = graph_of([node(0), node(1, repo="acme/e0", revision="tag:v1")])
    desk = Desk(two)
    desk.repositories.tag("acme/e0", "v1", desk.read(0).heads[address(0)])
    desk.repositories.lose("acme/e0", "tag:v1")
    assert [(one.enver, one.code) for one in desk.read().unreadable] == [(address(1), "ODMD202")]
    desk.repositories.tag("acme/e0", "v1", desk.read(0).heads[address(0)])
    desk.repositories.lose("acme/e0", "branch:main")
    assert names(desk.read()) == [address(0)]


def test_a_promoted_enver_goes_with_its_repository_and_not_with_a_branch() -> None:
    desk = Desk(graph_of([node(0), promoted(1, 0, repo="acme/e0")]))
    head = desk.read().heads[address(0)]
    desk.repositories.tag("acme/e0", "v1", head)
    desk.repositories.lose("acme/e0", "branch:main")
    assert names(desk.read()) == [address(0)]
    desk.repositories.lose("acme/e0")
    assert set(names(desk.read())) == {address(0), address(1)}


def test_the_commit_of_a_head_that_cannot_be_fetched_makes_it_unreadable() -> None:
    desk = Desk()

    def content(repo: str, commit: str, paths: Sequence[str]) -> str:
        if repo == "acme/e1":
            raise RepositoryUnreachable("a pack is damaged")
        return "tree"

    desk.repositories.content = content  # type: ignore[method-assign]
    read = desk.read()
    assert names(read) == [address(1)]
    assert read.heads.keys() == {address(0), address(2)}


def test_since_is_when_it_was_first_seen_until_it_can_be_read_again() -> None:
    desk = Desk()
    desk.repositories.lose("acme/e1")
    desk.read()
    desk.now = 200.0
    assert desk.read().unreadable[0].since == 100.0
    assert desk.read(0, 2).unreadable == ()
    assert unreadable(desk.store).keys() == {address(1)}, "who was not looked at is as it was"
    desk.repositories.commit("acme/e1", "main", {})
    assert desk.read().unreadable == ()
    assert not unreadable(desk.store)


def test_the_last_known_head_is_kept_and_used_without_refresh() -> None:
    desk = Desk()
    known = desk.read().heads[address(1)]
    desk.repositories.lose("acme/e1")
    desk.read()
    read = desk.read(refresh=False)
    assert read.heads[address(1)] == known
    assert not read.unreadable


def test_what_left_the_contracts_is_forgotten() -> None:
    desk = Desk()
    desk.repositories.lose("acme/e1")
    desk.read()
    desk.graph = graph_of([node(0), node(2)])
    desk.read(0)
    assert not unreadable(desk.store)


def test_a_machine_without_git_is_nobodys_repository() -> None:
    desk = Desk()

    def head(_repo: str, _revision: str) -> str:
        raise ToolMissing("git is not on this machine")

    desk.repositories.head = head  # type: ignore[method-assign]
    with pytest.raises(ToolMissing):
        desk.read()


def test_a_plan_with_targets_asks_only_the_repositories_of_what_they_need() -> None:
    desk = Desk()
    plan = desk.planner().make(Limited((address(1),)))
    assert set(desk.repositories.asked) == {"acme/e0", "acme/e1"}
    assert plan.left_out == (address(2),)
    assert [step.enver for step in plan.steps()] == [address(0), address(1)]


def test_what_cannot_be_read_and_is_no_target_is_not_even_noticed() -> None:
    desk = Desk()
    desk.repositories.lose("acme/e2")
    assert desk.planner().make(Limited((address(1),))).unreadable == ()


def test_a_confirmed_plan_is_refused_when_what_it_deploys_is_away_by_now() -> None:
    desk = Desk()
    digest = desk.planner().make().digest()
    desk.repositories.lose("acme/e2")
    with pytest.raises(PlanOutdated, match="e2@main cannot be read now: there is no repository acme/e2"):
        desk.planner().approved(digest)


def test_a_confirmed_plan_holds_while_somebody_else_is_away() -> None:
    desk = Desk(graph_of([node(0), node(1, [wire(0, 1)]), node(2, [wire(0, 2)], build_type="npm")]))
    desk.repositories.lose("acme/e1")
    plan = desk.planner().make()
    assert desk.planner().approved(plan.digest()) == plan


def test_status_and_why_say_it_of_one_that_was_never_deployed() -> None:
    desk = Desk(graph_of([node(0), node(1, [wire(0, 1)])]))
    desk.repositories.lose("acme/e1")
    desk.read()
    records = desk.records()
    (view,) = records.all_envers()
    assert (view.enver, view.state, view.commit) == (address(1), "unreadable", None)
    assert view.unreadable is not None
    assert view.unreadable.why == "there is no repository acme/e1"
    told = records.why("e1@main")
    assert told[0].text == "e1@main: was never deployed"
    assert told[1].text == "unreadable since 1970-01-01 00:01:40 UTC (ODMD201 there is no repository acme/e1)"
    assert told[1].next_step == "commit something to it first"
    with pytest.raises(EnverUnknown):
        records.why("e0@main")


def test_a_tag_that_was_moved_is_not_followed_where_it_runs() -> None:
    """After cloudfoundry/bosh-deployment#367 and gohugoio/hugo#13121: what runs under a tag stays what it was."""
    desk = Desk(
        graph_of([node(0, revision="tag:v1"), node(1, repo="acme/e0"), node(2, repo="acme/e0", revision="tag:v1")])
    )
    first = desk.repositories.commit("acme/e0", "main", {"app.py": "one"})
    desk.repositories.tag("acme/e0", "v1", first)
    assert desk.read(runs={address(0): first}).heads[address(0)] == first
    second = desk.repositories.commit("acme/e0", "main", {"app.py": "two"})
    desk.repositories.tag("acme/e0", "v1", second)

    read = desk.read(runs={address(0): first, address(1): first})

    assert read.heads == {address(1): second, address(2): second}, "a branch moves, and so does what never ran"
    assert address(0) not in read.contents
    (moved,) = read.unreadable
    assert (moved.enver, moved.code) == (address(0), "ODMD249")
    assert f"tag v1 of acme/e0 was moved from {first[:7]}, which runs, to {second[:7]}" in moved.why
    desk.repositories.tag("acme/e0", "v1", first)
    assert desk.read(runs={address(0): first}).unreadable == ()
