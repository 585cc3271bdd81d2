"""What the app's author said is what runs, or it is refused with a reason."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import aws_cdk.cloud_assembly_schema as schema
import pytest

from odmd.errors import AppFailed, AppObjects, AssemblyUnfit, AssetUnfit
from odmd.model.targets import Target
from odmd.providers.aws import recipe
from odmd.providers.aws.assembly import read_assembly
from odmd.providers.aws.cloud_assembly import Assembly, Bootstrap
from odmd.providers.aws.manifest_words import HARMLESS, HONOURED, REFUSED

TARGET = Target("111122223333", "eu-west-1")
TEMPLATE = {"Resources": {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}}}
NESTED = {"type": "cdk:cloud-assembly"}


def stack(said: Any = None, **properties: Any) -> dict[str, Any]:
    whole = {"templateFile": "orders.json", **properties}
    return {"type": "aws:cloudformation:stack", "properties": whole, "metadata": said or {}}


def said(type: str) -> dict[str, Any]:
    return {"/orders/bucket": [{"type": f"aws:cdk:{type}", "data": "not encrypted"}]}


def write(folder: Path, **artifacts: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    (folder / "orders.json").write_text(json.dumps(TEMPLATE))


def read(folder: Path) -> Assembly:
    return read_assembly(folder, TARGET, {})


def schema_words() -> dict[str, set[str]]:
    (packed,) = (Path(schema.__file__).parent / "_jsii").glob("*.tgz")
    found: dict[str, set[str]] = {}
    with tarfile.open(packed) as archive:
        for name in ("cloud-assembly", "assets"):
            content = archive.extractfile(f"package/schema/{name}.schema.json")
            assert content
            for definition, one in json.load(content)["definitions"].items():
                found[definition] = set(one.get("properties", {}))
    return found


@pytest.mark.parametrize("definition", sorted(HONOURED))
def test_every_word_of_the_schema_is_honoured_refused_or_harmless(definition: str) -> None:
    lists = (HONOURED[definition], REFUSED.get(definition, frozenset()), HARMLESS.get(definition, {}).keys())

    assert sorted(word for words in lists for word in words) == sorted(schema_words()[definition])


class TestBootstrapping:
    def test_what_stacks_and_lists_of_assets_need_is_read_and_stored(self, tmp_path: Path) -> None:
        needed = {"requiresBootstrapStackVersion": 6, "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/a/version"}
        url = "s3://cdk-a-assets-${AWS::AccountId}-eu-west-1/1.json"
        listed = {
            "type": "cdk:asset-manifest",
            "properties": {"file": "a.json", **needed, "requiresBootstrapStackVersion": 8},
        }
        write(tmp_path, orders=stack(**needed, stackTemplateAssetObjectUrl=url), listed=listed)
        (tmp_path / "a.json").write_text('{"files": {}}')

        found = recipe.from_recipe(recipe.to_recipe(read(tmp_path)))

        assert found.bootstraps == (Bootstrap("/cdk-bootstrap/a/version", 8),)
        assert found.stacks[0].bucket == "cdk-a-assets-111122223333-eu-west-1"

    def test_who_says_nothing_needs_nothing(self, tmp_path: Path) -> None:
        write(tmp_path, orders=stack())

        found = read(tmp_path)

        assert (found.bootstraps, found.stacks[0].bucket) == ((), "")

    @pytest.mark.parametrize("version", ["six", [6]])
    def test_a_version_is_a_number(self, tmp_path: Path, version: object) -> None:
        write(tmp_path, orders=stack(requiresBootstrapStackVersion=version))

        with pytest.raises(AppFailed, match="is no cloud assembly"):
            read(tmp_path)


class TestStacks:
    def test_protection_and_topics_are_read_and_stored(self, tmp_path: Path) -> None:
        write(tmp_path, orders=stack(terminationProtection=True, notificationArns=["arn:aws:sns:x:1:topic"]))
        kept = recipe.to_recipe(read(tmp_path))

        (one,) = recipe.from_recipe(kept).stacks

        assert (one.termination_protection, one.notification_arns) == (True, ("arn:aws:sns:x:1:topic",))
        older = json.loads(kept)
        for stored in older["stacks"]:
            del stored["termination_protection"], stored["notification_arns"]
        del older["warnings"]
        assert not recipe.from_recipe(json.dumps(older).encode()).stacks[0].termination_protection

    def test_two_of_one_name_are_refused_by_both_their_ids(self, tmp_path: Path) -> None:
        for stage in ("One", "Two"):
            write(tmp_path / stage, **{f"{stage}Orders": stack(stackName="orders--main")})
        write(tmp_path, **{stage: {**NESTED, "properties": {"directoryName": stage}} for stage in ("One", "Two")})

        with pytest.raises(AssemblyUnfit, match="OneOrders and TwoOrders are both to be stack orders--main"):
            read(tmp_path)

    def test_a_stage_whose_stacks_have_the_ids_of_anothers_is_refused(self, tmp_path: Path) -> None:
        for stage in ("One", "Two"):
            write(tmp_path / stage, orders=stack(stackName=f"orders-{stage}"))
        write(tmp_path, **{stage: {**NESTED, "properties": {"directoryName": stage}} for stage in ("One", "Two")})

        with pytest.raises(AssemblyUnfit, match="two stacks have the id orders"):
            read(tmp_path)

    @pytest.mark.parametrize("role", ["assumeRoleArn", "cloudFormationExecutionRoleArn"])
    def test_a_role_of_the_apps_own_is_refused_and_a_bootstrap_role_is_not(self, tmp_path: Path, role: str) -> None:
        write(tmp_path, orders=stack(**{role: "arn:${AWS::Partition}:iam::1:role/cdk-acme-cfn-exec-role-1-eu-west-1"}))
        assert read(tmp_path).stacks

        write(tmp_path, orders=stack(**{role: "arn:aws:iam::1:role/mine"}))
        with pytest.raises(AssemblyUnfit, match="role/mine"):
            read(tmp_path)

    def test_values_of_parameters_in_the_manifest_are_refused(self, tmp_path: Path) -> None:
        write(tmp_path, orders=stack(parameters={"Size": "large"}))

        with pytest.raises(AssemblyUnfit, match="Size"):
            read(tmp_path)

    def test_an_assembly_that_is_inside_itself_is_none(self, tmp_path: Path) -> None:
        write(tmp_path, again={**NESTED, "properties": {"directoryName": "."}})

        with pytest.raises(AppFailed, match="no cloud assembly"):
            read(tmp_path)


class TestQuotas:
    """After aws/serverless-application-model#1164: AWS says it late, when other stacks have moved."""

    @pytest.mark.parametrize(
        ("part", "most", "one"),
        [
            ("Resources", 500, {"Type": "AWS::SNS::Topic"}),
            ("Parameters", 200, {"Type": "String"}),
            ("Outputs", 200, {"Value": "x"}),
        ],
    )
    def test_more_than_cloudformation_takes_is_refused_with_the_number(
        self, tmp_path: Path, part: str, most: int, one: dict[str, str]
    ) -> None:
        for count in (most, most + 1):
            write(tmp_path, orders=stack(stackName="orders--main"))
            made = {**TEMPLATE, part: {f"N{number}": one for number in range(count)}}
            (tmp_path / "orders.json").write_text(json.dumps(made))
            if count == most:
                assert read(tmp_path).stacks
        with pytest.raises(AssemblyUnfit, match=rf"orders--main has {most + 1} {part.lower()} of {most} at most"):
            read(tmp_path)

    def test_a_template_that_is_too_large_is_refused_with_its_size_as_it_would_be_sent(self, tmp_path: Path) -> None:
        write(tmp_path, orders=stack())
        (tmp_path / "orders.json").write_text(json.dumps(TEMPLATE) + " " * 2_000_000)
        assert read(tmp_path).stacks
        (tmp_path / "orders.json").write_text(json.dumps({**TEMPLATE, "Metadata": {"Note": "x" * 1024 * 1024}}))
        with pytest.raises(AssemblyUnfit, match=r"orders has 1,048,[0-9]+ bytes of 1,048,576 at most"):
            read(tmp_path)


