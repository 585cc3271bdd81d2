"""Credentials that are for another account: what to do depends on where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from odmd.errors import CredentialsRefused
from odmd.model.targets import Target
from odmd.providers.aws import AwsCloud, Emulator, Sessions
from support.strangers import credentials, profile

TARGET = Target("111122223333", "eu-west-1")


@pytest.mark.parametrize(
    ("profiles", "next_step"),
    [
        ({}, 'use a profile for 111122223333: [tool.odmd.profiles] 111122223333 = "PROFILE" in pyproject.toml'),
        ({TARGET.account: "other"}, "111122223333 has profile other in [tool.odmd.profiles] of pyproject.toml"),
    ],
    ids=["the environment's", "a profile's"],
)
def test_the_next_step_is_about_the_profile(
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    profiles: Mapping[str, str],
    next_step: str,
) -> None:
    file = tmp_path / "credentials"
    key, secret = credentials(emulator, "444455556666")
    file.write_text(profile("other", (key, secret)))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)

    with pytest.raises(CredentialsRefused, match="the enver is in 111122223333") as refused:
        AwsCloud(Sessions(endpoint=emulator.endpoint, profiles=profiles)).preflight(TARGET)

    assert refused.value.next_step.startswith(next_step)
