"""Which tests somebody may want to be made of an enver."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.leading.suites import LONGEST_PATH, refuse_unfit_suite
from odmd.errors import SuiteUnfit
from odmd.graph.nodes import ActionsNode, BuildNode
from odmd.model import SuiteCheck
from support.worlds import HERE, graph_of, node

MADE = node(0)
GRAPH = graph_of([MADE])


@given(st.text(alphabet=st.sampled_from(["a", ".", "/", "\\", "-", ":", "\n", "ä", " "]), max_size=12))
def test_no_path_leads_out_of_the_repository(path: str) -> None:
    try:
        refuse_unfit_suite(SuiteCheck(path), MADE, GRAPH)
    except SuiteUnfit as refused:
        assert repr(path) in refused.fact  # noqa: PT017  # both ways are fine
    else:
        assert path.strip()
        assert not path.startswith(("/", "-"))
        assert ".." not in PurePosixPath(path).parts
        assert "\n" not in path


@pytest.mark.parametrize(
    "suite",
    [
        SuiteCheck("x" * (LONGEST_PATH + 1)),
        SuiteCheck("t", minutes=0),
        SuiteCheck("t", retries=11),
        SuiteCheck("t", may=("sqs:SendMessage",)),
    ],
)
def test_what_has_no_bounds_or_more_rights_than_contracts_give_is_refused(suite: SuiteCheck) -> None:
    with pytest.raises(SuiteUnfit):
        refuse_unfit_suite(suite, MADE, GRAPH)


def test_who_runs_on_actions_makes_no_tests_where_it_deploys() -> None:
    refuse_unfit_suite(SuiteCheck("tests"), MADE, GRAPH)
    jobs = ActionsNode("main", "ubuntu-24.04")
    build = BuildNode(MADE.build, MADE.build_type, MADE.repo, "", MADE.team, (), HERE, runs_on=jobs)
    with pytest.raises(SuiteUnfit, match="runs on Actions"):
        refuse_unfit_suite(SuiteCheck("tests"), MADE, replace(GRAPH, builds={MADE.build: build}))
