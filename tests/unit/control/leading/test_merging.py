"""What is merged into the contracts is put in force by itself only where nobody has to say yes to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from odmd.bootstrap.github_settings import read_github
from odmd.control.leading.merging import MergedInForce
from odmd.control.leading.planner import Planner
from odmd.control.ports.hosts import RunPhase
from odmd.control.reading.troubles import Troubles
from odmd.control.scheduler.state import State
from odmd.errors import ContractsUnsound, Diagnostic, HostRefused, OdmdError, RepositoryUnreachable, SettingsInvalid
from odmd.graph import Compiled, Graph
from odmd.graph.governed import Governed
from odmd.plan import Plan
from odmd.providers.git.fake import FakeRepositories
from support.worlds import address, graph_of, node, wire

NOW = graph_of([node(0), node(1, [wire(0, 1)])])
MORE = graph_of([node(0), node(1, [wire(0, 1)]), node(2)])
WITHOUT_PRODUCT = graph_of([replace(node(0), products=()), node(1, [wire(0, 1)])])
BY_ITSELF = replace(MORE, governed=Governed(continuous=("dev",)))


@dataclass
class Branch:
    """`acme/contracts main`, whose commits are what they say."""

    commits: dict[str, Graph | OdmdError] = field(default_factory=dict)
    at: str = "c0"
    commit: str = "c0"
    away: OdmdError | None = None
    name: str = "acme/contracts main"
    repository: str = "acme/contracts"

    def head(self) -> str:
        if self.away:
            raise self.away
        return self.at

    def load(self, commit: str) -> Compiled:
        found = self.commits[commit]
        if isinstance(found, OdmdError):
            raise found
        return Compiled(found, {}, {})


class Texts(dict[str, str]):
    """Documents in memory."""

    def put(self, name: str, text: str, *, lasts: bool = True) -> None:
        self[name] = text

    def put_first(self, name: str, text: str) -> str:
        return self.setdefault(name, text)


class Desk:
    """Contracts in force, and what was said of them."""

    def __init__(self) -> None:
        self.branch, self.compiled = Branch(), Compiled(NOW, {}, {})
        self.troubles = Troubles(Texts())
        self.shown = list[tuple[str, RunPhase, str]]()
        self.refuses: OdmdError | None = None
        self.made = MergedInForce(self.branch, lambda: self.compiled, self.plan, self.use, self.troubles, self)

    def plan(self, compiled: Compiled) -> Plan:
        return Planner(compiled, State(), None, FakeRepositories(), 1).make()

    def use(self, commit: str, compiled: Compiled) -> None:
        self.compiled, self.branch.commit = compiled, commit

    def show(self, commit: str, phase: RunPhase, words: str) -> None:
        if self.refuses:
            raise self.refuses
        self.shown.append((commit, phase, words))

    def merge(self, commit: str, said: Graph | OdmdError) -> bool:
        self.branch.commits[commit], self.branch.at = said, commit
        return self.made.go_on()

    @property
    def trouble(self) -> str:
        (one,) = self.troubles.now()
        assert (one.enver, one.what) == ("", "what acme/contracts main has is to be in force")
        return one.placed


def test_what_nobody_has_to_allow_is_put_in_force() -> None:
    desk = Desk()
    assert desk.merge("c1", MORE)
    assert desk.compiled.graph is MORE
    assert desk.shown == [("c1", RunPhase.SUCCEEDED, "in force: 2 additive; `odmd plan` says what is to follow")]
    assert not desk.troubles.now()
    assert not desk.made.go_on()
    assert len(desk.shown) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (WITHOUT_PRODUCT, "ODMD365 they break who consumes"),
        (BY_ITSELF, "ODMD365 they change who may do what: what branches get is deployed by itself in dev"),
        (
            ContractsUnsound([Diagnostic("ODMD101", "one"), Diagnostic("ODMD102", "two")]),
            "c1: ODMD101 one, ODMD102 two",
        ),
    ],
)
def test_what_somebody_has_to_allow_or_mend_waits_and_says_so(said: Graph | OdmdError, why: str) -> None:
    desk = Desk()
    for _ in range(2):
        assert not desk.merge("c1", said)
        assert (desk.compiled.graph, desk.branch.commit) == (NOW, "c0")
        assert why in desk.trouble
    assert [phase for _, phase, _ in desk.shown] == [RunPhase.FAILED]  # the same is said once
    assert desk.merge("c2", MORE)
    assert not desk.troubles.now()


def test_what_the_one_before_broke_is_no_matter_once_somebody_put_it_in_force() -> None:
    desk = Desk()
    desk.merge("c1", WITHOUT_PRODUCT)
    desk.use("c1", Compiled(WITHOUT_PRODUCT, {}, {}))
    assert not desk.made.go_on()
    assert not desk.troubles.now()


def test_a_branch_that_goes_back_takes_the_contracts_with_it() -> None:
    desk = Desk()
    desk.branch.commits["c0"] = NOW
    desk.merge("c1", MORE)
    assert desk.merge("c0", NOW)
    assert address(2) not in desk.compiled.graph.envers


def test_a_repository_that_is_away_changes_nothing_and_is_asked_again() -> None:
    desk = Desk()
    desk.branch.away = RepositoryUnreachable("it is away")
    with pytest.raises(RepositoryUnreachable):
        desk.made.go_on()
    assert "it is away" in desk.trouble
    desk.branch.away = None
    assert not desk.made.go_on()
    assert not desk.troubles.now()


def test_a_host_that_shows_nothing_keeps_nothing_from_being_in_force() -> None:
    desk = Desk()
    desk.refuses = HostRefused("no room")
    assert desk.merge("c1", MORE)
    assert desk.compiled.graph is MORE


NOT_ONE = [{"in-force": "main"}, {"contracts": "a/b", "in-force": 7}, {"contracts": "a/b", "in-force": "a\nb"}]


@pytest.mark.parametrize("said", NOT_ONE)
def test_a_branch_that_is_none_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(SettingsInvalid, match="in-force"):
        read_github({"people": [], **said}, "pyproject.toml")