class TestAnnotations:
    def test_an_error_refuses_and_names_its_construct(self, tmp_path: Path) -> None:
        write(tmp_path, orders=stack(said("error")))

        with pytest.raises(AppObjects, match="/orders/bucket: not encrypted"):
            read(tmp_path)

    def test_an_error_inside_a_stage_or_in_the_file_beside_refuses_too(self, tmp_path: Path) -> None:
        write(tmp_path / "inner", orders=stack() | {"additionalMetadataFile": "more.json"})
        (tmp_path / "inner" / "more.json").write_text(json.dumps(said("error")))
        write(tmp_path, inner={**NESTED, "properties": {"directoryName": "inner"}})

        with pytest.raises(AppObjects, match="not encrypted"):
            read(tmp_path)

    def test_a_warning_is_kept_and_an_info_is_not(self, tmp_path: Path) -> None:
        write(tmp_path, orders=stack(said("warning")), other=stack(said("info"), stackName="other"))

        assert read(tmp_path).warnings == ("/orders/bucket: not encrypted",)


class TestAssets:
    def write(self, folder: Path, path: str = "asset.abc") -> Path:
        listed = {
            "source": {"path": path, "packaging": "zip"},
            "destinations": {"x": {"bucketName": "b", "objectKey": "k"}},
        }
        assets = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
        write(folder, orders=stack(), assets=assets)
        (folder / "assets.json").write_text(json.dumps({"files": {"abc": listed}}))
        (folder / "asset.abc").mkdir()
        (folder / "asset.abc" / "code.py").write_text("pass")
        return folder / "asset.abc"

    def test_links_inside_are_followed(self, tmp_path: Path) -> None:
        asset = self.write(tmp_path)
        (asset / "again.py").symlink_to("code.py")

        assert len(read(tmp_path).assets) == 1

    @pytest.mark.parametrize(
        ("target", "why"),
        [("nowhere", "not there"), (".", "back to itself"), ("link", "back to itself"), ("/etc", "outside of the")],
    )
    def test_a_link_to_nowhere_elsewhere_or_itself_is_refused_by_name(
        self, tmp_path: Path, target: str, why: str
    ) -> None:
        asset = self.write(tmp_path)
        (asset / "link").symlink_to(target)

        with pytest.raises(AssetUnfit, match=rf"asset asset.abc holds asset.abc/link → {target}, which .*{why}"):
            read(tmp_path)

    def test_a_pipe_is_refused_and_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(self.write(tmp_path) / "pipe")

        with pytest.raises(AssetUnfit, match="pipe, which is a pipe"):
            read(tmp_path)

    @pytest.mark.parametrize("path", ["../elsewhere", "/etc", "/etc/passwd"])
    def test_an_asset_outside_of_the_assembly_is_refused(self, tmp_path: Path, path: str) -> None:
        (tmp_path / "elsewhere").mkdir()
        self.write(tmp_path / "out", path)

        with pytest.raises(AssetUnfit, match="outside of the assembly"):
            read(tmp_path / "out")

    def test_a_template_outside_of_the_assembly_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "out", orders=stack(templateFile="../orders.json"))
        (tmp_path / "orders.json").write_text(json.dumps(TEMPLATE))

        with pytest.raises((AssetUnfit, AppFailed), match="outside of the assembly"):
            read(tmp_path / "out")
