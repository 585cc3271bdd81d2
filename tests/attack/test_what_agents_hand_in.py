"""What an agent of another place hands in, and who relies on it afterwards."""

from __future__ import annotations

import json

from odmd.control.leading.desk import Claim, StoreDesk
from odmd.control.running import steps
from odmd.control.scheduler.messages import LoseRun
from odmd.graph import Compiled
from odmd.providers.aws import recipe
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from support.job import Job, digest, right
from support.served import Served, on_both

EVIL = Assembly((StackTemplate("e0--main", '{"Resources": {"Admin": {"Type": "AWS::IAM::Role"}}}', (), (), ()),), ())


def handed_in(served: Served, job: Job, run: int) -> str:
    """Puts an assembly of the attacker's choice into the journal, with a folder of the worker's machine."""
    evil = recipe.to_recipe(recipe.tagged(EVIL, served.graph.envers["e0/b..main"]))
    stored = digest(evil)
    assert job.put(run, evil).status_code == 204
    for step, result in (
        (steps.PREPARE, {"recipe": stored, "folder": "/root/.aws"}),
        (steps.DELIVER, {"assets": []}),
        (steps.carry_out("e0--main"), {"changes": 1}),
    ):
        assert job.step(run, step, json.dumps(result)).status_code == 204
    return stored


def taken_over(served: Served, run: int, token: str | None = None) -> Claim:
    """Another one claims the run after the attacker went silent."""
    served.leader.ask(LoseRun(run, 1, "it is not heard of"))
    desk = StoreDesk(served.leader.ask, served.store, Compiled(served.graph, {}, {}), token=token)
    claim = desk.claim("worker", run)
    assert claim is not None
    return claim


@on_both
def test_a_worker_that_takes_over_relies_on_nothing_that_an_agent_journalled(served: Served) -> None:
    """Has the right to one run. Wants the standing worker, which has more rights, to deploy its own template and to
    upload a folder of the worker's machine."""
    attacker = Job(served, right(served, 1))
    assert attacker.claim(1).status_code == 201
    handed_in(served, attacker, 1)

    claim = taken_over(served, 1)

    assert claim.done == {}
    assert claim.moved, "but something may have been deployed"


def test_another_agent_relies_on_nothing_either_and_the_same_one_on_its_own(served: Served) -> None:
    """Has the right to one run. Wants the next job, with another token, to go on with its journal."""
    token = right(served, 1)
    attacker = Job(served, token)
    assert attacker.claim(1).status_code == 201
    handed_in(served, attacker, 1)
    id = token.split("_")[1]

    assert taken_over(served, 1, "another").done == {}
    served.leader.ask(LoseRun(1, 2, "it is not heard of"))
    again = StoreDesk(served.leader.ask, served.store, Compiled(served.graph, {}, {}), token=id).claim("again", 1)
    assert again is not None
    assert set(again.done) == {steps.PREPARE, steps.DELIVER, steps.carry_out("e0--main")}


def test_an_assembly_that_an_agent_made_is_not_deployed_again_by_a_worker(served: Served) -> None:
    """Had the right to one run, which ended well. Wants the worker to deploy its template when the next value comes."""
    attacker = Job(served, right(served, 1))
    assert attacker.claim(1).status_code == 201
    stored = handed_in(served, attacker, 1)

    assert served.store.came_in(stored)
    assert not served.store.came_in("sha256:" + "0" * 64)
