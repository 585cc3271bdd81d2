"""Whatever status a stack is in: nobody else's is touched before somebody approves it, and one's own ends somewhere.

Every status that CloudFormation documents is here.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import boto3
import pytest

from odmd.control.scheduler.questions import LOSS
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import ENVER_TAG, STATE_TAG, Assembly, StackTemplate
from odmd.providers.aws.fake import FakeAws
from odmd.providers.aws.statuses import KNOWN, STUCK
from support.office import BUS, Office, one_stack
from support.worlds import ACCOUNT, DEV, address

HERE = Target(ACCOUNT.id, DEV.region)
STACK, E = "e0--main", address(0)
ANY = sorted(boto3.client("cloudformation", region_name="us-east-1").meta.service_model.shape_for("StackStatus").enum)
THERE = [one for one in ANY if one not in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS")]
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}


def there(status: str, *tags: tuple[str, str]) -> FakeAws:
    """An AWS in which somebody made the stack, with these tags."""
    aws = FakeAws()
    template = json.dumps({"Resources": {"Bus": BUS, "Rows": QUEUE}})
    made = StackTemplate(STACK, template, (), (), tags)
    aws.execute(aws.propose(made, {}, "by-hand", "", HERE), HERE, lambda _line: None)
    aws.leave_in(status, STACK, HERE)
    return aws


def office(folder: Path, *, deployed: bool = True) -> Office:
    return Office(folder, one_stack((ENVER_TAG, E)), deployed=deployed)


def test_every_documented_status_has_a_meaning() -> None:
    assert KNOWN - {""} == set(ANY)


@pytest.mark.parametrize("status", THERE)
@pytest.mark.parametrize("deployed", [False, True])
@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ((), "ODMD213"),
        (((ENVER_TAG, E), (STATE_TAG, "another")), "ODMD214"),
        (((ENVER_TAG, "other/b..main"),), "ODMD211"),
        (((ENVER_TAG, "other/b..main"), (STATE_TAG, "another")), "ODMD211"),
    ],
    ids=["nobody's", "another state's", "another enver's", "another state's of another enver"],
)
def test_a_stack_that_is_not_this_envers_is_not_touched(
    tmp_path: Path, status: str, deployed: bool, tags: tuple[tuple[str, str], ...], code: str
) -> None:
    aws = there(status, *tags)
    before = copy.deepcopy({"look": aws.look(STACK, HERE), "resources": aws.resources})
    desk = office(tmp_path, deployed=deployed)
    enver = desk.carry_out(aws)
    desk.leader.stop()
    assert enver.failure.startswith(code), enver.failure
    assert {"look": aws.look(STACK, HERE), "resources": aws.resources} == before
    assert not aws.pending(STACK, HERE)
    assert (LOSS in enver.offers) is (code != "ODMD211")


@pytest.mark.parametrize("status", [one for one in THERE if one not in STUCK])
@pytest.mark.parametrize("tags", [(), ((ENVER_TAG, E), (STATE_TAG, "another"))], ids=["nobody's", "another state's"])
def test_once_approved_it_is_deployed_and_is_this_states(
    tmp_path: Path, status: str, tags: tuple[tuple[str, str], ...]
) -> None:
    aws, desk = there(status, *tags), office(tmp_path, deployed=False)
    enver = desk.carry_out(aws)
    while LOSS in enver.offers:
        desk.approve()
        enver = desk.carry_out(aws)
    desk.leader.stop()
    look = aws.look(STACK, HERE)
    assert (enver.failure, look.owner, look.state) == ("", E, desk.state)


@pytest.mark.parametrize("status", [*ANY, "OF_TOMORROW"])
@pytest.mark.parametrize("tagged", [False, True], ids=["of an older release", "of this state"])
def test_a_stack_of_its_own_ends_deployed_or_with_its_status_named_and_the_next_step(
    tmp_path: Path, status: str, tagged: bool
) -> None:
    desk = office(tmp_path)
    aws = there(status, (ENVER_TAG, E), *([(STATE_TAG, desk.state)] if tagged else []))
    enver = desk.carry_out(aws)
    while LOSS in enver.offers:
        assert "failed to be created" in enver.failure or "would remove Rows" in enver.failure
        desk.approve()
        enver = desk.carry_out(aws)
    desk.leader.stop()
    if status in STUCK or status not in KNOWN:
        assert status in enver.failure
        assert "\n" in enver.failure, "the next step"
    else:
        assert enver.failure == ""
        assert aws.look(STACK, HERE).owner == E


def test_a_stack_of_an_older_release_goes_on_without_the_tag_that_would_touch_every_resource(tmp_path: Path) -> None:
    aws, desk = there("CREATE_COMPLETE", (ENVER_TAG, E)), office(tmp_path)
    desk.carry_out(aws)
    desk.approve()
    enver = desk.carry_out(aws)
    desk.leader.stop()
    assert enver.failure == ""
    assert aws.look(STACK, HERE).state is None


def test_a_state_that_never_deployed_its_enver_asks_about_a_stack_of_an_older_release(tmp_path: Path) -> None:
    aws, desk = there("CREATE_COMPLETE", (ENVER_TAG, E)), office(tmp_path, deployed=False)
    enver = desk.carry_out(aws)
    desk.leader.stop()
    assert enver.failure.startswith("ODMD214")
    assert "this state never deployed it" in enver.failure
    assert "--state" in enver.failure


def test_data_that_would_begin_empty_under_another_name_is_asked_about_with_both_names(tmp_path: Path) -> None:
    rows = {**QUEUE, "DeletionPolicy": "Retain"}
    renamed = json.dumps({"Resources": {"Bus": BUS, "Renamed": rows}})
    desk = Office(tmp_path, Assembly((StackTemplate(STACK, renamed, (), (), ((ENVER_TAG, E),)),), ()))
    before = json.dumps({"Resources": {"Bus": BUS, "Rows": rows}})
    made = StackTemplate(STACK, before, (), (), ((ENVER_TAG, E), (STATE_TAG, desk.state)))
    aws = FakeAws()
    aws.execute(aws.propose(made, {}, "before", "", HERE), HERE, lambda _line: None)

    enver = desk.carry_out(aws)

    assert (
        "ODMD208 e0--main would remove Rows (AWS::SQS::Queue; it stays, without a stack, and Renamed" in enver.failure
    )
    desk.approve()
    assert desk.carry_out(aws).failure == ""
    desk.leader.stop()
