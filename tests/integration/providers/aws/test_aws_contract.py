"""What every cloud does: the one in memory, and the one behind boto3."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws_worlds import World, bus, bus_stack, stack
from botocore.exceptions import ClientError

from odmd.control.running.proposal import Proposal
from odmd.control.scheduler.values import Resource
from odmd.errors import AssemblyUnfit, NotYetCarriedOut, ResourceNotOurs, StackFailed
from odmd.model.naming import bridge_stack
from odmd.providers.aws.cloud_assembly import Assembly, Asset, Bootstrap, StackTemplate

RIVAL = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "taken"}}


def quiet(_: str) -> None:
    """Progress that nobody reads."""


def propose(world: World, stack: StackTemplate, run: int = 1, **parameters: str) -> Proposal:
    return world.cloud.propose(stack, parameters, f"odmd-run-{run}-1", f"run {run}", world.target)


def deploy(world: World, stack: StackTemplate, run: int = 1, **parameters: str) -> list[str]:
    lines: list[str] = []
    world.cloud.execute(propose(world, stack, run, **parameters), world.target, lines.append)
    return lines


PRODUCT = "orders--main/bus"
BRIDGE = bridge_stack(PRODUCT, 1)


class TestDeploying:
    def test_a_new_stack_is_created_and_tells_its_outputs_and_what_is_behind_them(self, world: World) -> None:
        lines = deploy(world, bus_stack(), BusName="first")

        deployed = world.cloud.deployed(bus_stack(), world.target)
        assert deployed.outputs == {"OdmdOutBus": "first"}
        assert deployed.behind == {"OdmdOutBus": bus("first", world.target)}
        assert "Bus AWS::Events::EventBus CREATE_COMPLETE" in lines

    def test_a_proposal_changes_nothing(self, world: World) -> None:
        change_set = propose(world, bus_stack(), BusName="first")

        assert [(one.action, one.logical_id) for one in change_set.changes] == [("Add", "Bus")]
        assert world.buses() == set()
        with pytest.raises(StackFailed, match="no stack orders--main"):
            world.cloud.deployed(bus_stack(), world.target)

    def test_a_stack_of_another_enver_is_not_touched(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")
        anothers = replace(bus_stack(), tags=(("odmd:enver", "other/b..main"),))

        with pytest.raises(AssemblyUnfit, match="belongs to orders--main"):
            propose(world, anothers, 2, BusName="second")

    def test_parameters_that_the_template_does_not_declare_are_left_out(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first", OdmdInOther="of another stack")

        assert world.buses() == {"first"}

    def test_a_second_deployment_of_the_same_is_empty(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")

        change_set = propose(world, bus_stack(), 2, BusName="first")

        assert change_set.empty
        assert change_set.changes == ()
        world.cloud.execute(change_set, world.target, quiet)

    def test_proposals_that_nobody_executed_are_removed(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")
        propose(world, bus_stack(), 2, BusName="second")
        propose(world, bus_stack(), 3, BusName="third")

        assert world.leftovers("orders--main") == ["odmd-run-3-1"]

    def test_an_output_that_comes_alone_appears(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")
        resources = json.loads(bus_stack().template)["Resources"]
        outputs = {"OdmdOutBus": {"Value": {"Ref": "Bus"}}, "OdmdOutAlso": {"Value": {"Fn::Sub": "${Bus}!"}}}
        more = stack("orders--main", resources, outputs, {"BusName": {"Type": "String"}})

        deploy(world, more, 2, BusName="first")

        assert world.cloud.deployed(more, world.target).outputs == {"OdmdOutBus": "first", "OdmdOutAlso": "first!"}

    def test_what_a_consumer_does_not_use_of_a_producer_is_told_by_its_cause(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")

        (change,) = propose(world, bus_stack(), 2, BusName="second").changes

        assert (change.action, change.logical_id, change.type) == ("Modify", "Bus", "AWS::Events::EventBus")
        assert change.cause.startswith("Name")
        assert not change.holds_data

    def test_tables_hold_data(self, world: World) -> None:
        table = {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "orders",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            },
        }
        deploy(world, bus_stack(Table=table), BusName="first")

        renamed = {**table, "Properties": {**table["Properties"], "TableName": "renamed"}}
        (replaced,) = propose(world, bus_stack(Table=renamed), 2, BusName="first").changes
        (removed,) = propose(world, bus_stack(), 3, BusName="first").changes

        assert (replaced.action, replaced.replacement, replaced.holds_data) == ("Modify", "True", True)
        assert (removed.action, removed.holds_data) == ("Remove", True)

    def test_a_template_beyond_what_can_be_sent_along_is_deployed(self, world: World) -> None:
        resources = json.loads(bus_stack().template)["Resources"]
        large = stack(
            "orders--main",
            resources,
            {"OdmdOutBus": {"Value": {"Ref": "Bus"}}},
            {"BusName": {"Type": "String"}},
            comment="x" * 60_000,
        )

        deploy(world, large, BusName="first")

        assert world.buses() == {"first"}


class TestParametersOfItsOwn:
    """Parameters that no wire brings: a person may have given them a value, or the template's default holds."""

    def test_keep_the_value_that_somebody_gave(self, world: World) -> None:
        deploy(world, own("default"), Size="large")

        assert propose(world, own("default"), 2).empty
        deploy(world, own("another default", Other={"Type": "AWS::SNS::Topic"}), 3)

        assert world.cloud.deployed(own(), world.target).outputs == {"OdmdOutSize": "large"}
        assert world.buses() == {"large"}

    def test_follow_a_default_that_the_app_changes(self, world: World) -> None:
        deploy(world, own("first"))

        deploy(world, own("second"), 2)

        assert world.cloud.deployed(own(), world.target).outputs == {"OdmdOutSize": "second"}

    def test_keep_a_default_that_the_app_gave_up(self, world: World) -> None:
        deploy(world, own("first"))

        deploy(world, own(None, Other={"Type": "AWS::SNS::Topic"}), 2)

        assert world.cloud.deployed(own(), world.target).outputs == {"OdmdOutSize": "first"}

    def test_that_are_new_have_their_default(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")
        declared = {"BusName": {"Type": "String"}, "Size": {"Type": "String", "Default": "new"}}
        resources = json.loads(bus_stack().template)["Resources"]
        grown = stack("orders--main", resources, {"OdmdOutSize": {"Value": {"Ref": "Size"}}}, declared)

        deploy(world, grown, 2, BusName="first")

        assert world.cloud.deployed(grown, world.target).outputs == {"OdmdOutSize": "new"}


def own(default: str | None = "", **more: object) -> StackTemplate:
    """A stack with a bus named by a parameter that no wire brings."""
    declared = {"Type": "String"} if default is None else {"Type": "String", "Default": default}
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": {"Ref": "Size"}}}
    return stack("orders--main", {"Bus": bus, **more}, {"OdmdOutSize": {"Value": {"Ref": "Size"}}}, {"Size": declared})


class TestReplacing:
    def test_the_old_resource_survives_and_the_new_one_is_behind_the_output(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")
        deploy(world, bus_stack(), 2, BusName="second")

        assert world.buses() == {"first", "second"}
        behind = world.cloud.deployed(bus_stack(), world.target).behind
        assert behind["OdmdOutBus"].physical_id == "second"


class TestFailing:
    def test_a_failed_update_is_rolled_back_and_says_which_resource_and_why(self, world: World) -> None:
        world.take_bus_name("taken")
        deploy(world, bus_stack(), BusName="first")

        with pytest.raises(StackFailed, match=r"rolled back: Rival \(AWS::Events::EventBus\): .*exists") as failed:
            deploy(world, bus_stack(Rival=RIVAL), 2, BusName="second")

        assert failed.value.clean
        assert world.cloud.deployed(bus_stack(), world.target).outputs == {"OdmdOutBus": "first"}

    def test_a_stack_whose_creation_failed_can_be_created_again(self, world: World) -> None:
        world.take_bus_name("taken")
        with pytest.raises(StackFailed) as failed:
            deploy(world, bus_stack(Rival=RIVAL), BusName="first")

        deploy(world, bus_stack(), 2, BusName="second")

        assert failed.value.clean
        assert world.cloud.deployed(bus_stack(), world.target).outputs == {"OdmdOutBus": "second"}

    def test_an_update_after_a_failed_one_works(self, world: World) -> None:
        world.take_bus_name("taken")
        deploy(world, bus_stack(), BusName="first")
        with pytest.raises(StackFailed):
            deploy(world, bus_stack(Rival=RIVAL), 2, BusName="first")

        deploy(world, bus_stack(), 3, BusName="second")

        assert world.cloud.deployed(bus_stack(), world.target).outputs == {"OdmdOutBus": "second"}


class TestTakingOver:
    def test_a_change_set_that_is_there_is_taken_over(self, world: World) -> None:
        first = propose(world, bus_stack(), BusName="first")

        again = propose(world, bus_stack(), BusName="first")

        assert again.id == first.id

    def test_an_execution_that_somebody_started_is_joined(self, world: World) -> None:
        change_set = propose(world, bus_stack(), BusName="first")
        world.start_elsewhere(change_set)

        world.cloud.execute(change_set, world.target, quiet)

        assert world.cloud.deployed(bus_stack(), world.target).outputs == {"OdmdOutBus": "first"}

    def test_a_change_set_is_executed_once(self, world: World) -> None:
        change_set = propose(world, bus_stack(), BusName="first")
        world.cloud.execute(change_set, world.target, quiet)

        world.cloud.execute(change_set, world.target, quiet)

        assert world.buses() == {"first"}

    def test_who_joins_an_execution_that_failed_is_told_why(self, world: World) -> None:
        world.take_bus_name("taken")
        deploy(world, bus_stack(), BusName="first")
        change_set = propose(world, bus_stack(Rival=RIVAL), 2, BusName="first")
        with pytest.raises(StackFailed):
            world.cloud.execute(change_set, world.target, quiet)

        with pytest.raises(StackFailed, match="Rival"):
            world.cloud.execute(change_set, world.target, quiet)

    def test_a_proposal_made_while_an_update_is_under_way_sees_its_result(self, world: World) -> None:
        world.start_elsewhere(propose(world, bus_stack(), BusName="first"))

        assert propose(world, bus_stack(), 2, BusName="first").empty


class TestAssets:
    def test_what_is_there_is_not_uploaded_again(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "code").mkdir()
        (tmp_path / "code" / "index.py").write_text("def handler(event, context): ...")
        bucket = f"cdk-hnb659fds-assets-{world.target.account}-{world.target.region}"
        assembly = Assembly((), (Asset("code", zip=True, bucket=bucket, key="abc.zip"),))
        lines: list[str] = []

        world.cloud.upload_assets(tmp_path, assembly, world.target, lines.append)
        world.cloud.upload_assets(tmp_path, assembly, world.target, lines.append)

        assert len(lines) == 1

    def test_what_is_not_there_any_more_is_missing(self, world: World, tmp_path: Path) -> None:
        """After aws/aws-cdk-rfcs#64: whoever cleans the bucket knows no rollbacks."""
        (tmp_path / "code.txt").write_text("code")
        bucket = f"cdk-hnb659fds-assets-{world.target.account}-{world.target.region}"
        there, gone = (Asset("code.txt", zip=False, bucket=bucket, key=key) for key in ("there", "gone"))
        world.cloud.upload_assets(tmp_path, Assembly((), (there,)), world.target, quiet)

        assert list(world.cloud.missing_assets(Assembly((), (there, gone)), world.target)) == [gone]

    def test_a_target_that_is_ready_passes_preflight(self, world: World) -> None:
        world.cloud.preflight(world.target)

    def test_an_assembly_that_needs_what_is_there_is_proven(self, world: World) -> None:
        bucket = f"cdk-hnb659fds-assets-{world.target.account}-{world.target.region}"
        asset, large = (
            Asset("code", zip=True, bucket=bucket, key="abc.zip"),
            replace(bus_stack(), template="x" * 60_000),
        )
        needed = Bootstrap("/cdk-bootstrap/hnb659fds/version", 6)

        world.cloud.prove(Assembly((large,), (asset,), bootstraps=(needed,)), world.target, quiet)


class TestHandingOver:
    """Of what is recorded of a value, an agent of another place may have said any: only what carries its enver's tag is
    touched."""

    def test_a_bus_of_another_enver_gets_no_bridge_and_is_not_removed(self, world: World) -> None:
        old, new = _replaced(world)
        deploy(world, bus_stack("kitchen--main"), BusName="kitchen")
        deploy(world, bus_stack("kitchen--main"), 2, BusName="kitchen-2")
        theirs = bus("kitchen", world.target)

        for pair in ((theirs, new), (old, theirs)):
            with pytest.raises(ResourceNotOurs, match="kitchen carries the tag of kitchen--main"):
                world.handovers.bridge(*pair, BRIDGE, "orders--main")
        assert "it carries the tag of kitchen--main" in world.handovers.retire(theirs, None, PRODUCT)
        assert "kitchen" in world.buses()

    def test_a_bus_that_is_gone_needs_no_bridge(self, world: World) -> None:
        _, new = _replaced(world)
        assert world.handovers.bridge(bus("gone", world.target), new, BRIDGE, "orders--main") == ""

    def test_a_bus_that_no_enver_made_is_not_removed(self, world: World) -> None:
        _replaced(world)
        world.take_bus_name("by-hand")

        assert "it carries no enver's tag" in world.handovers.retire(bus("by-hand", world.target), None, PRODUCT)
        assert "by-hand" in world.buses()

    def test_a_stack_that_is_no_bridge_of_the_product_stays(self, world: World) -> None:
        deploy(world, bus_stack("kitchen--main"), BusName="kitchen")
        at = f"arn:aws:cloudformation:{world.target.region}:{world.target.account}:stack"

        for name in ("kitchen--main", bridge_stack("kitchen--main/bus", 1)):
            assert "is no bridge of" in world.handovers.retire(None, f"{at}/{name}/1", PRODUCT)
        assert "kitchen" in world.buses()

    def test_a_bridge_is_made_once_for_its_name(self, world: World) -> None:
        old, new = _replaced(world)

        assert world.handovers.bridge(old, new, BRIDGE, "orders--main") == world.handovers.bridge(
            old, new, BRIDGE, "orders--main"
        )

    def test_a_replaced_bus_and_its_bridge_are_retired(self, world: World) -> None:
        old, new = _replaced(world)
        bridge = world.handovers.bridge(old, new, BRIDGE, "orders--main")

        assert world.handovers.retire(old, bridge, PRODUCT) == ""
        assert world.handovers.retire(old, bridge, PRODUCT) == ""
        assert world.buses() == {"second"}

    def test_a_bus_that_a_stack_has_stays(self, world: World) -> None:
        _, new = _replaced(world)

        assert world.handovers.retire(new, None, PRODUCT) == "second is kept: stack orders--main has it"
        assert "second" in world.buses()

    def test_a_table_stays(self, world: World) -> None:
        table = Resource("AWS::DynamoDB::Table", "orders", world.target.account, world.target.region)

        assert world.handovers.retire(table, None, PRODUCT) == "AWS::DynamoDB::Table orders is kept: it holds data"

    def test_types_without_a_bridge_are_refused(self, world: World) -> None:
        table = Resource("AWS::DynamoDB::Table", "orders", world.target.account, world.target.region)

        with pytest.raises(NotYetCarriedOut, match="no bridge is known"):
            world.handovers.bridge(table, table, BRIDGE, "orders--main")


class TestRemoving:
    def test_a_stack_goes_and_what_its_template_keeps_stays(self, world: World) -> None:
        both = bus_stack(Other={"Type": "AWS::Events::EventBus", "Properties": {"Name": "other"}})
        deploy(world, both, BusName="first")
        assert world.buses() == {"first", "other"}
        world.cloud.delete("orders--main", "orders--main", world.target)
        world.cloud.delete("orders--main", "orders--main", world.target)

        assert world.buses() == {"first"}
        with pytest.raises(StackFailed, match="no stack orders--main"):
            world.cloud.deployed(bus_stack(), world.target)

    def test_a_stack_of_another_enver_stays(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")
        world.cloud.delete("orders--main", "other/b..main", world.target)

        assert world.buses() == {"first"}

    def test_what_holds_data_and_is_not_kept_is_named(self, world: World) -> None:
        table = {"Type": "AWS::SQS::Queue", "Properties": {}}
        kept = {f"Kept{policy}": {**table, "DeletionPolicy": policy} for policy in ("Retain", "RetainExceptOnCreate")}
        made = stack("orders--main", {"Gone": table, **kept}, {})
        assert not world.cloud.look(made.name, world.target).is_there
        deploy(world, made)

        look = world.cloud.look(made.name, world.target)

        assert (look.is_there, look.is_foreign, look.protected) == (True, False, False)
        assert look.holding == ("Gone (AWS::SQS::Queue)",)
        assert look.lost_by_settling == ()

    def test_a_stack_is_protected_against_termination_as_its_author_says(self, world: World) -> None:
        deploy(world, bus_stack(), BusName="first")
        world.cloud.protect(replace(bus_stack(), termination_protection=True), world.target)
        assert world.cloud.look("orders--main", world.target).protected
        world.cloud.protect(bus_stack(), world.target)
        assert not world.cloud.look("orders--main", world.target).protected

    def test_a_proposal_that_is_not_executed_makes_nothing_of_somebody_elses(self, world: World) -> None:
        propose(world, bus_stack(), BusName="first")

        assert not world.cloud.look("orders--main", world.target).is_foreign

    def test_a_stack_without_an_envers_tag_is_foreign(self, world: World) -> None:
        deploy(world, replace(bus_stack(), tags=()), BusName="first")

        assert world.cloud.look("orders--main", world.target).is_foreign

    def test_all_stacks_of_an_enver_are_found_by_its_tag(self, world: World) -> None:
        tags = (("odmd:enver", "orders/b..main"), ("odmd:state", "this"))
        for number, name in enumerate(("orders--main", "orders-data--main")):
            deploy(world, replace(bus_stack(name), tags=tags), BusName=f"bus{number}")
        deploy(world, replace(bus_stack("mine"), tags=()), BusName="mine")
        deploy(world, bus_stack("others"), BusName="others")

        assert list(world.cloud.stacks_of("orders/b..main", world.target)) == ["orders--main", "orders-data--main"]
        assert world.cloud.look("orders--main", world.target).is_of("orders/b..main", "this")
        assert not world.cloud.look("orders--main", world.target).is_of("orders/b..main", "another")
        assert not world.cloud.look("mine", world.target).is_of("orders/b..main", "this")

    def test_a_policy_that_changes_alone_takes_hold(self, world: World) -> None:
        """After aws-cloudformation/cloudformation-coverage-roadmap#1543 and aws/aws-cdk#11521."""
        queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
        for run, policy in enumerate(("Delete", "Retain", "Delete"), 1):
            deploy(world, bus_stack(Rows={**queue, "DeletionPolicy": policy}), run, BusName="first")
            holding = world.cloud.look("orders--main", world.target).holding
            assert holding == (("Rows (AWS::SQS::Queue)",) if policy == "Delete" else ())

    def test_data_that_stays_while_another_of_its_type_comes_is_asked_about(self, world: World) -> None:
        """Another logical id is another resource, and an empty one: after aws-samples/cdk-keycloak#123,
        awsdocs/aws-cdk-guide#346."""
        queue = {"Type": "AWS::SQS::Queue", "Properties": {}, "DeletionPolicy": "Retain"}
        deploy(world, bus_stack(Rows=queue, Others=queue), BusName="first")

        changes = propose(world, bus_stack(Renamed=queue, Others=queue), 2, BusName="first").changes

        lost = [one for one in changes if one.is_loss]
        assert [(one.logical_id, one.kept, one.heir) for one in lost] == [("Rows", True, "Renamed")]

    def test_a_policy_that_a_macro_computes_is_no_promise(self, world: World) -> None:
        """After aws/serverless-application-model#450 and the like: templates that macros finish."""
        policy = {"Fn::If": ["IsProd", "Retain", "Delete"]}
        queue = {"Type": "AWS::SQS::Queue", "Properties": {}, "DeletionPolicy": policy}
        made = bus_stack(Rows=queue)
        more = {"Transform": "AWS::LanguageExtensions", "Conditions": {"IsProd": {"Fn::Equals": ["a", "b"]}}}
        made = replace(made, template=json.dumps({**json.loads(made.template), **more}))
        deploy(world, made, BusName="first")

        assert propose(world, made, 2, BusName="first").empty
        assert world.cloud.look("orders--main", world.target).holding == ("Rows (AWS::SQS::Queue)",)
        gone = propose(world, bus_stack(), 3, BusName="first").changes
        assert [one.logical_id for one in gone if one.is_loss] == ["Rows"]

    def test_data_that_its_policy_keeps_is_not_lost_when_it_leaves_the_template(self, world: World) -> None:
        queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
        kept = {f"Kept{policy}": {**queue, "DeletionPolicy": policy} for policy in ("Retain", "RetainExceptOnCreate")}
        marked = {"Type": "AWS::SNS::Topic", "Properties": {}, "Metadata": {"odmd:holds-data": True}}
        deploy(world, bus_stack(Gone=queue, Marked=marked, **kept), BusName="first")

        changes = propose(world, bus_stack(), 2, BusName="first").changes

        assert {one.logical_id for one in changes if one.is_loss} == {"Gone", "Marked"}
        assert {one.logical_id for one in changes if one.holds_data} == {"Gone", "Marked", *kept}


class TestMirroring:
    def test_an_envers_values_are_cleared_and_no_others(self, world: World) -> None:
        for product in ("orders/b..main/bus", "orders/b..main/api/doc", "orders/b..main-_b..fix/bus"):
            world.mirror.put(f"/odmd-share/{product}", "text", world.target)
        world.mirror.clear("/odmd-share/orders/b..main", world.target)
        world.mirror.clear("/odmd-share/orders/b..main", world.target)

        assert world.mirrored("/odmd-share/orders/b..main-_b..fix/bus") == "text"
        for gone in ("bus", "api/doc"):
            with pytest.raises((KeyError, ClientError), match=r"ParameterNotFound|odmd-share"):
                world.mirrored(f"/odmd-share/orders/b..main/{gone}")

    def test_the_last_text_is_what_others_read(self, world: World) -> None:
        for text in ("one", "one", "two"):
            world.mirror.put("/odmd-share/orders/b..main/bus", text, world.target)

        assert world.mirrored("/odmd-share/orders/b..main/bus") == "two"

    def test_what_stands_there_is_told_and_one_path_is_cleared_alone(self, world: World) -> None:
        path = "/odmd-orders/b..main/config/flags"
        assert world.mirror.held(path, world.target) is None
        world.mirror.put(path, '{"beta":true}', world.target)
        world.mirror.put(f"{path}-of-others", "{}", world.target)
        assert world.mirror.held(path, world.target) == '{"beta":true}'
        world.mirror.clear(path, world.target)
        assert world.mirror.held(path, world.target) is None
        assert world.mirror.held(f"{path}-of-others", world.target) == "{}"


def _replaced(world: World) -> tuple[Resource, Resource]:
    deploy(world, bus_stack(), BusName="first")
    deploy(world, bus_stack(), 2, BusName="second")
    return bus("first", world.target), bus("second", world.target)
