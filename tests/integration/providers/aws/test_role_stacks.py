"""Stacks of roles on the emulator, which enforces what IAM says of callers, trust and boundaries.

What it does not enforce (`iam:PassRole`, what CloudFormation does with the role that it is passed) is asked of the
statements themselves: `tests/unit/graph/rights`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from botocore.exceptions import ClientError

from odmd.agent.removal import remove
from odmd.control.ports.secrets import SecretStanding
from odmd.control.running.acting import mirroring_target
from odmd.control.scheduler.effects import RemoveEnver
from odmd.control.scheduler.messages import FinishRemoval
from odmd.control.scheduler.units import DeployedUnit
from odmd.errors import (
    AssetForeign,
    CloudRefused,
    ClusterSignInRefused,
    RoleNotTaken,
    RolesMoved,
    RolesUnfit,
    SecretMissing,
)
from odmd.graph import compile_contracts
from odmd.graph.rights.derive import bootstraps
from odmd.graph.rights.roles import BASE_STACK, AccountRoles, Trusts
from odmd.graph.rights.statements import Statement, document
from odmd.graph.rights.used import RolesUsed
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Config,
    Enver,
    KubernetesEnver,
    NeededSecret,
    Organisation,
    Produces,
    Repo,
    Stage,
    Team,
    configured,
    needed,
    produced,
)
from odmd.model.kinds import EventBus
from odmd.model.secret_references import ManagedSecret
from odmd.model.targets import Acting, ActingTarget, Target
from odmd.providers.aws import AwsCloud, AwsMirror, Emulator, Sessions, StackRemover
from odmd.providers.aws.cloud_assembly import ENVER_TAG, Assembly, Asset, StackTemplate
from odmd.providers.aws.role_stacks import RoleStacks
from odmd.providers.aws.roles_template import stack_templates
from odmd.providers.aws.secret_stores import ManagedSecrets
from odmd.providers.aws.simulating import engine_verdict
from odmd.providers.aws.stack_sets import organisation_template
from odmd.providers.kubernetes import EksClusters
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.soak import SOAKING, soak_only

_accounts = itertools.count(230000000001)
TEAM = Team("platform")


@dataclass
class Said:
    text: str = ""


def contracts(account: str, *more: str) -> AccountRoles:
    """What an account is to have for `kitchen`, which has a bus and live config, and for `bar`, and for others."""
    dev, main = Stage("dev", Account("dev", account), "us-west-1"), Branch("main")

    class Kitchen(CdkEnver, build=Build("kitchen", Repo("acme/kitchen", TEAM))):
        bus: Produces[EventBus[Said]] = produced("orders", external=True)
        words: Config[Said] = configured("what is said", read="live")
        key: NeededSecret = needed("of the door")

    envers: list[Enver] = [Kitchen(on=main, at=dev)]

    class Shop(KubernetesEnver, build=Build("shop", Repo("acme/shop", TEAM))):
        cluster_name = "tea"

    if "shop" in more:
        envers.append(Shop(on=main, at=dev))
    for name in ("bar", *(one for one in more if one != "shop")):

        class Other(CdkEnver, build=Build(name, Repo(f"acme/{name}", TEAM))):
            bus: Produces[EventBus[Said]] = produced("orders", external=True)

        envers.append(Other(on=main, at=dev))
    made = compile_contracts(Organisation("acme", central=dev.account, envers=envers))
    (found,) = bootstraps(made.graph, made.kinds, Trusts()).values()
    return found


class Place:
    """A bootstrapped account."""

    def __init__(self, emulator: Emulator) -> None:
        account = str(next(_accounts))
        self.emulator, self.target = emulator, Target(account, "us-west-1")
        emulator.bootstrap(self.target)
        self.wanted, self.root = contracts(account), emulator.sessions()
        self.stacks = RoleStacks(self.root)
        self.iam = cast("Any", self.root.reader("iam", self.target))

    def make(self, wanted: AccountRoles | None = None) -> list[str]:
        """Makes what is wanted, and says what was done."""
        planned = self.stacks.look(wanted or self.wanted, "acme")
        for one in planned:
            if one.does:
                self.stacks.carry_out(one, lambda _: None)
        return [f"{one.does} {one.name}" for one in planned if one.does]

    @property
    def bucket(self) -> str:
        return f"cdk-hnb659fds-assets-{self.target.account}-{self.target.region}"

    def may(self, role: str, statements: Sequence[Statement]) -> None:
        """Puts other statements in place of a role's."""
        arn, text = f"arn:aws:iam::{self.target.account}:policy/{role}-1", json.dumps(document(statements))
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
        for one in self.iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not one["IsDefaultVersion"]:
                self.iam.delete_policy_version(PolicyArn=arn, VersionId=one["VersionId"])

    def acting(self, build: str) -> Target:
        deploy, exec_, boundary = (f"odmd-{what}-us-west-1-branch-{build}" for what in ("deploy", "exec", "boundary"))
        folder = f"odmd/templates/{build}/branch"
        acting = Acting(deploy, exec_, f"{boundary}@b..main", folder, f"{build}/b..main", 7)
        return ActingTarget(self.target.account, self.target.region, acting)

    def sessions(self, roles: RolesUsed = RolesUsed.AUTO) -> Sessions:
        return Sessions(endpoint=self.emulator.endpoint, emulated=True, roles=roles)


