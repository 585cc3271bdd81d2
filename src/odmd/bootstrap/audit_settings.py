"""What `[tool.odmd.audit]` says: where the end of the log is written down, how often, and by which key it is signed.

[tool.odmd.audit]
anchors = "/mnt/elsewhere/anchors.jsonl"  # a file, or s3://BUCKET/PREFIX of a bucket with Object Lock
key = "/etc/odmd/anchors.pem"             # Ed25519 in PEM: `odmd audit key FILE` makes one; or env:NAME
every = 3600                              # seconds
account = "111122223333"                  # of the bucket
region = "eu-west-1"
retain-days = 400                         # for which the bucket holds each fast
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from odmd.bootstrap.numbers import is_number
from odmd.errors import SettingsInvalid

_TEXTS: Final = ("anchors", "key", "account", "region")
_NUMBERS: Final = ("every", "retain-days")
_BUCKET: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([^\x00-\x1f]*))?")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_EXAMPLE: Final = 'write anchors = "FILE" or "s3://BUCKET/PREFIX", and key = "FILE"; for a bucket, account and region'


@dataclass(frozen=True, slots=True)
class BucketSaid:
    """A bucket with Object Lock."""

    name: str
    prefix: str
    account: str
    region: str
    retain_days: int


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Where anchors go."""

    anchors: Path | BucketSaid
    key: Path
    every: int
    key_text: str = field(default="", repr=False)
    """The key itself, where a variable has it."""


def read_audit(said: object, base: Path, file: str) -> AuditSettings:
    """Paths start from `base`.

    Raises:
        SettingsInvalid
    """
    where = f"{file}: [tool.odmd.audit]"
    given: Mapping[str, object] = cast("Mapping[str, object]", said) if isinstance(said, dict) else {}
    wrong = [name for name in given if name not in (*_TEXTS, *_NUMBERS)]
    wrong += [name for name in _TEXTS if not isinstance(given.get(name, ""), str)]
    wrong += [name for name in _NUMBERS if not is_number(given.get(name, 1))]
    wrong += [name for name in ("anchors", "key") if not given.get(name)]
    if wrong:
        raise SettingsInvalid(f"{where} lacks, or does not take as it is, {', '.join(wrong)}", next_step=_EXAMPLE)
    texts = cast("Mapping[str, str]", given)
    numbers = cast("Mapping[str, int]", given)
    key, every = base / texts["key"], numbers.get("every", 3600)
    kind, _, name = texts["key"].partition(":")
    text = os.environ.get(name, "") if kind == "env" else ""
    if not texts["anchors"].startswith("s3:"):
        return AuditSettings(base / texts["anchors"], key, every, text)
    account, region = texts.get("account", ""), texts.get("region", "")
    found = _BUCKET.fullmatch(texts["anchors"])
    if not (found and _ACCOUNT.fullmatch(account) and region):
        raise SettingsInvalid(f"{where} names no bucket of an account and a region", next_step=_EXAMPLE)
    prefix = (found[2] or "").strip("/")
    return AuditSettings(
        BucketSaid(found[1], prefix, account, region, numbers.get("retain-days", 400)), key, every, text
    )
