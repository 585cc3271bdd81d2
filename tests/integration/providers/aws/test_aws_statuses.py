"""Every documented status of a stack, played by the proxy: looking touches nothing, and one's own stack ends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import boto3
import pytest
from aws_worlds import EmulatedWorld, bus_stack

from odmd.errors import StackStuck
from odmd.providers.aws import AwsCloud, Emulator, Sessions
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.statuses import MOVING, STUCK, TO_CREATE, TO_DELETE, TO_ROLL_BACK
from support.call_record import CallRecord, recorded

ANY = sorted(boto3.client("cloudformation", region_name="us-east-1").meta.service_model.shape_for("StackStatus").enum)
STATUS = "<StackStatus>[A-Z_]+</StackStatus>"
READS = {
    "DescribeStacks",
    "DescribeStackEvents",
    "ListStackResources",
    "GetTemplate",
    "ListChangeSets",
    "GetCallerIdentity",
}
PLAYED_BY_THE_EMULATOR = TO_CREATE | TO_ROLL_BACK
"""What is there is not there, and a rollback that failed: in other tests."""


_NUMBERS = itertools.count()


OURS, THEIRS = bus_stack("orders--main"), bus_stack("by-hand")
ENVER = ("odmd:enver", "orders/b..main")


@dataclass
class Site:
    """An account with a stack of ours and one of somebody else."""

    world: EmulatedWorld
    proxy: CallRecord
    cloud: AwsCloud

    def deploy(self, stack: StackTemplate, *tags: tuple[str, str]) -> str:
        """Gives a stack a new bus."""
        made, bus = replace(stack, tags=tags), f"{stack.name}-{next(_NUMBERS)}"
        changes = self.cloud.propose(made, {"BusName": bus}, f"odmd-{bus}", "", self.world.target)
        self.cloud.execute(changes, self.world.target, lambda _line: None)
        return bus

    def play(self, status: str) -> None:
        """Lets stacks be in a status: while they move, for the next looks; else until one is deleted."""
        times = 2 if status in MOVING else 10**9
        said = f"<StackStatus>{status}</StackStatus>"
        self.proxy.reword("DescribeStacks", STATUS, said, times=times, until="DeleteStack")


@pytest.fixture(scope="module")
def shared(emulator: Emulator) -> Iterator[Site]:
    with recorded(emulator.endpoint) as record:
        made = Site(EmulatedWorld(emulator), record, AwsCloud(Sessions(endpoint=record.url, emulated=True)))
        made.deploy(THEIRS)
        made.deploy(OURS, ENVER)
        yield made


@pytest.fixture
def site(shared: Site) -> Iterator[Site]:
    yield shared
    shared.proxy.follow_aws()


@pytest.mark.parametrize("status", [one for one in ANY if one not in TO_CREATE])
def test_who_looks_at_a_stack_that_no_enver_made_touches_nothing_and_sees_that(site: Site, status: str) -> None:
    site.proxy.asked()
    site.play(status)

    look = site.cloud.look(THEIRS.name, site.world.target)

    assert look.is_foreign
    assert look.status == ("CREATE_COMPLETE" if status in MOVING else status)
    assert look.settled_by_deletion is (status in TO_DELETE)
    assert site.proxy.asked() <= READS


def test_a_stack_that_somebody_else_only_announced_is_foreign(site: Site) -> None:
    site.world.sessions.cloudformation(site.world.target).create_change_set(
        StackName="announced",
        ChangeSetName="mine",
        ChangeSetType="CREATE",
        TemplateBody=THEIRS.template,
        Parameters=[{"ParameterKey": "BusName", "ParameterValue": "first"}],
    )

    assert site.cloud.look("announced", site.world.target).is_foreign


@pytest.mark.parametrize("status", [one for one in (*ANY, "OF_TOMORROW") if one not in PLAYED_BY_THE_EMULATOR])
def test_ones_own_stack_is_deployed_or_its_status_is_named_with_the_next_step(site: Site, status: str) -> None:
    site.play(status)

    if status in STUCK or status not in ANY:
        with pytest.raises(StackStuck, match=f"{OURS.name} is in {status}") as named:
            site.deploy(OURS, ENVER)
        assert named.value.next_step
    else:
        bus = site.deploy(OURS, ENVER)
        site.proxy.follow_aws()
        assert site.cloud.deployed(OURS, site.world.target).outputs == {"OdmdOutBus": bus}
