"""Clients for many accounts from one process."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from odmd.errors import CloudRefused, CloudUnreachable, CredentialsRefused
from odmd.model.targets import Target
from odmd.providers.aws import AwsCloud, Sessions
from support.until import TOO_LONG

DEV = Target("111122223333", "eu-west-1")
PROD = Target("444455556666", "eu-west-1")
ENDPOINT = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An AWS config without profiles, and an environment without credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path / "credentials"


@pytest.fixture
def emulators_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as an emulator has them, for one account."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", DEV.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")


def signer(sessions: Sessions, target: Target) -> str:
    """The access key with which requests are signed."""
    signed = sessions.s3(target).generate_presigned_url("list_buckets")
    return next(part for part in signed.split("?")[1].split("&") if "AccessKeyId=" in part or "Credential=" in part)


def profile(name: str, key: str) -> str:
    return f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"


class TestManyAccounts:
    @pytest.mark.usefixtures("emulators_key")
    def test_each_has_an_s3_client_with_its_own_credentials(self) -> None:
        sessions = Sessions(endpoint=ENDPOINT)

        assert DEV.account in signer(sessions, DEV)
        assert PROD.account in signer(sessions, PROD)
        assert hasattr(sessions.s3(PROD), "upload_file")

    @pytest.mark.usefixtures("emulators_key")
    def test_the_description_of_a_service_is_read_once(self) -> None:
        first, second = (Sessions(endpoint=ENDPOINT).s3(target) for target in (DEV, PROD))

        assert first.meta.service_model.metadata is second.meta.service_model.metadata

    @pytest.mark.usefixtures("emulators_key")
    def test_many_threads_that_ask_at_once_get_one_client_for_each_account_and_service(self) -> None:
        sessions, at_once = Sessions(endpoint=ENDPOINT), threading.Barrier(16)
        targets = [Target(str(444455556666 + n % 4), "eu-west-1") for n in range(16)]

        def ask(target: Target) -> tuple[str, int, int, int]:
            at_once.wait(timeout=TOO_LONG)
            asked = sessions.s3(target), sessions.cloudformation(target), sessions.sts(target)
            return (target.account, *map(id, asked))

        with ThreadPoolExecutor(16) as threads:
            got = set(threads.map(ask, targets))

        assert len(got) == 4
        assert all(target.account in signer(sessions, target) for target in targets)


class TestProfiles:
    def test_an_account_has_the_credentials_of_its_profile_and_others_the_default_ones(
        self, aws: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIADEFAULT")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        aws.write_text(profile("production", "AKIAPRODUCTION"))
        sessions = Sessions(profiles={PROD.account: "production"})

        assert "AKIAPRODUCTION" in signer(sessions, PROD)
        assert "AKIADEFAULT" in signer(sessions, DEV)

    @pytest.mark.usefixtures("emulators_key")
    def test_an_emulator_needs_none(self) -> None:
        sessions = Sessions(endpoint=ENDPOINT, profiles={PROD.account: "production"})

        assert PROD.account in signer(sessions, PROD)

    def test_one_that_is_not_there_is_named_with_what_to_do(self) -> None:
        with pytest.raises(CloudUnreachable, match=r"\(production\).*444455556666") as refused:
            AwsCloud(Sessions(profiles={PROD.account: "production"})).preflight(PROD)

        assert refused.value.next_step == (
            "make profile production (`aws configure --profile production`), "
            "or name another one for 444455556666 in [tool.odmd.profiles] of pyproject.toml"
        )

    def test_one_of_the_environment_that_is_not_there_is_named_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_PROFILE", "gone")

        with pytest.raises(CloudUnreachable, match=r"\(gone\)") as refused:
            Sessions().sts(DEV)

        assert refused.value.next_step.endswith("or unset AWS_PROFILE")


class TestRenewedCredentials:
    """After boto/botocore#704 and aws-controllers-k8s/test-infra#971: files were read once and never again."""

    def test_what_is_written_to_the_file_signs_the_next_request(self, aws: Path) -> None:
        sessions = Sessions(endpoint=ENDPOINT, profiles={DEV.account: "dev"})
        aws.write_text(profile("dev", "ASIAFIRST"))
        assert "ASIAFIRST" in signer(sessions, DEV)

        aws.write_text(profile("dev", "ASIASECOND"))

        assert "ASIASECOND" in signer(sessions, DEV)

    def test_a_profile_that_is_added_later_is_found(self, aws: Path) -> None:
        sessions = Sessions(endpoint=ENDPOINT, profiles={DEV.account: "dev"})
        with pytest.raises(CredentialsRefused):
            sessions.s3(DEV)

        aws.write_text(profile("dev", "ASIAFIRST"))

        assert "ASIAFIRST" in signer(sessions, DEV)

    def test_credentials_that_were_not_there_are_looked_for_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sessions = Sessions(endpoint=ENDPOINT)
        sessions.s3(DEV)

        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIALATER")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

        assert "AKIALATER" in signer(sessions, DEV)

    def test_credentials_that_aws_refused_are_asked_for_again_wherever_they_come_from(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOLD")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        sessions = Sessions(endpoint=ENDPOINT)
        client = sessions.s3(DEV)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANEW")
        assert "AKIAOLD" in signer(sessions, DEV)

        answers = Stubber(client)
        answers.add_client_error("list_buckets", "ExpiredToken")
        with answers, pytest.raises(ClientError):
            client.list_buckets()

        assert "AKIANEW" in signer(sessions, DEV)

    def test_the_client_is_the_same_as_long_as_the_files_are(self, aws: Path) -> None:
        aws.write_text(profile("dev", "ASIAFIRST"))
        sessions = Sessions(endpoint=ENDPOINT, profiles={DEV.account: "dev"})

        assert sessions.s3(DEV) is sessions.s3(DEV)

    def test_an_endpoint_that_is_no_address_is_said_to_be_none(self, aws: Path) -> None:
        aws.write_text(profile("dev", "ASIAFIRST"))

        with pytest.raises(CloudRefused, match="Invalid endpoint"):
            Sessions(endpoint="not a url", profiles={DEV.account: "dev"}).s3(DEV)
