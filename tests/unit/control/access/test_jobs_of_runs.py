"""A job has the right to a run if GitHub says that it is the run's, and in no other case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.access.identities import NotProven, ProvenIdentity
from odmd.control.access.jobs import refuse_other_job
from odmd.control.scheduler.actor import ActorKind
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.graph.nodes import ActionsNode, BuildNode
from odmd.plan import Fingerprint
from support.worlds import HERE

WORKFLOW = ".github/workflows/odmd-orders.yaml@refs/heads/main"
GOOD: Mapping[str, str] = {
    "repository_owner_id": "77",
    "repository_id": "4242",
    "event_name": "workflow_dispatch",
    "ref": "refs/heads/main",
    "run_id": "9001",
    "workflow_ref": f"acme/orders/{WORKFLOW}",
    "job_workflow_ref": f"acme/orders/{WORKFLOW}",
}


def build(**more: Any) -> BuildNode:
    said: dict[str, Any] = {"repo_ids": ("77", "4242"), "runs_on": ActionsNode("main", "ubuntu-24.04"), **more}
    return BuildNode("orders", "cdk", "acme/orders", ".", "baristas", (), HERE, **said)


def run(job: str = "https://github.com/acme/orders/actions/runs/9001", **more: Any) -> Run:
    began: tuple[Any, ...] = (41, "orders/b..main", Fingerprint("c", "", ()), (), RunMode.FULL, (), (), 0.0)
    return Run(*began, status=RunStatus.DISPATCHED, job=job, **more)


def proven(**other: str | None) -> ProvenIdentity:
    facts = {name: frozenset([text]) for name, text in {**GOOD, **other}.items() if text is not None}
    return ProvenIdentity("4242/9001.1", "acme/orders run 9001.1", ActorKind.JOB, "GitHub says so", facts)


def test_the_runs_own_is_let_in_also_under_the_name_that_its_repository_has_now() -> None:
    refuse_other_job(proven(), build(), run())
    renamed = f"acme-2/orders.new/{WORKFLOW}"
    refuse_other_job(proven(workflow_ref=renamed, job_workflow_ref=renamed), build(), run())


def test_before_github_says_which_it_started_any_of_the_workflow_is() -> None:
    refuse_other_job(proven(run_id="1"), build(), run(job=""))
    with pytest.raises(NotProven):
        refuse_other_job(proven(run_id="1"), build(), run())


@given(st.sampled_from(sorted(GOOD)), st.none() | st.text(max_size=40))
def test_a_word_that_is_another_is_refused(name: str, text: str | None) -> None:
    if text == GOOD[name]:
        return
    with pytest.raises(NotProven):
        refuse_other_job(proven(**{name: text}), build(), run())


@pytest.mark.parametrize(
    "ref",
    [
        f"acme/orders/x/{WORKFLOW}",
        "acme/orders/.github/workflows/odmd-orders.yaml@refs/heads/main2",
        "acme/orders/.github/workflows/odmd-orders.yaml@refs/tags/main",
        "acme/orders/.github/workflows/odmd-ordersXyaml@refs/heads/main",
        "acme/orders/.github/workflows/odmd-orders.yaml@refs/heads/evil@refs/heads/main",
        f"\nacme/orders/{WORKFLOW}",
    ],
)
def test_a_workflow_of_another_file_or_branch_is_refused(ref: str) -> None:
    for name in ("workflow_ref", "job_workflow_ref"):
        with pytest.raises(NotProven):
            refuse_other_job(proven(**{name: ref}), build(), run())


def test_runs_that_are_over_or_for_workers_are_for_no_job() -> None:
    for of, one in ((build(runs_on=None), run()), (build(repo_ids=()), run()), (build(), run(finished_at=1.0))):
        with pytest.raises(NotProven):
            refuse_other_job(proven(), of, one)


def test_two_words_for_one_are_none() -> None:
    said = proven()
    facts = {**said.facts, "repository_id": frozenset(("4242", "1"))}
    both = ProvenIdentity(said.subject, said.name, said.kind, said.proof, facts)
    with pytest.raises(NotProven):
        refuse_other_job(both, build(), run())
