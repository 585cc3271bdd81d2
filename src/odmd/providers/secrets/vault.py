"""Vault's store of keys and values, version 2, over its HTTP API; OpenBao speaks the same.

Where it is and who asks say `VAULT_ADDR`, `VAULT_CACERT`, `VAULT_TOKEN` (or `~/.vault-token`) and `VAULT_NAMESPACE`, as
for Vault's own tools.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from odmd.control.ports.secrets import Described, SecretStanding
from odmd.errors import SecretMissing, SecretRotated, SecretStoreUnreachable
from odmd.model.secret_references import VaultSecret
from odmd.model.targets import Target
from odmd.providers.secrets.asking import Found, SecretAsking, inner

_TOKEN_FILE: Final = Path("~/.vault-token")


@dataclass(frozen=True, slots=True)
class Vault:
    """Asked as an environment says; a version is a number."""

    environment: Mapping[str, str]

    def describe(self, reference: VaultSecret, target: Target) -> Described:  # noqa: ARG002
        found = self._asking().get(_path(reference, "metadata"))
        return found if isinstance(found, Described) else _described(inner(found, "data"))

    def read(self, reference: VaultSecret, target: Target, version: str = "") -> str:
        """The whole secret, as JSON."""
        found = self._asking().get(_path(reference, "data"), {"version": version} if version else {})
        if not isinstance(found, Described):
            return json.dumps(inner(inner(found, "data"), "data"))
        described = self.describe(reference, target) if found.standing is SecretStanding.ABSENT else found
        if version and described.standing is SecretStanding.THERE and described.version != version:
            raise SecretRotated.of(str(reference))
        standing = found.standing if described.standing is SecretStanding.THERE else described.standing
        raise SecretMissing.of(str(reference), standing, described.why or found.why)

    def _asking(self) -> SecretAsking:
        address = self.environment.get("VAULT_ADDR", "")
        if not address.startswith(("https://", "http://")):
            raise SecretStoreUnreachable(
                "nobody says where Vault is", next_step="set VAULT_ADDR=https://… where runs are carried out"
            )
        headers = {"X-Vault-Request": "true", "X-Vault-Token": self.environment.get("VAULT_TOKEN") or _kept_token()}
        if namespace := self.environment.get("VAULT_NAMESPACE"):
            headers["X-Vault-Namespace"] = namespace
        return SecretAsking("Vault", address, headers, self.environment.get("VAULT_CACERT", ""))


def _path(reference: VaultSecret, what: str) -> str:
    return f"/v1/{quote(reference.mount)}/{what}/{quote(reference.path)}"


def _kept_token() -> str:
    try:
        return _TOKEN_FILE.expanduser().read_text().strip()
    except (OSError, UnicodeError, RuntimeError):
        return ""


def _described(metadata: Found) -> Described:
    version = str(metadata.get("current_version", ""))
    current = inner(inner(metadata, "versions"), version)
    if not current:
        return Described(SecretStanding.ABSENT, why="it has no version")
    if current.get("destroyed"):
        return Described(SecretStanding.ABSENT, why=f"version {version} was destroyed")
    if deleted := current.get("deletion_time"):
        return Described(SecretStanding.LEAVING, why=f"version {version} is deleted as of {deleted}")
    return Described(SecretStanding.THERE, version, _seconds(current.get("created_time")))


def _seconds(said: object) -> float | None:
    try:
        return datetime.fromisoformat(str(said)).timestamp()
    except ValueError:
        return None
