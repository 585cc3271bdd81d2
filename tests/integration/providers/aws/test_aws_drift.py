"""Whatever others change of a stack by hand: exactly that is named, and an update that reverts brings it back."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from aws_worlds import EmulatedWorld, stack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odmd.control.running.observing import LastDeployed
from odmd.control.scheduler.drift import Deviation
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.change_sets import ChangeSets
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from odmd.providers.aws.drift import StackObserver
from odmd.providers.aws.recipe import to_recipe
from odmd.providers.aws.stacks import Stacks
from support.soak import examples
from support.worlds import node, wire

NAME = "e1--main"
CHANGES = ("tag", "parameter", "template", "text", "queue", "gone")
_runs = itertools.count(1)


def wanted() -> StackTemplate:
    resources = {
        "Text": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/e1/text", "Type": "String", "Value": {"Ref": "OdmdInIn0"}},
        },
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders", "VisibilityTimeout": 40}},
    }
    return stack(NAME, resources, {}, {"OdmdInIn0": {"Type": "String"}})


class Place:
    """A stack in an account of its own, and hands that change it."""

    def __init__(self, world: EmulatedWorld) -> None:
        self.world, self.target, self.stack = world, world.target, wanted()
        self.enver = replace(node(1, [wire(0, 1)]), account=self.target.account)
        self.cloudformation: Any = world.sessions.cloudformation(self.target)
        self.changed = 0

    def deploy(self, *, reverts: bool = False) -> None:
        name = f"odmd-run-{next(_runs)}-1"
        made = self.world.cloud.propose(
            self.stack, {"OdmdInIn0": "one"}, name, "", self.target, lambda _: None, reverts=reverts
        )
        self.world.cloud.execute(made, self.target, lambda _: None)

    def seen(self, *, tells: bool = True) -> list[Deviation]:
        recipe = to_recipe(Assembly((self.stack,), ()))
        deployed = LastDeployed(self.enver, self.target, recipe, {"in0": "one"}, {}, salt=b"salt", tells=tells)
        return list(StackObserver(self.world.sessions).observe(deployed, resources=True).deviations)

    def named(self) -> set[tuple[str, str]]:
        return {(one.sort, one.what) for one in self.seen()}

    def change(self, what: str) -> tuple[str, str]:
        """By hand; returns what is to be named."""
        self.changed += 1
        text = f"by hand {self.changed}"
        match what:
            case "tag":
                self._update(tags=[{"Key": "who", "Value": text}])
                return "tag", "who"
            case "parameter":
                self._update(parameter=text)
                return "parameter", "OdmdInIn0"
            case "template":
                self._update(description=text)
                return "template", "Resources/Text/Properties/Description"
            case "text":
                ssm = self.world.sessions.ssm(self.target)
                ssm.put_parameter(Name="/e1/text", Type="String", Value=text, Overwrite=True)
                return "resource", "Text (AWS::SSM::Parameter) /Value"
            case "queue":
                sqs: Any = self.world.sessions.reader("sqs", self.target)
                address = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
                sqs.set_queue_attributes(QueueUrl=address, Attributes={"VisibilityTimeout": str(self.changed)})
                return "resource", "Queue (AWS::SQS::Queue) /VisibilityTimeout"
            case _:
                self.cloudformation.delete_stack(StackName=NAME)
                self.cloudformation.get_waiter("stack_delete_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1})
                return "gone", "stack"

    def update(self, *, parameter: str | None = None, body: str = "") -> None:
        """By hand; the body is a template as somebody writes it."""
        self._update(parameter=parameter, body=body)

    def _update(
        self,
        *,
        tags: list[dict[str, str]] | None = None,
        parameter: str | None = None,
        description: str = "",
        body: str = "",
    ) -> None:
        running = self.cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
        if description:
            template = json.loads(json.dumps(self.cloudformation.get_template(StackName=NAME)["TemplateBody"]))
            template["Resources"]["Text"]["Properties"]["Description"] = description
            body = json.dumps(template)
        given = {"UsePreviousValue": True} if parameter is None else {"ParameterValue": parameter}
        kept = {one["Key"]: one["Value"] for one in (*running["Tags"], *(tags or ()))}
        self.cloudformation.update_stack(
            StackName=NAME,
            **({"TemplateBody": body} if body else {"UsePreviousTemplate": True}),
            Parameters=[{"ParameterKey": "OdmdInIn0", **given}],
            Tags=[{"Key": key, "Value": text} for key, text in kept.items()],
        )
        self.cloudformation.get_waiter("stack_update_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1})


@pytest.fixture
def place(emulated: EmulatedWorld) -> Place:
    return Place(emulated)


@settings(max_examples=examples(24), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(CHANGES), max_size=3))
def test_what_drift_names_is_exactly_what_differs_and_then_nothing_does(place: Place, changes: set[str]) -> None:
    place.deploy()
    assert place.named() == set()
    made = [place.change(one) for one in sorted(changes, key=CHANGES.index)]
    expected = {("gone", "stack")} if "gone" in changes else set(made)
    assert place.named() == expected
    place.deploy(reverts=True)
    assert place.named() == set()


def test_something_else_that_is_found_there_is_another_finding(place: Place) -> None:
    place.deploy()
    for what in ("text", "template", "tag"):
        place.change(what)
        before = {one.place: one.id for one in place.seen()}
        place.change(what)
        after = {one.place: one.id for one in place.seen()}
        assert before.keys() == after.keys()
        assert [where for where in before if before[where] != after[where]], what
    assert not any("by hand" in repr(replace(one, found="")) for one in place.seen())


def test_what_is_consumed_is_told_only_where_all_may_see_it(place: Place) -> None:
    place.deploy()
    place.change("parameter")
    (told,) = [one for one in place.seen() if one.sort == "parameter"]
    (hidden,) = [one for one in place.seen(tells=False) if one.sort == "parameter"]
    assert (told.expected, told.found) == ("one", "by hand 1")
    assert (hidden.what, hidden.expected, hidden.found) == ("OdmdInIn0", "", "differs")
    place.change("parameter")
    (again,) = [one for one in place.seen(tells=False) if one.sort == "parameter"]
    assert again.id != hidden.id


def test_aws_itself_is_asked_to_revert_an_update_and_no_creation(place: Place) -> None:
    asked = list[str | None]()
    place.cloudformation.meta.events.register(
        "provide-client-params.cloudformation.CreateChangeSet",
        lambda params, **_more: asked.append(params.get("DeploymentMode")),
    )
    bootstrapping = Bootstrapping(place.world.sessions, {})
    parts = Stacks(place.world.sessions), Assets(bootstrapping), bootstrapping
    change_sets = ChangeSets(place.world.sessions, *parts)
    given = place.stack, {"OdmdInIn0": "one"}
    change_sets.propose(*given, "odmd-run-1-1", "", place.target, reverts=True)
    place.deploy()
    change_sets.propose(*given, "odmd-run-2-1", "", place.target, reverts=True)
    assert asked == [None, None, "REVERT_DRIFT"]


@pytest.mark.parametrize("text", ["*", "", "*****"])
def test_a_parameter_of_stars_or_of_nothing_is_seen(place: Place, text: str) -> None:
    place.deploy()
    place.update(parameter=text)
    assert [(one.what, one.found) for one in place.seen() if one.sort == "parameter"] == [("OdmdInIn0", text)]


def test_a_template_that_is_not_json_is_another_finding_with_each_change(place: Place) -> None:
    def by_hand(description: str) -> list[Deviation]:
        template: Any = json.loads(place.stack.template)
        template["Resources"]["Text"]["Properties"]["Description"] = description
        place.update(body=yaml.safe_dump(template))
        return [one for one in place.seen() if one.sort == "template"]

    place.deploy()
    before, after = by_hand("one"), by_hand("two")
    assert [one.place for one in before] == [one.place for one in after] != []
    assert not {one.id for one in before} & {one.id for one in after}
