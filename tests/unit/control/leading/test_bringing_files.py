"""Files in repositories follow the contracts: what did not change is not looked at, and who is away is asked later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from odmd.control.leading.bringing_files import BringingFiles
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Later
from odmd.control.scheduler.events import ContractsChanged, Event
from odmd.errors import HostBusy, HostLacks, OdmdError
from odmd.graph import Graph
from odmd.graph.nodes import ActionsNode, BuildNode
from support.worlds import HERE, graph


@dataclass
class Host:
    """Notes what it is asked for, and says no as planned."""

    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    no: list[OdmdError] = field(default_factory=list)

    def bring(self, repo: str, builds: Sequence[BuildNode]) -> str:
        if self.no:
            raise self.no.pop()
        self.asked.append((repo, [one.name for one in builds]))
        return "proposed"


class Place:
    """Contracts that change, and who follows them."""

    def __init__(self) -> None:
        self.builds, self.host = dict[str, BuildNode](), Host()
        self.follower = BringingFiles(self.graph, self.host)

    def graph(self) -> Graph:
        return replace(graph(1, []), builds=dict(self.builds))

    def say(self, name: str, repo: str, runner: str = "") -> None:
        jobs = ActionsNode("main", runner) if runner else None
        self.builds[name] = BuildNode(name, "cdk", repo, ".", "team", (), HERE, runs_on=jobs)

    def change(self, event: Event | None = None) -> list[tuple[str, list[str]]]:
        self.host.asked.clear()
        self.follower.handle([Logged(1, event or ContractsChanged("c", 1, 0.0), "m")])
        return self.host.asked


@pytest.fixture
def place() -> Place:
    made = Place()
    made.say("a", "acme/one", "linux")
    made.say("b", "acme/one", "linux")
    made.say("c", "acme/two", "linux")
    made.say("d", "acme/three")
    return made


def test_only_repositories_of_which_something_else_is_said_are_looked_at(place: Place) -> None:
    assert place.change() == [("acme/one", ["a", "b"]), ("acme/two", ["c"])]
    assert place.change() == []
    place.say("c", "acme/two", "larger")
    assert place.change() == [("acme/two", ["c"])]
    place.say("c", "acme/two")
    assert place.change() == [("acme/two", [])], "what nobody wants any more goes"


def test_who_is_asked_too_much_goes_on_where_he_stopped(place: Place) -> None:
    place.host.no = [HostBusy("too much", 60.0)]
    with pytest.raises(Later):
        place.change()
    place.say("b", "acme/one")
    place.host.no = []
    assert place.change() == [("acme/one", ["a"]), ("acme/two", ["c"])]


def test_one_that_refuses_keeps_no_other_waiting(place: Place) -> None:
    place.host.no = [HostLacks("it is not there")]
    assert place.change() == [("acme/two", ["c"])]
