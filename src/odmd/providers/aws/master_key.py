"""A master key that never leaves KMS: it wraps what seals settings, and each use of it is in CloudTrail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from odmd.errors import (
    CloudRefused,
    CloudUnreachable,
    KeyMissing,
    SettingsDamaged,
    SettingsInvalid,
    SettingsUnreachable,
)
from odmd.model.targets import Target
from odmd.providers.aws.lookups.api import LookupApi
from odmd.providers.aws.sessions import Sessions

_SAID: Final = re.compile(
    r"kms:(?P<arn>arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):key/[A-Za-z0-9-]+)"
)
_NOT_ITS_OWN: Final = ("InvalidCiphertextException", "IncorrectKeyException")
"""KMS says so where the text, the key or the encryption context is another one."""


class KmsMasterKey:
    """A symmetric key of KMS. What it wrapped for one state it unwraps for no other.

    Args:
        said: `kms:` and the ARN of the key.
        state: the id of the state, which is the encryption context.

    Raises:
        SettingsInvalid: `said` is something else.
    """

    def __init__(self, said: str, sessions: Sessions, state: str) -> None:
        if (read := _SAID.fullmatch(said)) is None:
            raise SettingsInvalid(
                f"{said!r} names no key that seals settings",
                next_step="write kms: and the ARN of a key, as kms:arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…; "
                "an alias may be given to another key, so it is none (`aws kms describe-key` has the ARN)",
            )
        self.id: Final = said
        self._arn: Final = read["arn"]
        self._api: Final = LookupApi(sessions, Target(read["account"], read["region"]))
        self._context: Final = {"odmd-state": state}

    def wrap(self, key: bytes) -> bytes:
        """Raises:
        KeyMissing, SettingsUnreachable
        """
        return self._ask("encrypt", "CiphertextBlob", Plaintext=key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises:
        KeyMissing, SettingsUnreachable, SettingsDamaged
        """
        return self._ask("decrypt", "Plaintext", CiphertextBlob=wrapped)

    def _ask(self, operation: str, of: str, **asked: bytes) -> bytes:
        try:
            found: Mapping[str, bytes] = self._api.read(
                "kms", operation, _NOT_ITS_OWN, KeyId=self._arn, EncryptionContext=self._context, **asked
            )
        except CloudUnreachable as wrong:
            raise SettingsUnreachable(
                f"the key of the settings cannot be asked: {wrong}", next_step=wrong.next_step
            ) from wrong
        except CloudRefused as wrong:
            raise KeyMissing(
                f"the key of the settings cannot be used: {wrong}",
                next_step=wrong.next_step or f"enable {self._arn}, or take its deletion back, in KMS",
            ) from wrong
        if of not in found:
            raise SettingsDamaged(
                f"a key in the database is not one that {self._arn} wrapped for this state",
                next_step="restore the tables `keys` and `documents` from one backup",
            )
        return found[of]