@pytest.fixture
def place(emulator: Emulator) -> Place:
    return Place(emulator)


def stack(build: str) -> StackTemplate:
    role: Any = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    resources: Any = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}, "Role": role}
    text = json.dumps({"Resources": resources, "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}}})
    return StackTemplate(f"{build}--main", text, (), ("Queue",), ((ENVER_TAG, f"{build}/b..main"),))


def run(place: Place, build: str, folder: Path) -> None:
    """What an agent does for one run, all with the rights of the run, and how its stacks are found when they go."""
    sessions, at = place.sessions(), place.acting(build)
    cloud, name = AwsCloud(sessions), stack(build)
    bucket = f"cdk-hnb659fds-assets-{at.account}-{at.region}"
    (folder / "code.txt").write_text(f"of {folder}")
    key = hashlib.sha256(str(folder).encode()).hexdigest()
    assembly = Assembly((name,), (Asset("code.txt", zip=False, bucket=bucket, key=f"{key}.txt"),))
    cloud.preflight(at)
    cloud.prove(replace(assembly, bootstraps=()), at, lambda _: None)
    cloud.upload_assets(folder, assembly, at, lambda _: None)
    proposed = cloud.propose(name, {}, "odmd-run-7-1", "run 7", at)
    cloud.execute(proposed, at, lambda _: None)
    cloud.deployed(name, at)
    cloud.protect(replace(name, termination_protection=True), at)
    cloud.look(name.name, at)
    assert cloud.stacks_of(f"{build}/b..main", at) == [name.name]
    if build == "kitchen":
        AwsMirror(sessions).put("/odmd-kitchen/b..main/config/words", "{}", at)


class TestMaking:
    def test_twice_is_once_and_what_leaves_the_contracts_goes(self, place: Place) -> None:
        wanted = contracts(place.target.account, "tea")
        made = ("bootstrap", "roles-bar", "roles-kitchen", "roles-tea")
        assert place.make(wanted) == [f"make odmd-{one}" for one in made]
        assert place.make(wanted) == []
        assert place.stacks.drift(wanted) == []
        assert place.make() == ["remove odmd-roles-tea"]

    def test_a_change_says_who_gains_what_before_it_is_made(self, place: Place) -> None:
        place.make()
        moved = contracts(place.target.account)
        build = moved.builds[1]
        role = build.roles[0]
        wider = replace(role, statements=(*role.statements, replace(role.statements[0], actions=("sqs:PurgeQueue",))))
        changed = replace(moved, builds=(moved.builds[0], replace(build, roles=(wider, *build.roles[1:]))))
        (change,) = [one for one in place.stacks.look(changed, "acme") if one.does]
        (line,) = change.changes
        assert line.startswith(f"{role.name}: gains sqs:PurgeQueue on arn:aws:cloudformation:us-west-1:")
        place.stacks.carry_out(change, lambda _: None)
        with pytest.raises(RolesMoved):
            place.stacks.carry_out(change, lambda _: None)

    def test_one_organisation_leaves_anothers_alone(self, place: Place) -> None:
        place.make()
        with pytest.raises(RolesUnfit, match="is organisation acme's"):
            place.stacks.look(place.wanted, "globex")
        assert place.stacks.look_at_removal(place.target, "globex") == []

    @pytest.mark.parametrize("text", ["Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n", None])
    def test_what_somebody_else_made_by_that_name_stays(self, place: Place, text: str | None) -> None:
        cloudformation: Any = place.root.cloudformation(place.target)
        text = text or json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
        cloudformation.create_stack(StackName=BASE_STACK, TemplateBody=text)
        with pytest.raises(RolesUnfit, match="is somebody else's"):
            place.stacks.look(place.wanted, "acme")

    def test_removed_is_as_before(self, place: Place, tmp_path: Path) -> None:
        place.make()
        for one in place.stacks.look_at_removal(place.target, "acme"):
            place.stacks.carry_out(one, lambda _: None)
        run(place, "kitchen", tmp_path)


class TestDrift:
    def test_is_told_in_words(self, place: Place) -> None:
        place.make()
        deploy, exec_ = "odmd-deploy-us-west-1-branch-bar", "odmd-exec-us-west-1-branch-bar"
        said = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        more = json.dumps({"Version": "2012-10-17", "Statement": [said]})
        place.iam.put_role_policy(RoleName=deploy, PolicyName="more", PolicyDocument=more)
        everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
        place.iam.update_assume_role_policy(RoleName=exec_, PolicyDocument=trust)
        place.iam.delete_role_permissions_boundary(RoleName=exec_)
        assert place.stacks.drift(place.wanted) == [
            f"{deploy}: gains s3:* on anything",
            f"{exec_}: can be taken by *",
            f"{exec_}: can be taken no more by cloudformation.amazonaws.com where aws:SourceAccount is "
            f"{place.target.account}",
            f"{exec_}: is bounded by nothing, and no more by odmd-guard-us-west-1",
        ]


class TestUsed:
    def test_who_deploys_one_build_cannot_touch_another(self, place: Place, tmp_path: Path) -> None:
        place.make()
        run(place, "bar", tmp_path)
        kitchen, cloud = place.acting("kitchen"), AwsCloud(place.sessions())
        for touch in (
            lambda: cloud.propose(stack("bar"), {}, "odmd-run-8-1", "", kitchen),
            lambda: cloud.delete("bar--main", "bar/b..main", kitchen),
            lambda: cloud.look("bar--main", kitchen),
            lambda: AwsMirror(place.sessions()).put("/odmd-bar/b..main/config/words", "{}", kitchen),
            lambda: AwsMirror(place.sessions()).held("/odmd-share/bar/b..main/bus", kitchen),
        ):
            with pytest.raises(CloudRefused, match="odmd-deploy-us-west-1-branch-kitchen/odmd-run-7"):
                touch()

    def test_who_may_deploy_may_not_widen_himself(self, place: Place) -> None:
        place.make()
        role, account = "odmd-deploy-us-west-1-branch-kitchen", place.target.account
        everything = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        )
        place.iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=everything)  # the guard is above it
        sessions, kitchen = place.sessions(), place.acting("kitchen")
        iam = cast("Any", sessions.reader("iam", kitchen))
        policy = f"arn:aws:iam::{account}:policy/odmd-exec-us-west-1-branch-kitchen-1"
        for widen in (
            lambda: iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=everything),
            lambda: iam.delete_role_permissions_boundary(RoleName=role),
            lambda: iam.create_policy_version(PolicyArn=policy, PolicyDocument=everything, SetAsDefault=True),
            lambda: iam.create_user(UserName="me"),
            lambda: sessions.cloudformation(kitchen).delete_stack(StackName="odmd-roles-kitchen"),
            lambda: sessions.sts(kitchen).assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/odmd-exec-us-west-1-branch-kitchen", RoleSessionName="me"
            ),
        ):
            with pytest.raises(ClientError, match="not authorized"):
                widen()

    def test_roles_of_its_stacks_have_the_boundary(self, place: Place, tmp_path: Path) -> None:
        place.make()
        run(place, "bar", tmp_path)
        client = place.root.cloudformation(place.target)
        body = json.loads(json.dumps(client.get_template(StackName="bar--main")["TemplateBody"]))
        boundary = body["Resources"]["Role"]["Properties"]["PermissionsBoundary"]
        assert boundary == f"arn:aws:iam::{place.target.account}:policy/odmd-boundary-us-west-1-branch-bar@b..main"

    def test_where_there_are_none_the_accounts_credentials_act(self, place: Place) -> None:
        at = place.acting("bar")
        assert place.sessions().acting(at) is None
        assert place.sessions(RolesUsed.REQUIRED).acting(at) is not None
        with pytest.raises(RoleNotTaken, match="odmd-deploy-us-west-1-branch-bar"):
            place.sessions(RolesUsed.REQUIRED).sts(at)

    def test_a_job_that_has_the_role_already_goes_on_with_it(
        self, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.make()
        role = f"arn:aws:iam::{place.target.account}:role/odmd-deploy-us-west-1-branch-bar"
        made = place.root.sts(place.target).assume_role(RoleArn=role, RoleSessionName="job")["Credentials"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", made["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", made["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", made["SessionToken"])
        sessions, at = Sessions(endpoint=place.emulator.endpoint, roles=RolesUsed.AUTO), place.acting("bar")
        assert sessions.sts(at).get_caller_identity()["Arn"].endswith("/odmd-deploy-us-west-1-branch-bar/job")
        proposed = AwsCloud(sessions).propose(stack("bar"), {}, "odmd-run-7-1", "", at)
        AwsCloud(sessions).execute(proposed, at, lambda _: None)
        with pytest.raises(RoleNotTaken):
            sessions.sts(place.acting("kitchen"))

    def test_an_enver_without_its_role_is_refused_where_others_have_theirs(self, place: Place) -> None:
        place.make()
        with pytest.raises(RoleNotTaken, match="odmd-deploy-us-west-1-branch-new") as refused:
            AwsCloud(place.sessions()).preflight(place.acting("new"))
        assert f"`odmd bootstrap {place.target.account}/us-west-1`" in refused.value.next_step


class TestWhoActsWithWhat:
    def test_values_for_others_are_written_by_a_role_that_writes_nothing_else(self, place: Place) -> None:
        at = mirroring_target(place.target.account, place.target.region)
        mirror = AwsMirror(place.sessions())
        mirror.put("/odmd-share/early/b..main/bus", "by the account", at)
        place.make()
        mirror = AwsMirror(place.sessions())
        mirror.put("/odmd-share/kitchen/b..main/bus", "one", at)
        assert mirror.held("/odmd-share/kitchen/b..main/bus", at) == "one"
        mirror.clear("/odmd-share/early/b..main", at)
        assert mirror.held("/odmd-share/early/b..main/bus", at) is None
        for path in ("/odmd-kitchen/b..main/config/words", "/elsewhere", "/odmd-shares/x"):
            with pytest.raises(CloudRefused, match="ssm:"):
                mirror.put(path, "one", at)
        with pytest.raises(CloudRefused, match="ssm:"):
            mirror.clear("/odmd-kitchen", at)

    def test_it_is_not_written_with_more_where_its_role_is_gone(self, place: Place) -> None:
        place.make(replace(place.wanted, mirror=None))
        with pytest.raises(RoleNotTaken, match="odmd-mirror-us-west-1"):
            AwsMirror(place.sessions()).put(
                "/odmd-share/one", "one", mirroring_target(place.target.account, "us-west-1")
            )

    def test_secrets_are_proven_by_who_may_not_read_them_nor_look_at_anothers(self, place: Place) -> None:
        place.make()
        kept = place.root.secretsmanager(place.target)
        kept.create_secret(Name="nobodys", SecretString="a text that is long enough")
        tags = [{"Key": ENVER_TAG, "Value": "bar/b..main"}]
        kept.create_secret(Name="bars", SecretString="a text that is long enough", Tags=tags)
        at, stores = place.acting("kitchen"), ManagedSecrets(place.sessions())
        assert stores.describe(ManagedSecret("nobodys"), at).standing is SecretStanding.THERE
        with pytest.raises(SecretMissing, match="GetSecretValue"):
            stores.read(ManagedSecret("nobodys"), at)
        found = stores.describe(ManagedSecret("bars"), at)
        assert (found.standing, "DescribeSecret" in found.why) == (SecretStanding.UNREADABLE, True)

    def test_a_cluster_sees_the_role_of_the_run(self, place: Place) -> None:
        place.make(contracts(place.target.account, "shop"))
        vpc: Any = {"subnetIds": ["subnet-1"]}
        trust = json.dumps({"Statement": []})
        role = place.iam.create_role(RoleName="eks", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        eks = cast("Any", place.root.reader("eks", place.target))
        for name in ("tea", "coffee"):
            eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig=vpc)
        clusters = EksClusters(place.sessions().reader)
        token = clusters.access("tea", place.acting("shop")).token()
        url = base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "==").decode()
        said = httpx.get(url, headers={"x-k8s-aws-id": "tea"}).text
        assert "assumed-role/odmd-deploy-us-west-1-branch-shop/odmd-run-7" in said
        with pytest.raises(ClusterSignInRefused, match="eks:DescribeCluster"):
            clusters.access("coffee", place.acting("shop"))


def test_awss_own_engine_denies_each_statement_on_what_is_another_builds(place: Place) -> None:
    """And allows it on its own; what has conditions, or is about anything, is asked elsewhere."""
    role = place.wanted.roles()["odmd-deploy-us-west-1-branch-kitchen"]
    plain = [one for one in role.statements if "kitchen" in str(one.resources) and not (one.conditions or one.denies)]
    assert len(plain) >= 4
    both = role.statements, place.wanted.guard.statements
    for one in plain:
        for resource in one.resources:
            if "kitchen" not in resource:
                continue
            own = resource.replace("*", "1").replace("?", "a")
            whose = own, own.replace("kitchen", "bar")
            said = [engine_verdict(place.root, place.target, *both, one.actions[0], arn) for arn in whose]
            assert [it.decision for it in said] == ["allowed", "implicitDeny"], (one.actions[0], own)


class TestTakingAway:
    """Who takes something away has the rights of what he takes away."""

    def removed(self, place: Place, *units: str, allowed: str = "") -> FinishRemoval:
        aws, artifacts = AwsCloud(place.sessions()), MemoryArtifacts()
        remover = StackRemover(aws, artifacts, MemoryStore(), lambda _enver: None, "")
        found = tuple(DeployedUnit(one, place.target) for one in units)
        return remove(remover, RemoveEnver("kitchen/b..main", place.target, None, allowed, time.time(), found))

    def test_its_stacks_go_and_no_others_may_even_be_looked_at(self, place: Place, tmp_path: Path) -> None:
        place.make()
        for build in ("kitchen", "bar"):
            run(place, build, tmp_path)
        done = self.removed(place, "bar--main")
        assert "odmd-deploy-us-west-1-branch-kitchen/odmd-clearing" in done.error
        asked = self.removed(place).loss
        assert asked is not None, "it is protected, and holds data"
        assert self.removed(place, allowed=asked.digest).error == ""
        assert AwsCloud(place.root).stacks_there(place.target) >= {"bar--main"}
        assert "kitchen--main" not in AwsCloud(place.root).stacks_there(place.target)

    def test_without_its_role_nothing_goes_and_people_are_asked(self, place: Place, tmp_path: Path) -> None:
        place.make()
        run(place, "kitchen", tmp_path)
        bar = replace(place.wanted, builds=tuple(one for one in place.wanted.builds if one.build == "bar"))
        assert place.make(bar) == ["remove odmd-roles-kitchen"]
        done = self.removed(place, "kitchen--main")
        assert "ODMD171" in done.error
        assert "off, where it went before" in done.error
        assert done.lost is not None
        assert "kitchen--main" in AwsCloud(place.root).stacks_there(place.target)


class TestSharedBucket:
    """All of an account have one bucket for assets."""

    def test_it_may_have_a_key_of_the_accounts_own_that_no_role_names(self, place: Place, tmp_path: Path) -> None:
        bucket = f"cdk-odmd-assets-{place.target.account}-us-west-1"
        place.make(replace(place.wanted, bucket=bucket, asset_key=True))
        stacks: Any = place.root.cloudformation(place.target)
        asked = {"StackName": BASE_STACK, "LogicalResourceId": "AssetsKey"}
        made = stacks.describe_stack_resource(**asked)["StackResourceDetail"]["PhysicalResourceId"]
        keys: Any = place.root.reader("kms", place.target)
        said = json.loads(keys.get_key_policy(KeyId=made, PolicyName="default")["Policy"])
        through = said["Statement"][1]["Condition"]["StringEquals"]
        assert through == {"kms:CallerAccount": place.target.account, "kms:ViaService": "s3.us-west-1.amazonaws.com"}
        run(place, "kitchen", tmp_path)

    def test_what_somebody_else_put_there_is_not_deployed(self, place: Place, tmp_path: Path) -> None:
        place.make()
        folder = tmp_path / "code"
        folder.mkdir()
        (folder / "index.py").write_text("def handler(event, context): ...")
        at, cloud = place.acting("bar"), AwsCloud(place.sessions())
        asset = Asset("code", zip=True, bucket=place.bucket, key=f"{'a' * 64}.zip")
        s3 = place.root.s3(place.target)

        s3.put_object(Bucket=place.bucket, Key=asset.key, Body=zipped({"index.py": "evil"}))
        with pytest.raises(AssetForeign, match=f"s3://{place.bucket}/{asset.key} is not what the app has"):
            cloud.upload_assets(tmp_path, Assembly((), (asset,)), at, lambda _: None)
        s3.delete_object(Bucket=place.bucket, Key=asset.key)

        s3.put_object(Bucket=place.bucket, Key=asset.key, Body=zipped({"index.py": (folder / "index.py").read_text()}))
        cloud.upload_assets(tmp_path, Assembly((), (asset,)), at, lambda _: None)
        s3.delete_object(Bucket=place.bucket, Key=asset.key)

        lines = list[str]()
        for _ in range(2):
            cloud.upload_assets(tmp_path, Assembly((), (asset,)), at, lines.append)
        assert len(lines) == 1

    def test_who_deploys_writes_what_is_new_and_his_own(self, place: Place) -> None:
        place.make()
        s3, asset = place.sessions().s3(place.acting("bar")), f"{'b' * 64}.json"
        bucket, own = place.bucket, f"odmd/templates/bar/branch/{'b' * 64}.json"
        for key in (asset, own):
            s3.put_object(Bucket=bucket, Key=key, Body=b"good", IfNoneMatch="*")
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket=bucket, Key=asset, Body=b"evil", IfNoneMatch="*")
        for key in (asset, own):
            with pytest.raises(ClientError, match="not authorized"):
                s3.put_object(Bucket=bucket, Key=key, Body=b"evil")
        for key in (own.replace("/bar/", "/kitchen/"), own.replace("branch", "promoted"), "else.json"):
            with pytest.raises(ClientError, match="not authorized"):
                s3.put_object(Bucket=bucket, Key=key, Body=b"evil", IfNoneMatch="*")

    def test_a_large_template_goes_into_the_folder_of_its_build(self, place: Place) -> None:
        place.make()
        large = json.loads(stack("bar").template)
        large["Metadata"] = {"long": "x" * 60_000}
        cloud = AwsCloud(place.sessions())
        proposed = cloud.propose(
            replace(stack("bar"), template=json.dumps(large)), {}, "odmd-run-7-1", "", place.acting("bar")
        )
        cloud.execute(proposed, place.acting("bar"), lambda _: None)
        found = place.root.s3(place.target).list_objects_v2(Bucket=place.bucket).get("Contents", [])
        assert [one.get("Key", "").rpartition("/")[0] for one in found] == ["odmd/templates/bar/branch"]


