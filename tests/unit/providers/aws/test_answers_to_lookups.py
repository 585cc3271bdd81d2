"""What apps ask of their account is answered as the CDK command line answers it, or refused by name.

Where the emulator answers, `tests/integration` asks that; here AWS's answers are played.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from botocore.stub import Stubber

from odmd.errors import AppFailed, AssemblyUnfit, LookupFailed, LookupNotMade
from odmd.model.targets import Target
from odmd.providers.aws.lookups import look_up, missing
from odmd.providers.aws.lookups.query import Query
from odmd.providers.aws.sessions import Sessions

HERE = Target("111122223333", "us-west-1")
PLACE = {"account": HERE.account, "region": HERE.region}
BUCKET = "AWS::S3::Bucket"

Play = Callable[..., Stubber]


def query(provider: str, **said: Any) -> Query:
    return Query("the-key", provider, {**PLACE, **said})


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(endpoint="http://127.0.0.1:9", emulated=True)


@pytest.fixture
def play(sessions: Sessions) -> Any:
    """Lets a service answer an operation so, once for each call of this."""
    stubs: dict[str, Stubber] = {}

    def next_is(service: str, operation: str, answer: dict[str, Any]) -> None:
        if service not in stubs:
            stubs[service] = Stubber(sessions.reader(service, HERE))
            stubs[service].activate()
        if "code" in answer:
            stubs[service].add_client_error(operation, answer["code"])
        else:
            stubs[service].add_response(operation, answer)

    return next_is


class TestTheQuestion:
    def test_of_an_unknown_provider_is_refused_by_name(self, sessions: Sessions) -> None:
        with pytest.raises(LookupNotMade, match="the provider plugin, which odmd does not know"):
            look_up(query("plugin"), sessions, HERE)

    @pytest.mark.parametrize("elsewhere", [{"account": "444455556666"}, {"region": "eu-west-1"}, {"region": None}])
    def test_about_another_place_is_refused(self, sessions: Sessions, elsewhere: dict[str, Any]) -> None:
        with pytest.raises(LookupNotMade, match="its app is deployed to account 111122223333, region us-west-1"):
            look_up(query("ssm", parameterName="/a", **elsewhere), sessions, HERE)

    def test_with_a_role_that_the_app_chose_is_refused(self, sessions: Sessions) -> None:
        role = "arn:aws:iam::111122223333:role/admin"
        with pytest.raises(AssemblyUnfit, match="role/admin"):
            look_up(query("ssm", parameterName="/a", lookupRoleArn=role), sessions, HERE)

    def test_with_the_role_of_the_bootstrap_is_made_with_the_accounts_credentials(
        self, sessions: Sessions, play: Any
    ) -> None:
        role = "arn:${AWS::Partition}:iam::111122223333:role/cdk-hnb659fds-lookup-role-111122223333-us-west-1"
        play("ssm", "get_parameter", {"Parameter": {"Value": "text", "Type": "String"}})
        assert look_up(query("ssm", parameterName="/a", lookupRoleArn=role), sessions, HERE) == '"text"'

    def test_without_what_it_needs_is_refused(self, sessions: Sessions) -> None:
        with pytest.raises(LookupFailed, match="the-key does not say its parameterName"):
            look_up(query("ssm"), sessions, HERE)

    def test_with_an_answer_that_is_too_long_to_be_kept_is_refused(self, sessions: Sessions, play: Any) -> None:
        play("ssm", "get_parameter", {"Parameter": {"Value": "x" * 70_000, "Type": "String"}})
        with pytest.raises(LookupFailed, match="answered with 70002 bytes, and 65536"):
            look_up(query("ssm", parameterName="/a"), sessions, HERE)


class TestADummy:
    def test_stands_for_a_missing_parameter_where_the_app_wants_that(self, sessions: Sessions, play: Any) -> None:
        play("ssm", "get_parameter", {"code": "ParameterNotFound"})
        wanted = query("ssm", parameterName="/a", ignoreErrorOnMissingContext=True, dummyValue="dummy")
        assert look_up(wanted, sessions, HERE) == '"dummy"'

    def test_alone_is_none(self, sessions: Sessions, play: Any) -> None:
        play("ssm", "get_parameter", {"code": "ParameterNotFound"})
        with pytest.raises(LookupFailed, match="finds no SSM parameter /a"):
            look_up(query("ssm", parameterName="/a", dummyValue="dummy"), sessions, HERE)

    @pytest.mark.parametrize(("dummy", "answer"), [({"keyId": "k"}, '{"keyId": "k"}'), ({}, None), ("k", None)])
    def test_stands_for_a_key_if_it_has_its_form(
        self, sessions: Sessions, play: Any, dummy: object, answer: str | None
    ) -> None:
        play("kms", "list_aliases", {"Aliases": [{"AliasName": "alias/other", "TargetKeyId": "other"}]})
        wanted = query("key-provider", aliasName="alias/k", ignoreErrorOnMissingContext=True, dummyValue=dummy)
        if answer:
            assert look_up(wanted, sessions, HERE) == answer
        else:
            with pytest.raises(LookupFailed, match="finds no key with the alias alias/k"):
                look_up(wanted, sessions, HERE)


class TestAnImage:
    def test_is_the_newest(self, sessions: Sessions, play: Any) -> None:
        images = [
            {"ImageId": "ami-old", "CreationDate": "2024-01-01T00:00:00.000Z"},
            {"ImageId": "ami-new", "CreationDate": "2026-01-01T00:00:00.000Z"},
            {"ImageId": "ami-dateless"},
        ]
        play("ec2", "describe_images", {"Images": images})
        assert look_up(query("ami", filters={"name": ["al*"]}), sessions, HERE) == '"ami-new"'

    def test_has_to_be_there(self, sessions: Sessions, play: Any) -> None:
        play("ec2", "describe_images", {"Images": []})
        with pytest.raises(LookupFailed, match="finds no image"):
            look_up(query("ami", filters={}), sessions, HERE)


class TestAHostedZone:
    ZONES = (
        {"Id": "/hostedzone/1", "Name": "example.org.", "CallerReference": "1", "Config": {"PrivateZone": False}},
        {"Id": "/hostedzone/2", "Name": "example.org.", "CallerReference": "2", "Config": {"PrivateZone": True}},
        {"Id": "/hostedzone/3", "Name": "example.org.", "CallerReference": "3", "Config": {"PrivateZone": True}},
        {"Id": "/hostedzone/4", "Name": "examples.org.", "CallerReference": "4"},
    )

    @pytest.fixture(autouse=True)
    def listed(self, play: Any) -> None:
        listed = {"HostedZones": list(self.ZONES), "IsTruncated": False, "MaxItems": "100"}
        play("route53", "list_hosted_zones_by_name", listed)

    def test_is_public_unless_said_otherwise(self, sessions: Sessions) -> None:
        found = json.loads(look_up(query("hosted-zone", domainName="example.org"), sessions, HERE))
        assert found == {"Id": "/hostedzone/1", "Name": "example.org."}

    def test_is_that_of_a_vpc(self, sessions: Sessions, play: Any) -> None:
        for zone, vpc in (self.ZONES[1], "vpc-a"), (self.ZONES[2], "vpc-b"):
            play("route53", "get_hosted_zone", {"HostedZone": zone, "VPCs": [{"VPCId": vpc}]})
        wanted = query("hosted-zone", domainName="example.org.", privateZone=True, vpcId="vpc-b")
        assert json.loads(look_up(wanted, sessions, HERE))["Id"] == "/hostedzone/3"

    @pytest.mark.parametrize(("domain", "private", "number"), [("example.org", True, 2), ("none.org", False, 0)])
    def test_has_to_be_one(self, sessions: Sessions, domain: str, private: bool, number: int) -> None:
        with pytest.raises(LookupFailed, match=f"finds {number} .* zones {domain}, and needs one"):
            look_up(query("hosted-zone", domainName=domain, privateZone=private), sessions, HERE)


class TestAnyResource:
    NAMED: ClassVar = {"Identifier": "one", "Properties": json.dumps({"BucketName": "one", "Tags": {"Owner": "me"}})}
    OTHER: ClassVar = {"Identifier": "two", "Properties": json.dumps({"BucketName": "two", "Tags": {"Owner": "you"}})}

    def test_is_told_with_what_was_asked_of_it(self, sessions: Sessions, play: Any) -> None:
        play("cloudcontrol", "get_resource", {"ResourceDescription": self.NAMED})
        wanted = query("cc-api-provider", typeName=BUCKET, exactIdentifier="one", propertiesToReturn=["Tags.Owner"])
        assert json.loads(look_up(wanted, sessions, HERE)) == [{"Tags.Owner": "me", "Identifier": "one"}]

    def test_is_found_by_what_it_is(self, sessions: Sessions, play: Any) -> None:
        play("cloudcontrol", "list_resources", {"ResourceDescriptions": [self.NAMED], "NextToken": "more"})
        play("cloudcontrol", "list_resources", {"ResourceDescriptions": [self.OTHER]})
        wanted = query("cc-api-provider", typeName=BUCKET, propertyMatch={"Tags.Owner": "you"}, propertiesToReturn=[])
        assert json.loads(look_up(wanted, sessions, HERE)) == [{"Identifier": "two"}]

    @pytest.mark.parametrize(
        ("expected", "found", "refusal"),
        [
            ("exactly-one", 0, "finds no AWS::S3::Bucket"),
            ("exactly-one", 2, "finds 2 of AWS::S3::Bucket"),
            ("at-least-one", 0, "finds no AWS::S3::Bucket"),
            ("at-most-one", 2, "finds 2 of AWS::S3::Bucket"),
            ("at-most-one", 0, ""),
            ("any", 0, ""),
            ("any", 2, ""),
        ],
    )
    def test_has_to_be_as_many_as_expected(
        self, sessions: Sessions, play: Any, expected: str, found: int, refusal: str
    ) -> None:
        play("cloudcontrol", "list_resources", {"ResourceDescriptions": [self.NAMED] * found})
        wanted = query(
            "cc-api-provider",
            typeName=BUCKET,
            propertyMatch={"BucketName": "one"},
            propertiesToReturn=["BucketName"],
            expectedMatchCount=expected,
        )
        if refusal:
            with pytest.raises(LookupFailed, match=refusal):
                look_up(wanted, sessions, HERE)
        else:
            assert len(json.loads(look_up(wanted, sessions, HERE))) == found

    def test_that_is_not_there_is_a_dummy_where_the_app_wants_that(self, sessions: Sessions, play: Any) -> None:
        play("cloudcontrol", "get_resource", {"code": "ResourceNotFoundException"})
        wanted = query(
            "cc-api-provider",
            typeName=BUCKET,
            exactIdentifier="no",
            propertiesToReturn=[],
            ignoreErrorOnMissingContext=True,
            dummyValue=[{"BucketName": "dummy"}],
        )
        assert json.loads(look_up(wanted, sessions, HERE)) == [{"BucketName": "dummy"}]

    def test_without_a_property_that_is_asked_for_is_refused(self, sessions: Sessions, play: Any) -> None:
        play("cloudcontrol", "get_resource", {"ResourceDescription": self.NAMED})
        wanted = query("cc-api-provider", typeName=BUCKET, exactIdentifier="one", propertiesToReturn=["Tags.Team"])
        with pytest.raises(LookupFailed, match=r"without Tags\.Team"):
            look_up(wanted, sessions, HERE)


class TestWhatIsMissing:
    def test_is_read_of_assemblies_inside_too_and_each_key_once(self, tmp_path: Path) -> None:
        asked = {"key": "a", "provider": "ssm", "props": {"parameterName": "/a"}}
        (tmp_path / "inside").mkdir()
        inside = {"missing": [asked, {**asked, "key": "b"}]}
        (tmp_path / "inside" / "manifest.json").write_text(json.dumps(inside))
        nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "inside"}}
        (tmp_path / "manifest.json").write_text(json.dumps({"missing": [asked], "artifacts": {"stage": nested}}))
        assert [one.key for one in missing(tmp_path)] == ["a", "b"]

    @pytest.mark.parametrize("manifest", ["no JSON", '{"missing": [{"key": "a"}]}', '{"missing": 7}', "[]"])
    def test_of_what_is_no_assembly_is_not_known(self, tmp_path: Path, manifest: str) -> None:
        (tmp_path / "manifest.json").write_text(manifest)
        with pytest.raises(AppFailed, match="is no cloud assembly"):
            missing(tmp_path)
