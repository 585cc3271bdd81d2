"""What a commit says of itself, its author included, goes along to wherever it is deployed, and so does what people
say when they approve it."""

from __future__ import annotations

from odmd.control.scheduler.messages import Answer, Head, StartChange
from odmd.control.scheduler.questions import SOURCE
from odmd.plan.commits import Author
from support.actors import somebody
from support.planned import promoted
from support.worlds import World, address, graph_of, node

ADA = Author("Ada L.", 1.0e9)
MAIN, PROD = address(0), address(1)


def pushed(*, approver: str | None = None) -> World:
    """Main runs a commit with a subject; what is promoted from it follows, or is asked about."""
    world = World(graph_of([node(0), promoted(1, 0, **({"approver": approver} if approver else {}))]))
    slice = world.graph.slice(MAIN)
    head = Head(MAIN, "c1c1c1c1", slice, subject="Add oat milk", author=ADA)
    follow = (Head(PROD, head.commit, world.graph.slice(PROD), subject=head.subject, author=ADA),)
    world.send(StartChange("push", somebody("ann"), "", (head,), follow=() if approver else follow))
    world.drain()
    return world


def test_what_is_deployed_knows_the_subject_and_author_of_its_commit() -> None:
    world = pushed()
    for enver in (MAIN, PROD):
        deployed = world.state.envers[enver].deployed
        assert deployed is not None
        assert (deployed.subject, deployed.author) == ("Add oat milk", ADA)


def test_an_approved_run_says_which_commit_and_what_its_approver_said() -> None:
    world = pushed(approver="baristas")
    identity = world.state.envers[PROD].offers[SOURCE].content.identity
    world.send(Answer(PROD, SOURCE, identity, approved=True, by=somebody("ben"), why="tasted\nit"))
    started = world.state.envers[PROD].run
    assert started is not None
    run = world.state.runs[started]

    assert (run.fingerprint.subject, run.fingerprint.author) == ("Add oat milk", ADA)
    assert "c1c1c1c approved by ben: tasted it" in run.reasons


def test_a_newer_commit_is_named_with_its_subject() -> None:
    world = pushed()
    world.send(
        StartChange("push", somebody("ann"), "", (Head(MAIN, "c2c2c2c2", world.graph.slice(MAIN), subject="Fix it"),))
    )
    run = world.state.envers[MAIN].run
    assert run is not None

    assert world.state.runs[run].reasons == ("new commit c2c2c2c “Fix it” (runs c1c1c1c)",)