def zipped(files: dict[str, str]) -> bytes:
    """As another packer would have it."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return into.getvalue()


UNPLAYED = (
    "iam:PassRole",
    "events:ListTagsForResource",
    "stack/odmd-bridge",
    "inside its stacks",
    "cdk-bootstrap/*",
    "needs key",
)
"""What the emulator does not enforce, or what a run of this test has no need of: the truth table has it."""


def test_nothing_that_a_run_may_do_is_too_much(place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without any one statement, a run fails; sampled but for `make soak`."""
    place.make()
    role = place.wanted.roles()["odmd-deploy-us-west-1-branch-kitchen"]
    played = [one for one in role.statements if not any(text in str(one) for text in UNPLAYED)]
    assert len(played) >= 4
    run(place, "kitchen", tmp_path_factory.mktemp("all"))
    for one in played if SOAKING else played[::2]:
        place.may(role.name, [it for it in role.statements if it is not one])
        with pytest.raises(CloudRefused):
            run(place, "kitchen", tmp_path_factory.mktemp("less"))
    place.may(role.name, role.statements)
    run(place, "kitchen", tmp_path_factory.mktemp("again"))


@soak_only
def test_cfn_lint_finds_no_fault(tmp_path: Path) -> None:
    made = replace(contracts("111122223333"), makes_provider=True, bucket="cdk-odmd-assets-111122223333-us-west-1")
    made = replace(made, asset_key=True)
    for name, one in stack_templates(made, "acme").items():
        (tmp_path / f"{name}.template.json").write_text(one.template)
    (tmp_path / "organisation.json").write_text(organisation_template([made], "acme"))
    lint = Path(sys.executable).with_name("cfn-lint")
    words = [str(lint), *map(str, tmp_path.glob("*.json"))]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
