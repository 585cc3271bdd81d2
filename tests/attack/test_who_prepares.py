"""Who has the right to prepare a run is where foreign code runs: he makes its recipe, and nothing else comes of him."""

from __future__ import annotations

import json

import pytest

from odmd.control.running import steps
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.runs import RunStatus
from support.job import Job, digest, right, told
from support.served import Served

RECIPE = b"{}"


@pytest.fixture
def attacker(served: Served) -> Job:
    """Has the right to prepare run 1, and claimed it."""
    made = Job(served, right(served, 1, Scope.PREPARE))
    assert made.claim(1).status_code == 201
    return made


def status(served: Served) -> RunStatus:
    found = served.store.run(1)
    assert found is not None
    return found.status


def test_nobody_believes_that_he_deployed_something(served: Served, attacker: Job) -> None:
    """Wants what he says of units to count."""
    for name in (steps.carry_out("e0--main"), steps.propose("e0--main", 1), steps.LISTED, "verify smoke"):
        assert told(attacker.step(1, name)) == (422, "ODMD304"), name
    stored = digest(RECIPE)
    assert attacker.put(1, RECIPE).status_code == 204
    assert told(attacker.post(1, "end", {"recipe": stored})) == (422, "ODMD304")
    assert status(served) is RunStatus.CLAIMED


def test_a_failure_of_his_is_clean_and_publishes_nothing(served: Served, attacker: Job) -> None:
    """Wants what runs to count as unknown, a question to be asked, and a value of his to reach consumers."""
    value = {"product": "e0/b..main/out", "text": "evil", "kind": "test:Text"}
    loss = {"what": "all data", "digest": "sha256:" + "0" * 64, "is_change": False}
    said = {"error": "boom", "clean": False, "red": True, "publications": [value], "units": ["x"], "loss": loss}
    assert attacker.post(1, "end", said).status_code == 204
    found = served.store.run(1)
    assert found is not None
    enver = served.store.enver(found.enver)
    assert enver is not None
    assert (found.status, found.error, found.published) == (RunStatus.FAILED, "boom", ())
    assert (enver.unknown, enver.offers, enver.units.there) == (False, {}, ())


def test_he_reads_no_recipe_and_hands_on_none_but_what_he_handed_in(served: Served, attacker: Job) -> None:
    """Wants a recipe that others made, to read it or to have it deployed."""
    assert told(attacker.get(1, digest(RECIPE))) == (403, "ODMD303")
    assert told(attacker.post(1, "prepared", {"prepared": digest(b"of another run")})) == (422, "ODMD304")
    assert told(attacker.post(1, "given-back", {"why": "so"})) == (403, "ODMD303")


def test_once_it_is_handed_on_he_has_no_more_say(served: Served, attacker: Job) -> None:
    """Wants to make the run fail that another job deploys, or to change what it is told."""
    assert attacker.put(1, RECIPE).status_code == 204
    assert attacker.step(1, steps.PREPARE, json.dumps({"recipe": digest(RECIPE)})).status_code == 204
    for _ in range(2):
        assert attacker.post(1, "prepared", {"prepared": digest(RECIPE)}).status_code == 204, "also said again"
    assert status(served) is RunStatus.STARTED
    for answer in (
        attacker.post(1, "end", {"error": "boom"}),
        attacker.step(1, "late"),
        attacker.put(1, b"late"),
        attacker.post(1, "beat"),
    ):
        assert told(answer) == (409, "ODMD320")
    other = Job(served, right(served, 1), "agent-deploys-1")
    assert other.claim(1).status_code == 201
    assert told(attacker.post(1, "end", {"error": "boom"})) == (409, "ODMD320")
    assert told(attacker.claim(1)) == (409, "ODMD320")
    assert status(served) is RunStatus.CLAIMED
