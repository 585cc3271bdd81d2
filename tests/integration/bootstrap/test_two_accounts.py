"""One organisation in two accounts, applied by one process."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from support.workbench import WRITER, Workbench, bus

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import EventBus

team = Team("platform")
dev = Stage("dev", Account("dev", "{dev}"), "us-west-1")
prod = Stage("prod", Account("prod", "{prod}"), "us-west-1")

class Foundation(CdkEnver, build=Build("foundation", Repo("acme/foundation", team))):
    bus: Produces[EventBus[str]] = produced("what happens", tells_consumers=True)

class Writer(CdkEnver, build=Build("writer", Repo("acme/writer", team))):
    bus: Consumes[EventBus[str]] = consumed("where to write", access=WRITE)

main = Branch("main")
foundation = Foundation(on=main, at=dev)
writer = Writer(on=main, at=prod, bus=foundation.bus)
acme = Organisation("acme", central=dev.account, envers=[foundation, writer])
"""
_accounts = itertools.count(210_000_000_000)


@pytest.fixture
def dev(emulator: Emulator) -> Target:
    return account(emulator)


@pytest.fixture
def prod(emulator: Emulator) -> Target:
    return account(emulator)


@pytest.fixture
def bench(tmp_path: Path, dev: Target, prod: Target) -> Workbench:
    made = Workbench(tmp_path)
    made.write("contracts.py", CONTRACTS.format(dev=dev.account, prod=prod.account))
    made.commit("foundation", {"": bus("one")})
    made.commit("writer", {"": WRITER})
    return made


def account(emulator: Emulator) -> Target:
    made = Target(str(next(_accounts)), "us-west-1")
    emulator.bootstrap(made)
    return made


def with_profiles(bench: Workbench, emulator: Emulator, profiles: Mapping[str, Target]) -> None:
    """Gives each account a profile of its own, and the environment no credentials."""
    keys = "[{}]\naws_access_key_id = {}\naws_secret_access_key = emulator\n"
    bench.write("credentials", "".join(keys.format(name, target.account) for name, target in profiles.items()))
    bench.environment = {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_SHARED_CREDENTIALS_FILE": str(bench.root / "credentials"),
        "AWS_CONFIG_FILE": str(bench.root / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def name_profiles(bench: Workbench, profiles: Mapping[str, Target]) -> None:
    named = "".join(f'{target.account} = "{name}"\n' for name, target in profiles.items())
    bench.write("pyproject.toml", (bench.root / "pyproject.toml").read_text() + f"\n[tool.odmd.profiles]\n{named}")


def apply(bench: Workbench) -> str:
    """What it says, in one line."""
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def stacks(emulator: Emulator, target: Target) -> list[str]:
    return [stack["StackName"] for stack in emulator.sessions().cloudformation(target).describe_stacks()["Stacks"]]


def parameter(emulator: Emulator, target: Target, name: str) -> str | None:
    return emulator.sessions().ssm(target).get_parameter(Name=name)["Parameter"].get("Value")


@pytest.mark.parametrize("credentials", ["of the environment", "of profiles"])
def test_each_enver_is_in_its_own_account_and_a_value_crosses_over(
    bench: Workbench, emulator: Emulator, dev: Target, prod: Target, credentials: str
) -> None:
    bench.environment = emulator.environment(dev)
    if credentials == "of profiles":
        with_profiles(bench, emulator, {"development": dev, "production": prod})
        name_profiles(bench, {"development": dev, "production": prod})

    said = apply(bench)

    assert f"`bus` lets nobody of account {prod.account} in, where it is consumed (writer/b..main)" in said
    assert stacks(emulator, dev) == ["foundation--main"]
    assert stacks(emulator, prod) == ["writer--main"]
    assert parameter(emulator, prod, "/writer/bus") == "one"
    assert parameter(emulator, dev, "/odmd-share/foundation/b..main/bus") == "one"

    bench.commit("foundation", {"": bus("two")})
    apply(bench)

    assert parameter(emulator, prod, "/writer/bus") == "two"


def test_a_profile_that_is_not_there_fails_its_account_only(
    bench: Workbench, emulator: Emulator, dev: Target, prod: Target
) -> None:
    with_profiles(bench, emulator, {"development": dev})
    name_profiles(bench, {"development": dev, "production": prod})

    done = bench.apply()

    assert done.returncode == 1
    assert "ODMD218" in done.stdout
    assert "aws configure --profile production" in done.stdout
    assert stacks(emulator, dev) == ["foundation--main"]

    with_profiles(bench, emulator, {"development": dev, "production": prod})
    apply(bench)

    assert stacks(emulator, prod) == ["writer--main"]
