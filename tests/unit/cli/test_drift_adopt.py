"""What somebody changed by hand is told by its place in the code, and never by what he wrote there."""

from __future__ import annotations

import pytest

from odmd.cli.drift_adopt import lines
from odmd.control.reading.drift import EnverDrift, FindingView
from odmd.control.scheduler.drift import ALL_SORTS

SECRET = "hunter2-and-more"  # of nobody


def finding(sort: str, what: str, found: str = "") -> FindingView:
    return FindingView("0a1b2c3d", "orders--main", sort, what, "", found, 0.0)


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_each_sort_has_an_answer_that_names_the_place(sort: str) -> None:
    head, *how = lines(EnverDrift("orders/b..main", (finding(sort, "Table (AWS::DynamoDB::Table) /BillingMode"),)))
    assert head == f"0a1b2c3d  orders--main: {sort} Table (AWS::DynamoDB::Table) /BillingMode"
    assert how
    assert all(line.startswith("  ") for line in how)


def test_what_stands_there_is_not_told_but_for_tags_which_every_list_shows() -> None:
    for sort in ALL_SORTS:
        said = "".join(lines(EnverDrift("orders/b..main", (finding(sort, "Table", SECRET),))))
        assert (SECRET in said) is (sort == "tag")


def test_a_resource_is_found_by_its_logical_id() -> None:
    said = "\n".join(
        lines(EnverDrift("o/b..main", (finding("resource", "Table (AWS::DynamoDB::Table) /BillingMode"),)))
    )
    assert "construct with logical id Table have it so: (AWS::DynamoDB::Table) /BillingMode" in said
    assert "LogicalResourceId=='Table'" in said
