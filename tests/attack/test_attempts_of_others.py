"""Attempts at runs, and who reaches for those of others."""

from __future__ import annotations

import pytest

from odmd.control.access.claims import new_secret
from odmd.control.leading.workers import Watch, WorkerView
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.runs import RunStatus
from odmd.store.workers import SqlWorkers
from support.job import Job, right, told
from support.served import Served, on_both

SAID = {
    "beat": None,
    "steps": {"name": "late", "result": "{}", "seconds": 1, "at": 1},
    "lines": {"lines": [{"at": 1, "text": "all is well"}]},
    "end": {"error": "stopped by a stranger"},
}


@pytest.mark.parametrize("scope", [Scope.WRITE, Scope.ADMIN])
def test_a_token_that_may_do_much_does_not_speak_for_another_s_attempt(served: Served, scope: Scope) -> None:
    """Has a token with which it may change or administer. Wants to end or speak for a run that another carries out."""
    victim, attacker = Job(served, right(served, 1)), Job(served, served.token(scope).text)
    assert victim.claim(1).status_code == 201
    for what, said in SAID.items():
        assert told(attacker.post(1, what, said)) == (403, "ODMD330")
    assert told(attacker.put(1, b"evil")) == (403, "ODMD330")
    assert victim.post(1, "beat").json()["status"] == RunStatus.CLAIMED
    assert served.store.steps(1) == served.run_log.lines(1) == []


def test_a_stolen_token_without_the_secret_is_not_enough(served: Served) -> None:
    """Has the token of a run that is carried out, read in a job's environment. Wants to hand in its own end."""
    token = right(served, 1)
    victim, thief = Job(served, token), Job(served, token)
    assert victim.claim(1).status_code == 201
    assert told(thief.claim(1)) == (409, "ODMD320"), "with the same name, too"
    for secret in (thief.secret, "", victim.secret[:-1], victim.secret + "A"):
        assert told(Job(served, token, secret=secret or new_secret()).post(1, "end", SAID["end"])) == (403, "ODMD330")
    assert victim.post(1, "beat").status_code == 200


def test_a_secret_without_the_token_is_not_enough(served: Served) -> None:
    """Has the secret of a claim, seen in a log of a proxy, and a token of its own. Wants to end the run."""
    victim = Job(served, right(served, 1))
    victim.claim(1)
    attacker = Job(served, served.token(Scope.ADMIN).text, secret=victim.secret)
    assert told(attacker.post(1, "end", SAID["end"])) == (403, "ODMD330")
    assert told(attacker.claim(1)) == (403, "ODMD330")


@on_both
def test_who_asks_again_because_the_answer_was_lost_has_the_same_attempt(served: Served) -> None:
    """Attacks nothing: the border must not stop who is honest."""
    for run, token in ((1, right(served, 1)), (2, served.token(Scope.WRITE).text)):
        job = Job(served, token, f"agent-honest-{run}")
        first = job.claim(run)
        assert first.status_code == 201
        assert job.claim(run).json() == first.json()
        assert job.post(run, "end", {"error": "boom"}).status_code == 204
        assert job.post(run, "end", {"error": "boom"}).status_code == 204
        assert job.claim(run).status_code in (401, 409)


@on_both
def test_a_refused_claim_harms_nobody(served: Served) -> None:
    """Has the right to a run of its own. Wants another agent to count as dead: it claims under that one's name."""
    victim = Job(served, right(served, 1), "agent-victim-1")
    assert victim.claim(1).status_code == 201
    for attacker in (
        Job(served, right(served, 2), "agent-victim-1"),
        Job(served, served.token(Scope.ADMIN).text, "agent-victim-1"),
    ):
        assert told(attacker.claim(2)) == (403, "ODMD330")
        assert told(attacker.claim(1))[0] == 403
    own = Job(served, right(served, 2), "agent-other-1")
    assert own.claim(2).status_code == 201
    assert told(Job(served, own.token, "agent-third-1").claim(2)) == (409, "ODMD320")
    assert {one.name for one in SqlWorkers(served.store.database).workers()} == {"agent-victim-1", "agent-other-1"}
    lost = []
    Watch(SqlWorkers(served.store.database), served.store.runs, lost.append, "", 60).look(1.0)
    assert lost == []
    assert victim.post(1, "beat").status_code == 200


def test_what_a_standing_worker_carries_out_is_out_of_reach(served: Served) -> None:
    """Has a token that may administer. Wants to end a run of the server's own worker, or to pass for it."""
    served._claim(0)
    admin = Job(served, served.token(Scope.ADMIN).text)
    for secret in (admin.secret, new_secret()):
        admin.secret = secret
        for what, said in SAID.items():
            assert told(admin.post(1, what, said)) == (403, "ODMD330")
    run = served.store.run(1)
    assert run is not None
    assert run.status is RunStatus.CLAIMED
    SqlWorkers(served.store.database).beat(WorkerView("worker-here-1-abcd", "0", served.graph.digest(), 1, 0.0))
    assert told(Job(served, admin.token, "worker-here-1-abcd").claim(2)) == (422, "ODMD304")
