"""A look at what runs asks who knows the build type, and says of whom nobody can tell; nothing is told of others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from odmd.cli.drift import all_open
from odmd.control.leading.drift import DriftAsked, DriftLook, LookKeeping
from odmd.control.leading.leader import Leader
from odmd.control.leading.mirrored import MirrorLook
from odmd.control.leading.wishes import AcceptingDrift, as_message
from odmd.control.reading.records import Records
from odmd.control.running.observing import LastDeployed, Observation
from odmd.control.scheduler.drift import Deviation, LastLook, WhoChanged
from odmd.control.scheduler.effects import MirrorProduct, effects_of
from odmd.control.scheduler.events import DriftSeen, Event
from odmd.control.scheduler.messages import (
    AcceptDrift,
    ClaimRun,
    FailRun,
    FinishRun,
    Head,
    NoteDrift,
    Publication,
    StartChange,
)
from odmd.control.scheduler.numbers import AttemptNumber
from odmd.control.scheduler.setup import Limits, Setup
from odmd.errors import EnverUnknown, FindingUnknown, ReasonMissing, StillMoving
from odmd.model.build_types import CDK, IMAGE
from odmd.model.targets import Target
from odmd.plan.wiring import Wiring
from odmd.providers.aws.fake import FakeAws
from odmd.providers.git.fake import FakeRepositories
from odmd.server.looking import Looking
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY
from support.until import until
from support.worlds import ACCOUNT, DEV, address, graph_of, node, product, wire

CHANGED = Deviation("stack", "tag", "who", "", "me")
CENTRAL = Target(ACCOUNT.id, DEV.region)


@dataclass
class Eyes:
    """An observer that finds a change at the second enver, while the first one still moves."""

    seen: dict[str, LastDeployed] = field(default_factory=dict[str, LastDeployed])
    changed: Deviation = CHANGED
    looks: int = 0

    def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:
        self.seen[deployed.node.address] = deployed
        self.looks += 1
        if deployed.node.address == address(0):
            raise StillMoving("it is just being changed")
        return Observation((self.changed,), ("a queue",) if resources else ())


@dataclass
class Witness:
    """Says who changed what it is asked of."""

    asked: list[str] = field(default_factory=list[str])

    def tell(self, deployed: LastDeployed, found: Sequence[Deviation]) -> Sequence[Deviation]:
        self.asked += [one.id for one in found]
        return [replace(one, changed=WhoChanged("ada", deployed.since, "TagResource")) for one in found]


class Stall:
    """Two stacks, of which the second consumes from the first; an image; and an enver whose run failed."""

    def __init__(self) -> None:
        image = replace(node(2), build_type=IMAGE.name)
        self.graph = graph_of([node(0), node(1, [wire(0, 1)]), image, node(3)])
        self.store = MemoryStore(lambda _position, _effects: None)
        self.leader = Leader(self.store, Setup(self.graph, Limits(9), 0.0))
        self.leader.start()
        self.artifacts, self.eyes, self.told = MemoryArtifacts(), Eyes(), list[Event]()
        self.mirror = FakeAws()
        for enver in range(3):
            self.mirror.put(f"/odmd-share/{product(enver)}", f"text {enver}", CENTRAL)

    def starts(self, enver: int, commit: str) -> int:
        head = Head(address(enver), commit, self.graph.slice(address(enver)))
        self.leader.ask(StartChange("push", SOMEBODY, "", (head,)))
        run = self.leader.state.envers[address(enver)].run
        assert run is not None
        self.leader.ask(ClaimRun(run, "somebody"))
        return run

    def deploys(self, enver: int, commit: str = "1" * 40) -> None:
        run = self.starts(enver, commit)
        published = Publication(product(enver), f"text {enver}", f"text {enver}", "test:Text")
        self.leader.ask(FinishRun(run, AttemptNumber(1), self.artifacts.put(b"runs"), (published,)))

    @property
    def records(self) -> Records:
        return Records(self.store, lambda: True, lambda: Wiring(self.graph), lambda _: {}, lambda *_: ())  # type: ignore[arg-type]  # no runs

    def look(self, stands: float = 0.0) -> DriftLook:
        def tell(notes: Sequence[NoteDrift]) -> None:
            self.told += [event for note in notes for event in self.leader.ask(note)]

        kept = LookKeeping(self.store.keep_looks, tell, SOMEBODY, b"salt")
        mirror = MirrorLook(self.mirror, self.graph.central_account)
        return DriftLook(self.records, self.graph, self.artifacts, {CDK.name: self.eyes}, {}, mirror, kept, stands)


@pytest.fixture
def place() -> Stall:
    made = Stall()
    for enver in range(3):
        made.deploys(enver)
    made.leader.ask(FailRun(made.starts(3, "2" * 40), AttemptNumber(1), "boom", clean=False))
    return made


def test_one_that_nobody_can_tell_of_leaves_the_others_alone(place: Stall) -> None:
    found = {one.enver: one for one in place.look().look(DriftAsked()).envers}
    assert {enver: one.unknown for enver, one in found.items() if one.unknown} == {
        address(0): "it is just being changed",
        address(2): "nobody looks at what runs of type image",
        address(3): "nobody knows what runs: its last run did not end well",
    }
    assert [(one.id, one.what) for one in found[address(1)].findings] == [(CHANGED.id, "who")]


def test_who_looks_is_told_what_the_last_run_left(place: Stall) -> None:
    place.look().look(DriftAsked())
    first, second = place.eyes.seen[address(0)], place.eyes.seen[address(1)]
    assert (first.recipe, list(first.published.values())) == (b"runs", ["text 0"])
    assert list(second.consumed.values()) == ["text 0"]


def test_what_people_may_not_see_is_not_compared(place: Stall) -> None:
    first = place.graph.envers[address(0)]
    hidden = replace(first, products=tuple(replace(one, sensitive=True) for one in first.products))
    look = place.look()
    replace(look, graph=replace(look.graph, envers={**look.graph.envers, address(0): hidden})).look(DriftAsked())
    assert place.eyes.seen[address(1)].consumed == {}


def test_while_a_run_is_under_way_nobody_looks(place: Stall) -> None:
    run = place.starts(1, "3" * 40)
    (one,) = place.look().look(DriftAsked(("e1@main",))).envers
    assert one.unknown == f"run {run} is under way"
    assert not place.eyes.seen


def test_each_that_is_named_is_looked_at_once(place: Stall) -> None:
    (one,) = place.look().look(DriftAsked(("e1@main", "e1@main"), resources=True)).envers
    assert one.unchecked == ("a queue",)
    with pytest.raises(EnverUnknown):
        place.look().look(DriftAsked(("e9@main",)))


def test_a_look_that_stands_is_told_and_not_made_again(place: Stall) -> None:
    asked = DriftAsked(("e1@main",))
    (first,) = place.look(3600).look(asked).envers
    (again,) = place.look(3600).look(asked).envers
    assert (first.at, [one.id for one in first.findings]) == (again.at, [one.id for one in again.findings])
    assert place.eyes.looks == 1
    place.look(3600).look(replace(asked, now=True))
    assert place.eyes.looks == 2
    place.look(3600).look(replace(asked, resources=True))
    assert place.eyes.looks == 3, "it saw less than is asked for now"
    place.look(0).look(asked)
    assert place.eyes.looks == 4


def test_who_changed_it_is_asked_once_for_each_thing_that_is_new(place: Stall) -> None:
    witness, asked = Witness(), DriftAsked(("e1@main",))
    for _ in range(2):
        (one,) = replace(place.look(), tellers={CDK.name: witness}).look(asked).envers
        (finding,) = one.findings
        assert (finding.id, finding.changed and finding.changed.by) == (CHANGED.id, "ada")
    assert witness.asked == [CHANGED.id]
    place.eyes.changed = other = replace(CHANGED, found="you")
    replace(place.look(), tellers={CDK.name: witness}).look(asked)
    assert witness.asked == [CHANGED.id, other.id]


def test_after_a_run_the_look_before_it_does_not_stand(place: Stall) -> None:
    place.look(3600).look(DriftAsked(("e1@main",)))
    place.deploys(1, "3" * 40)
    (one,) = place.records.envers(address(0), 1)
    assert one.drift is None, "nobody looked at what runs now"
    place.look(3600).look(DriftAsked(("e1@main",)))
    assert place.eyes.looks == 2


def test_only_what_is_otherwise_than_was_known_is_told_to_the_log(place: Stall) -> None:
    for _ in range(2):
        place.look().look(DriftAsked(("e1@main",)))
    (seen,) = place.told
    assert isinstance(seen, DriftSeen)
    assert seen.found == (CHANGED,)
    place.eyes.changed = replace(CHANGED, found="you")
    (one,) = place.look().look(DriftAsked(("e1@main",))).envers
    assert [found.found for found in one.findings] == ["you"]
    assert [(event.found, event.ended) for event in place.told[1:]] == [((place.eyes.changed,), (CHANGED,))]


def test_what_is_accepted_is_told_apart_until_it_changes(place: Stall) -> None:
    asked = DriftAsked(("e1@main",))
    (one,) = place.look().look(asked).envers
    place.leader.ask(AcceptDrift(address(1), (one.findings[0].id,), SOMEBODY, "we know"))
    (one,) = place.look().look(asked).envers
    assert not one.findings
    assert [(said.what, said.accepted and said.accepted.why) for said in one.accepted] == [("who", "we know")]
    place.eyes.changed = replace(CHANGED, found="you")
    (one,) = place.look().look(asked).envers
    assert len(one.findings) == 1
    assert not one.accepted


def test_status_and_why_say_it(place: Stall) -> None:
    place.look().look(DriftAsked())
    (view,) = place.records.envers(address(0), 1)
    assert (view.state, view.drift and view.drift.by) == ("drifted", SOMEBODY.name)
    said = [cause.text for cause in place.records.why("e1@main")]
    assert any("it drifted, seen first" in one and "tag who of stack" in one for one in said)


def test_who_goes_on_after_a_stop_looks_only_where_nobody_could_tell(place: Stall) -> None:
    next(place.look(3600).round(DriftAsked()))
    again = {one.enver for page in place.look(3600).round(DriftAsked()) for one in page}
    assert again == {address(0), address(2)}, "one still moved, and nobody knows images"


def test_what_others_wrote_is_told_apart_and_not_told(place: Stall) -> None:
    place.look().look(DriftAsked(("e1@main",)))
    deployed = place.eyes.seen[address(1)]
    assert deployed.mark("stolen") != deployed.mark("lost")
    assert deployed.mark("stolen") != replace(deployed, salt=b"other").mark("stolen")


def test_a_value_that_somebody_else_wrote_is_named_and_written_again_and_what_runs_is_relied_on(place: Stall) -> None:
    place.eyes.changed = CHANGED
    place.mirror.put(f"/odmd-share/{product(1)}", "stolen", CENTRAL)
    (one,) = place.look().look(DriftAsked(("e1@main",))).envers
    assert [(found.sort, found.expected, found.found) for found in one.findings if found.sort == "value"] == [
        ("value", "text 1", "stolen")
    ]
    effects = [effect for event in place.told for effect in effects_of(event)]
    assert effects == [MirrorProduct(product(1))]
    place.told.clear()
    place.look().look(DriftAsked(("e1@main",)))
    effects = [effect for event in place.told for effect in effects_of(event)]
    assert effects == [MirrorProduct(product(1))], "whoever goes on writing there"
    place.leader.ask(AcceptDrift(address(1), (CHANGED.id,), SOMEBODY, "we know"))
    assert place.leader.state.envers[address(1)].sure is not None


def test_who_accepts_says_why_and_what_he_saw(place: Stall) -> None:
    place.look().look(DriftAsked(("e1@main",)))

    def accepting(why: str, *findings: str) -> object:
        return as_message(AcceptingDrift("e1@main", why, findings), place.records, FakeRepositories(), SOMEBODY)

    with pytest.raises(ReasonMissing):
        accepting(" ")
    with pytest.raises(FindingUnknown, match="no finding 0000"):
        accepting("so be it", "0000")
    wanted = AcceptDrift(address(1), (CHANGED.id,), SOMEBODY, "so be it")
    assert accepting("so be it") == accepting("so be it", CHANGED.id[:5]) == wanted
    place.leader.ask(wanted)
    with pytest.raises(FindingUnknown, match="not accepted"):
        accepting("so be it")
    place.eyes.changed = replace(CHANGED, found="you")
    place.look().look(DriftAsked(("e1@main",)))
    with pytest.raises(FindingUnknown):
        accepting("so be it", CHANGED.id)


def test_while_it_leads_a_server_looks_at_what_nobody_looked_at(place: Stall) -> None:
    with Looking(lambda: place.look(3600), 3600, resources=True).running():
        until(lambda: place.store.looks_of([address(1)]))
    assert place.store.looks_of([address(1)])[address(1)].resources
    assert any(isinstance(event, DriftSeen) for event in place.told)


def test_while_its_removal_is_under_way_nobody_looks(place: Stall) -> None:
    place.leader.use(graph_of([node(0), replace(node(2), build_type=IMAGE.name), node(3)]))
    place.leader.ask(StartChange("remove", SOMEBODY, "", (), remove=(address(1),)))
    (one,) = place.look().look(DriftAsked((address(1),))).envers
    assert one.unknown == "its removal is under way"
    assert not place.eyes.seen


def test_who_accepts_all_accepts_what_was_known_then(place: Stall) -> None:
    with pytest.raises(FindingUnknown, match="nothing is known"):
        all_open(place.records.enver("e1@main"))
    place.look().look(DriftAsked(("e1@main",)))
    ids = tuple(one.id for one in all_open(place.records.enver("e1@main")).findings)
    place.eyes.changed = replace(CHANGED, found="you")
    place.look().look(DriftAsked(("e1@main",)))
    with pytest.raises(FindingUnknown, match="another one by now"):
        as_message(AcceptingDrift("e1@main", "we know", ids), place.records, FakeRepositories(), SOMEBODY)


def test_a_look_that_ends_after_a_newer_one_says_nothing(place: Stall) -> None:
    class Slow(Eyes):
        """While it looks, somebody puts it right, and somebody else looks."""

        def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:
            time.sleep(0.01)
            meanwhile = LastLook(address(1), time.time(), "ada", deployed_by)
            place.store.keep_looks([meanwhile])
            return super().observe(deployed, resources=resources)

    deployed_by = place.leader.state.envers[address(1)].deployed_by
    place.eyes = Slow()
    (one,) = place.look().look(DriftAsked(("e1@main",))).envers
    assert (one.by, one.findings, place.told) == ("ada", (), [])
    assert place.store.looks_of([address(1)])[address(1)].by == "ada"
