"""Stores of secrets: what is known of a secret without its text, and the text for one process that needs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar, assert_never, cast

from odmd.errors import SecretStoreUnreachable, SecretUnfit
from odmd.model.secret_references import (
    GithubSecret,
    ManagedSecret,
    OnePasswordField,
    SecretReference,
    SecureString,
    VaultSecret,
)
from odmd.model.targets import Target

R_contra = TypeVar("R_contra", bound=SecretReference, contravariant=True)


class SecretStanding(StrEnum):
    """How a secret stands, as its store says it."""

    THERE = "there"
    ABSENT = "not there"
    LEAVING = "on its way out"
    """Somebody deleted it, and the store keeps it for a while."""
    UNREADABLE = "not readable"
    """There or not, not for who asks; or not kept as a secret."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a store says of a secret; never its text."""

    standing: SecretStanding
    version: str = ""
    """Another one whenever the text is another one; has no space."""
    rotated_at: float | None = None
    """When the text was last changed, as far as the store knows."""
    why: str = ""
    """What the store says where it is not there to be used."""
    id: str = ""
    """The full name that the store has for it, where it has one: an ARN."""


class SecretStore(Protocol[R_contra]):
    """One store of secrets; `target` is the enver's place, for references that name none."""

    def describe(self, reference: R_contra, target: Target) -> Described:
        """What is known of a secret, without its text.

        Raises:
            SecretStoreUnreachable: nobody knows, for now.
            ToolMissing
        """
        ...

    def read(self, reference: R_contra, target: Target, version: str = "") -> str:
        """The text, for the one process that it is for; of a version where one is named, and the store still has it.

        Raises:
            SecretMissing: it is not there, or not to be read.
            SecretRotated: that version is not there any more.
            SecretUnfit: it is no text.
            SecretUnreadable: the store tells nobody.
            SecretStoreUnreachable, ToolMissing
        """
        ...


@dataclass(frozen=True, slots=True)
class SecretStores:
    """All of them; each reference is asked for at its own."""

    managed: SecretStore[ManagedSecret]
    secure_strings: SecretStore[SecureString]
    github: SecretStore[GithubSecret]
    one_password: SecretStore[OnePasswordField]
    vault: SecretStore[VaultSecret]

    def describe(self, reference: SecretReference, target: Target) -> Described:
        """As its store does."""
        match reference:
            case ManagedSecret():
                return self.managed.describe(reference, target)
            case SecureString():
                return self.secure_strings.describe(reference, target)
            case GithubSecret():
                return self.github.describe(reference, target)
            case OnePasswordField():
                return self.one_password.describe(reference, target)
            case VaultSecret():
                return self.vault.describe(reference, target)
            case _:
                assert_never(reference)

    def read(self, reference: SecretReference, target: Target, version: str = "") -> str:
        """As its store does; of a field, the member of the JSON object that the text is."""
        match reference:
            case ManagedSecret():
                return _member(self.managed.read(reference, target, version), reference.field, reference)
            case SecureString():
                return self.secure_strings.read(reference, target, version)
            case GithubSecret():
                return self.github.read(reference, target, version)
            case OnePasswordField():
                return self.one_password.read(reference, target, version)
            case VaultSecret():
                return _member(self.vault.read(reference, target, version), reference.field, reference)
            case _:
                assert_never(reference)


@dataclass(frozen=True, slots=True)
class _NoStore:
    """Where none can be asked, nobody knows."""

    def describe(self, reference: SecretReference, target: Target) -> Described:  # noqa: ARG002
        raise SecretStoreUnreachable(f"nobody here can ask where {reference} is")

    def read(self, reference: SecretReference, target: Target, version: str = "") -> str:  # noqa: ARG002
        raise SecretStoreUnreachable(f"nobody here can read {reference}")


NO_STORES: Final = SecretStores(*(_NoStore(),) * 5)


def _member(text: str, field: str, reference: SecretReference) -> str:
    if not field:
        return text
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    members = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    if isinstance(member := members.get(field), str):
        return member
    if isinstance(member, int | float):
        return json.dumps(member)
    raise SecretUnfit(
        f"{reference} has no text in its field {field}", next_step="bind it to a field that the secret has"
    )
