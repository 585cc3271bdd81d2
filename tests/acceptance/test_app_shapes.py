"""CDK apps as companies have them are deployed unchanged, and what stands afterwards is what `cdk deploy` makes.

The apps are in `tests/apps`: stacks that refer to each other with a custom resource, aspects and cdk-nag; nested
stacks with bundled files, a lookup that is answered in git and two that are not; stages in TypeScript. Each runs in the
environment of its own lock file; those in Python have the same one, and share what it names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.soak import SOAKING
from support.workbench import Workbench

APPS = Path(__file__).parents[1] / "apps"
CONTRACTS = '''
from odmd.model import *
from odmd.model.kinds import TextKind

class Name(TextKind):
    """Any name."""
    pattern = r".+"

team, dev = Team("platform"), Stage("dev", Account("dev", "ACCOUNT"), "us-west-1")
main = Branch("main")

class SeveralStacks(CdkEnver, build=Build("several-stacks", Repo("acme/several-stacks", team))):
    dish: Produces[Name] = produced("dish of the day", of=Output("DishOfTheDay"))
    queue: Produces[Name] = produced("where orders wait", of=Export("kitchen-queue"))

class Nested(CdkEnver, build=Build("nested", Repo("acme/nested", team))):
    bake: Produces[Name] = produced("what bakes", of=Output("Bake"))
    house: Produces[Name] = produced("which house, with which network", of=Output("House"))

class Stages(CdkEnver, build=Build("stages", Repo("acme/stages", team))):
    guest: Consumes[Name] = consumed("who comes", to=Parameter("Guest"))
    queue: Produces[Name] = produced("where orders wait", of=Output("evening-work/QueueName"))

several = SeveralStacks(on=main, at=dev, stacks=("kitchen-data", "kitchen-work", "kitchen-seen"))
nested = Nested(on=main, at=dev, stacks=("kitchen",))
stages = Stages(
    on=main, at=dev, guest=several.dish, stacks=("morning-data", "morning-work", "evening-data", "evening-work")
)
acme = Organisation("acme", central=dev.account, envers=[several, nested, stages])
'''
OURS = ("odmd:", "aws:")
WITHOUT = ("AWS::CDK::Metadata",)
"""What odmd takes out of a template: it is for AWS's statistics."""


@pytest.fixture
def apps(tmp_path: Path, emulator: Emulator, target: Target) -> Workbench:
    bench = Workbench(tmp_path, emulator.environment(target))
    bench.write("contracts.py", CONTRACTS.replace("ACCOUNT", target.account))
    for app in sorted(APPS.iterdir()):
        copied(app, bench.root / "repos" / "acme" / app.name, target)
        bench.git(app.name, "init", "-q", "-b", "main")
        bench.git(app.name, "add", "-A")
        bench.git(app.name, "commit", "-q", "-m", "as it is")
    with (bench.root / "pyproject.toml").open("a") as settings:
        settings.write('lookups = "made"\n')
    return bench


def furnish(emulator: Emulator, target: Target) -> None:
    """Makes in an account what the apps look up."""
    session = boto3.Session(target.account, "x", region_name=target.region)
    ec2 = session.client("ec2", endpoint_url=emulator.endpoint)
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "kitchen"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    for number, zone in enumerate("abab"):
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=f"{target.region}{zone}"
        )["Subnet"]["SubnetId"]
        if number < 2:
            ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    ssm = session.client("ssm", endpoint_url=emulator.endpoint)
    ssm.put_parameter(Name="/kitchen/house", Type="String", Value="the old mill")


def copied(app: Path, to: Path, target: Target) -> Path:
    """An app, with the answer to its lookup as one who deploys to this account has it in git."""
    shutil.copytree(app, to, ignore=shutil.ignore_patterns("node_modules"))
    if (context := to / "cdk.context.json").is_file():
        context.write_text(context.read_text().replace("111122223333", target.account))
    return to


