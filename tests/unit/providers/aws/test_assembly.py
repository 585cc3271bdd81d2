"""Reading what a CDK app synthesised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from odmd.errors import AppFailed, AssemblyUnfit, LookupsUnresolved
from odmd.model.targets import Target
from odmd.providers.aws.assembly import read_assembly
from odmd.providers.aws.cloud_assembly import Asset

TARGET = Target("111122223333", "eu-west-1")
BUS = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}
BOOTSTRAP = {
    "Parameters": {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        }
    },
    "Rules": {"CheckBootstrapVersion": {"Assertions": []}},
}


def stack(name: str, *needs: str, environment: str = "aws://unknown-account/unknown-region", **more: Any) -> Any:
    properties = {"templateFile": f"{name}.template.json", **more}
    return {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "properties": properties,
        "dependencies": needs,
    }


def write(folder: Path, artifacts: dict[str, Any], templates: dict[str, Any], missing: Any = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"version": "48.0.0", "artifacts": artifacts}
    (folder / "manifest.json").write_text(json.dumps(manifest | ({"missing": missing} if missing else {})))
    for name, template in templates.items():
        (folder / name).write_text(json.dumps(template))
    return folder


def only(folder: Path, template: Any) -> Any:
    write(folder, {"orders": stack("orders")}, {"orders.template.json": template})
    (read,) = read_assembly(folder, TARGET, {"OdmdOutBus": ""}).stacks
    return read


class TestStacks:
    def test_they_come_after_what_they_depend_on_else_as_listed(self, tmp_path: Path) -> None:
        artifacts = {"c": stack("c", "a.assets", "a"), "b": stack("b"), "a": stack("a")}
        write(tmp_path, artifacts, {f"{name}.template.json": {"Resources": {"Bus": BUS}} for name in "abc"})

        assert [one.name for one in read_assembly(tmp_path, TARGET, {}).stacks] == ["a", "c", "b"]

    def test_a_circle_is_no_assembly(self, tmp_path: Path) -> None:
        artifacts = {"a": stack("a", "b"), "b": stack("b", "a")}
        write(tmp_path, artifacts, {f"{name}.template.json": {"Resources": {"Bus": BUS}} for name in "ab"})

        with pytest.raises(AppFailed, match="a → b → a depend on each other"):
            read_assembly(tmp_path, TARGET, {})

    def test_name_tags_parameters_and_outputs_are_read(self, tmp_path: Path) -> None:
        template = {
            "Parameters": {"OdmdInBus": {"Type": "String"}},
            "Resources": {"Bus": BUS},
            "Outputs": {"OdmdOutBus": {"Value": {"Ref": "Bus"}}},
        }
        artifact = stack("artifact", stackName="orders--main", tags={"odmd:team": "x", "odmd:build": "y"})
        write(tmp_path, {"artifact": artifact}, {"artifact.template.json": template})

        (read,) = read_assembly(tmp_path, TARGET, {}).stacks

        assert (read.name, read.parameters, read.outputs) == ("orders--main", ("OdmdInBus",), ("OdmdOutBus",))
        assert read.tags == (("odmd:build", "y"), ("odmd:team", "x"))
        assert json.loads(read.template) == template

    def test_stacks_of_a_stage_inside_are_read_too(self, tmp_path: Path) -> None:
        inner = {
            "orders": stack("orders"),
            "orders.assets": {"type": "cdk:asset-manifest", "properties": {"file": "orders.assets.json"}},
        }
        listed = {
            "files": {
                "abc": {
                    "source": {"path": "asset.abc", "packaging": "zip"},
                    "destinations": {"here": {"bucketName": "bucket", "objectKey": "abc.zip"}},
                }
            }
        }
        write(
            tmp_path / "assembly-dev",
            inner,
            {"orders.template.json": {"Resources": {"Bus": BUS}}, "orders.assets.json": listed},
        )
        (tmp_path / "assembly-dev" / "asset.abc").mkdir()
        nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-dev"}}
        write(tmp_path, {"assembly-dev": nested}, {})

        read = read_assembly(tmp_path, TARGET, {})

        assert [one.name for one in read.stacks] == ["orders"]
        assert read.assets == (Asset("assembly-dev/asset.abc", zip=True, bucket="bucket", key="abc.zip"),)

    @pytest.mark.parametrize("environment", ["aws://999999999999/eu-west-1", "aws://111122223333/us-east-1"])
    def test_one_that_is_meant_for_elsewhere_is_refused(self, tmp_path: Path, environment: str) -> None:
        artifacts = {"orders": stack("orders", environment=environment)}
        write(tmp_path, artifacts, {"orders.template.json": {"Resources": {"Bus": BUS}}})

        with pytest.raises(AssemblyUnfit, match="stack orders is meant for"):
            read_assembly(tmp_path, TARGET, {})

    def test_one_that_is_meant_for_here_is_read(self, tmp_path: Path) -> None:
        artifacts = {"orders": stack("orders", environment="aws://111122223333/eu-west-1")}
        write(tmp_path, artifacts, {"orders.template.json": {"Resources": {"Bus": BUS}}})

        assert len(read_assembly(tmp_path, TARGET, {}).stacks) == 1

    def test_lookups_are_refused_by_name(self, tmp_path: Path) -> None:
        write(tmp_path, {}, {}, missing=[{"key": "vpc-provider:account=1", "provider": "vpc-provider", "props": {}}])

        with pytest.raises(LookupsUnresolved, match="vpc-provider:account=1"):
            read_assembly(tmp_path, TARGET, {})

    @pytest.mark.parametrize(
        "manifest", ["", "{", "[]", "7", '{"artifacts": []}', '{"artifacts": {"x": {}}}', '{"artifacts": {"x": 1}}']
    )
    def test_garbage_is_refused(self, tmp_path: Path, manifest: str) -> None:
        (tmp_path / "manifest.json").write_text(manifest)

        with pytest.raises(AppFailed, match="no cloud assembly"):
            read_assembly(tmp_path, TARGET, {})

    @pytest.mark.parametrize("template", ["", "[]", "nonsense"])
    def test_a_template_that_is_none_is_refused(self, tmp_path: Path, template: str) -> None:
        write(tmp_path, {"orders": stack("orders")}, {})
        (tmp_path / "orders.template.json").write_text(template)

        with pytest.raises(AppFailed):
            read_assembly(tmp_path, TARGET, {})

    def test_a_folder_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(AppFailed, match=r"manifest\.json"):
            read_assembly(tmp_path / "nowhere", TARGET, {})


class TestWhatIsTakenOut:
    def test_the_bootstrap_check_goes(self, tmp_path: Path) -> None:
        read = only(tmp_path, {"Resources": {"Bus": BUS}, **BOOTSTRAP})

        assert json.loads(read.template) == {"Resources": {"Bus": BUS}}
        assert read.parameters == ()
        assert read.needs_synth == ""

    def test_usage_reporting_goes_with_its_condition(self, tmp_path: Path) -> None:
        usage = {"Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable"}
        template = {"Resources": {"Bus": BUS, "CDKMetadata": usage}, "Conditions": {"CDKMetadataAvailable": {}}}

        assert json.loads(only(tmp_path, template).template) == {"Resources": {"Bus": BUS}}

    def test_what_would_leave_nothing_stays(self, tmp_path: Path) -> None:
        template = {"Resources": {"CDKMetadata": {"Type": "AWS::CDK::Metadata"}}}

        assert json.loads(only(tmp_path, template).template) == template


class TestNeedsSynth:
    @pytest.mark.parametrize(
        ("more", "why"),
        [
            ({"Transform": "AWS::Serverless-2016-10-31"}, "macro"),
            ({"Outputs": {"X": {"Value": {"Fn::Transform": {"Name": "Include"}}}}}, "Fn::Transform"),
            ({"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack"}}}, "Inner is a nested stack"),
            ({"Parameters": {"Ami": {"Type": "AWS::SSM::Parameter::Value<String>"}}}, "Ami is read from SSM"),
            ({"Metadata": {"OdmdSynthZones": "x"}}, "synthesis read Zones"),
        ],
    )
    def test_it_says_why(self, tmp_path: Path, more: Any, why: str) -> None:
        assert why in only(tmp_path, {"Resources": {"Bus": BUS}, **more}).needs_synth

    def test_a_plain_template_does_not(self, tmp_path: Path) -> None:
        assert only(tmp_path, {"Resources": {"Bus": BUS}, "Parameters": {"A": {"Type": "String"}}}).needs_synth == ""


class TestAssets:
    def read(self, folder: Path, listed: Any) -> Any:
        artifacts = {
            "orders": stack("orders"),
            "orders.assets": {"type": "cdk:asset-manifest", "properties": {"file": "orders.assets.json"}},
        }
        write(folder, artifacts, {"orders.template.json": {"Resources": {"Bus": BUS}}, "orders.assets.json": listed})
        (folder / "asset.abc").mkdir()
        (folder / "nested.json").write_text("{}")
        return read_assembly(folder, TARGET, {}).assets

    def one(self, path: str, packaging: str = "zip", **destination: str) -> Any:
        where = {"bucketName": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}", "objectKey": "abc.zip"}
        return {"source": {"path": path, "packaging": packaging}, "destinations": {"here": where | destination}}

    def test_their_place_is_the_targets(self, tmp_path: Path) -> None:
        (asset,) = self.read(tmp_path, {"files": {"abc": self.one("asset.abc")}})

        bucket = "cdk-hnb659fds-assets-111122223333-eu-west-1"
        assert asset == Asset("asset.abc", zip=True, bucket=bucket, key="abc.zip")

    def test_the_stacks_own_template_is_none(self, tmp_path: Path) -> None:
        files = {"abc": self.one("orders.template.json", "file"), "nested": self.one("nested.json", "file")}

        assert [asset.path for asset in self.read(tmp_path, {"files": files})] == ["nested.json"]

    def test_images_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(AssemblyUnfit, match=r"container images \(web\)"):
            self.read(tmp_path, {"dockerImages": {"abc": {"displayName": "web"}}})

    def test_another_region_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(AssemblyUnfit, match="us-east-1"):
            self.read(tmp_path, {"files": {"abc": self.one("asset.abc", region="us-east-1")}})

    def test_garbage_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(AppFailed):
            self.read(tmp_path, {"files": {"abc": {}}})
