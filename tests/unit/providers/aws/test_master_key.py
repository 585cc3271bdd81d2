"""What KMS refuses is told as what it means for settings; what the emulator says, too, `tests/integration` asks it."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from odmd.errors import KeyMissing, OdmdError, SettingsDamaged, SettingsUnreachable
from odmd.model.targets import Target
from odmd.providers.aws.master_key import KmsMasterKey
from odmd.providers.aws.sessions import Sessions

HERE = Target("111122223333", "us-west-1")
ARN = "arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(endpoint="http://127.0.0.1:9", emulated=True)


@pytest.fixture
def kms(sessions: Sessions) -> Stubber:
    played = Stubber(sessions.reader("kms", HERE))
    played.activate()
    return played


def test_both_ways_name_the_key_and_the_state(sessions: Sessions, kms: Stubber) -> None:
    said = {"KeyId": ARN, "EncryptionContext": {"odmd-state": "s1"}}
    kms.add_response("encrypt", {"CiphertextBlob": b"sealed"}, {**said, "Plaintext": b"key"})
    kms.add_response("decrypt", {"Plaintext": b"key"}, {**said, "CiphertextBlob": b"sealed"})
    key = KmsMasterKey(f"kms:{ARN}", sessions, "s1")
    assert key.unwrap(key.wrap(b"key")) == b"key"
    kms.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "means", "step"),
    [
        ("InvalidCiphertextException", SettingsDamaged, "from one backup"),
        ("IncorrectKeyException", SettingsDamaged, "from one backup"),
        ("AccessDeniedException", KeyMissing, "allow the credentials' role Decrypt"),
        ("NotFoundException", KeyMissing, "take its deletion back"),
        ("DisabledException", KeyMissing, f"enable {ARN}"),
        ("KMSInvalidStateException", KeyMissing, f"enable {ARN}"),
        ("KMSInternalException", SettingsUnreachable, "try again later"),
        ("DependencyTimeoutException", SettingsUnreachable, "try again later"),
        ("KeyUnavailableException", SettingsUnreachable, "try again later"),
        ("ThrottlingException", SettingsUnreachable, "try again later"),
        ("ExpiredTokenException", SettingsUnreachable, "renew the credentials"),
    ],
)
def test_each_refusal_says_who_can_help(
    sessions: Sessions, kms: Stubber, code: str, means: type[OdmdError], step: str
) -> None:
    kms.add_client_error("decrypt", code)
    with pytest.raises(means) as told:
        KmsMasterKey(f"kms:{ARN}", sessions, "s1").unwrap(b"sealed")
    assert step in (told.value.next_step or "")
