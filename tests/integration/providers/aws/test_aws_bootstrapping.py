"""An assembly says what it needs of an account; that is looked for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from aws_worlds import EmulatedWorld, bus_stack

from odmd.errors import BootstrapTooOld, NotBootstrapped
from odmd.model.targets import Target
from odmd.providers.aws import AwsCloud, Emulator, Sessions
from odmd.providers.aws.cloud_assembly import Assembly, Asset, Bootstrap
from support.strangers import credentials


def quiet(_: str) -> None:
    """Progress that nobody reads."""


def custom(target: Target, qualifier: str = "acme", version: int = 6) -> Assembly:
    """What an app says that was synthesised for accounts with a qualifier."""
    asset = Asset("file", zip=False, bucket=f"cdk-{qualifier}-assets-{target.account}-{target.region}", key="key")
    return Assembly((), (asset,), bootstraps=(Bootstrap(f"/cdk-bootstrap/{qualifier}/version", version),))


def test_an_assembly_that_needs_nothing_needs_no_bootstrap(emulated: EmulatedWorld) -> None:
    emulated.cloud.prove(Assembly((bus_stack(),), ()), Target(emulated.target.account, "us-east-1"), quiet)


def test_a_region_without_the_bucket_is_told_how_it_gets_one(emulated: EmulatedWorld) -> None:
    elsewhere = Target(emulated.target.account, "us-east-1")

    with pytest.raises(NotBootstrapped, match=f"no bucket cdk-hnb659fds-assets-{elsewhere.account}-us-east-1") as it:
        emulated.cloud.prove(custom(elsewhere, "hnb659fds"), elsewhere, quiet)

    assert f"cdk bootstrap aws://{elsewhere.account}/us-east-1" in it.value.next_step
    assert "odmd emulator" in it.value.next_step, "the endpoint is one"


def test_templates_that_are_too_large_to_be_sent_need_their_bucket(emulated: EmulatedWorld) -> None:
    large = replace(bus_stack(), template=" " * 60_000, bucket="cdk-acme-assets-elsewhere")

    with pytest.raises(NotBootstrapped, match="no bucket cdk-acme-assets-elsewhere"):
        emulated.cloud.prove(Assembly((large,), ()), emulated.target, quiet)


def test_another_qualifier_than_the_accounts_is_told_with_the_setting(emulated: EmulatedWorld) -> None:
    account = emulated.target.account

    with pytest.raises(NotBootstrapped, match="with qualifier acme, and the account's is hnb659fds") as refused:
        emulated.cloud.prove(custom(emulated.target), emulated.target, quiet)

    assert f"cdk bootstrap --qualifier acme aws://{account}/eu-west-1" in refused.value.next_step
    assert f'[tool.odmd.qualifiers] {account} = "acme"' in refused.value.next_step


def test_an_account_with_a_qualifier_has_its_names_and_no_others(tmp_path: Path) -> None:
    target, qualifiers = Target("111122223333", "eu-west-1"), {"111122223333": "acme"}
    (tmp_path / "file").write_text("content")
    with Emulator(tmp_path / "emulator", qualifiers=qualifiers).start(target) as running:
        cloud = AwsCloud(running.sessions(), qualifiers)

        cloud.prove_bootstrapped(target)
        cloud.prove(custom(target), target, quiet)
        cloud.upload_assets(tmp_path, custom(target), target, quiet)
        with pytest.raises(NotBootstrapped, match="with qualifier hnb659fds, and the account's is acme"):
            cloud.prove(custom(target, "hnb659fds"), target, quiet)
        with pytest.raises(BootstrapTooOld, match=r"at version 30, and the app needs 31 \(/cdk-bootstrap/acme/version"):
            cloud.prove(custom(target, version=31), target, quiet)


def test_a_version_without_a_bucket_is_not_enough(emulated: EmulatedWorld) -> None:
    needed = Assembly((), (), bootstraps=(Bootstrap("/cdk-bootstrap/acme/version", 6),))

    with pytest.raises(NotBootstrapped, match="no SSM parameter /cdk-bootstrap/acme/version"):
        emulated.cloud.prove(needed, emulated.target, quiet)


def test_what_names_no_parameter_asks_for_the_accounts_own(emulated: EmulatedWorld) -> None:
    emulated.cloud.prove(Assembly((), (), bootstraps=(Bootstrap("", 30),)), emulated.target, quiet)

    with pytest.raises(BootstrapTooOld) as refused:
        emulated.cloud.prove(Assembly((), (), bootstraps=(Bootstrap("", 31),)), emulated.target, quiet)

    assert refused.value.next_step == f"cdk bootstrap aws://{emulated.target.account}/eu-west-1"


def test_who_may_not_read_the_version_goes_on_and_says_so(
    emulated: EmulatedWorld, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = credentials(emulator, emulated.target.account, may='["s3:*"]')
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    told: list[str] = []

    AwsCloud(Sessions(endpoint=emulator.endpoint)).prove(
        custom(emulated.target, "hnb659fds"), emulated.target, told.append
    )

    assert told == ["warning: /cdk-bootstrap/hnb659fds/version may not be read: nobody knows whether it says 6 or more"]