def stood_up(emulator: Emulator, target: Target) -> dict[str, Any]:
    """Every stack of an account: its resources, its tags and outputs, without what is odmd's, or of the account."""
    session = boto3.Session(target.account, "x", region_name=target.region)
    client = session.client("cloudformation", endpoint_url=emulator.endpoint)
    found = {}
    for stack in client.describe_stacks()["Stacks"]:
        resources = client.describe_stack_resources(StackName=stack["StackName"])["StackResources"]
        template = client.get_template(StackName=stack["StackName"])["TemplateBody"]
        name = stack["StackName"].partition("NestedStackResource")[0]
        found[name] = {
            "status": stack["StackStatus"],
            "resources": sorted(
                (one["LogicalResourceId"], one["ResourceType"])
                for one in resources
                if one["ResourceType"] not in WITHOUT
            ),
            "properties": properties(template if isinstance(template, dict) else json.loads(template)),
            "outputs": sorted(
                one["OutputKey"] for one in stack.get("Outputs", []) if not one["OutputKey"].startswith("OdmdOut")
            ),
            "tags": sorted((t["Key"], t["Value"]) for t in stack.get("Tags", []) if not t["Key"].startswith(OURS)),
        }
    return found


def properties(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of each resource; the address of a nested template holds a hash of all it says, its account among that."""
    return {
        name: {key: value for key, value in one.get("Properties", {}).items() if key != "TemplateURL"}
        for name, one in template["Resources"].items()
        if one["Type"] not in WITHOUT
    }


@dataclass
class Installed:
    """What odmd installed from the lock files: as a person has it who installs from the same ones."""

    venv: Path
    modules: Path

    @classmethod
    def by(cls, bench: Workbench) -> Installed:
        made = bench.root / ".odmd" / "environments"
        (venv,), (modules,) = made.glob("*/*/venv"), made.glob("*/*/node_modules")
        return cls(venv, modules)

    def cdk_deploy(self, app: Path, environment: Mapping[str, str]) -> None:
        """As a person does it who has the CDK command line."""
        if (app / "package.json").is_file():
            (app / "node_modules").symlink_to(self.modules)
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        path = os.pathsep.join([str(self.venv / "bin"), str(self.modules / ".bin"), os.environ["PATH"]])
        unpacked = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(self.venv.parent / "jsii")}
        done = subprocess.run(
            ["cdk", "deploy", "**", "--require-approval", "never", "--no-color", "--ci"],
            cwd=app,
            env={**kept, **environment, **unpacked, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_shape_is_deployed_unchanged_and_stands_as_cdk_deploy_makes_it(
    apps: Workbench, emulator: Emulator, target: Target, tmp_path: Path
) -> None:
    furnish(emulator, target)
    done = apps.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    values = {one["value"]["product"]: one["value"]["text"] for one in apps.data("values")}
    assert values["several-stacks/b..main/dish"].startswith("soup of kitchen-data-Menu")
    assert values["several-stacks/b..main/queue"].startswith("kitchen-work-Queue")
    assert "Oven" in values["nested/b..main/bake"]
    assert values["stages/b..main/queue"].startswith("evening-work-Queue")

    assert values["nested/b..main/house"].startswith("the old mill: 10.7.0.0/16: public us-west-1a 10.7.0.0/24")

    if not SOAKING:
        return  # what `cdk deploy` makes of the same apps is compared in `make soak`
    other = Target(str(int(target.account) + 100_000_000), target.region)
    furnish(emulator, other)
    emulator.bootstrap(other)
    installed = Installed.by(apps)
    for app in sorted(APPS.iterdir()):
        installed.cdk_deploy(copied(app, tmp_path / "by-hand" / app.name, other), emulator.environment(other))
    theirs = json.loads(json.dumps(stood_up(emulator, other)).replace(other.account, target.account))
    ours = json.loads(json.dumps(stood_up(emulator, target)))
    assert ours == theirs
