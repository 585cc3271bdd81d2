"""Jobs are started at a fake GitHub whose requests and answers are held against its own description."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from odmd.control.ports.jobs import WantedJob
from odmd.errors import HostLacks, HostUnreachable
from odmd.providers.github import Github, WorkflowJobs
from odmd.providers.github.places import Places
from odmd.store.memory import MemoryStore
from support.github.fake import FakeGithub
from support.github.state import FakeRepository

DISPATCHES = "dispatches"


class Works:
    """A repository with a build's workflow."""

    def __init__(self, github: FakeGithub) -> None:
        self.github = github
        self.orders: FakeRepository = github.repository("acme/orders", workflows=("odmd-orders.yaml",))
        github.install()
        self.client = Github(github.app, patience=0.05)
        self.jobs = WorkflowJobs(self.client, Places(self.client, MemoryStore(lambda _position, _effects: None)))
        self.wanted = WantedJob("acme/orders", str(self.orders.id), "orders", "main", 41, time.time())


@pytest.fixture
def works() -> Iterator[Works]:
    with FakeGithub().serving() as github:
        made = Works(github)
        yield made
        made.client.close()
        assert github.wrong == []


def test_a_workflow_is_told_the_number_of_the_run_and_no_more(works: Works) -> None:
    url = works.jobs.start(works.wanted)
    (made,) = works.orders.workflow_runs.values()
    assert url.endswith(f"/acme/orders/actions/runs/{made.id}")
    assert (made.said["ref"], made.said["inputs"]) == ("main", {"run": "41"})
    rights = [token.permissions for token in works.github.tokens.values()]
    assert {"actions": "write", "metadata": "read"} in rights
    assert all("actions" not in one or len(one) == 2 for one in rights), "as narrow as that"


def test_one_that_was_started_is_not_started_again(works: Works) -> None:
    first = works.jobs.start(works.wanted)
    assert works.jobs.start(works.wanted) == first
    assert works.jobs.start(replace(works.wanted, run=42)) != first
    assert len(works.orders.workflow_runs) == 2


def test_one_that_lost_the_run_is_followed_by_another(works: Works) -> None:
    """However soon."""
    first = works.jobs.start(works.wanted)
    second = works.jobs.start(replace(works.wanted, lost=(first,)))
    assert second != first
    assert works.jobs.start(replace(works.wanted, lost=(first,))) == second


def test_one_of_an_earlier_time_is_another(works: Works) -> None:
    """The run was lost since."""
    first = works.jobs.start(works.wanted)
    for one in works.orders.workflow_runs.values():
        one.said["at"] -= 3600
    assert works.jobs.start(works.wanted) != first


def test_a_5xx_is_tried_again_by_who_asked(works: Works) -> None:
    works.github.faults.planned += [(DISPATCHES, 502, {}, None)]
    with pytest.raises(HostUnreachable):
        works.jobs.start(works.wanted)
    assert works.jobs.start(works.wanted)
    assert len(works.orders.workflow_runs) == 1


def test_a_branch_without_the_workflow_and_another_repository_of_the_name_are_said(works: Works) -> None:
    with pytest.raises(HostLacks):
        works.jobs.start(replace(works.wanted, build="payments"))
    with pytest.raises(HostLacks):
        works.jobs.start(replace(works.wanted, id="1"))
    assert not works.orders.workflow_runs
