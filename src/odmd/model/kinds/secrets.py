"""The kind of secrets that one enver makes and others read."""

from __future__ import annotations

from typing import Self

from odmd.errors import ReferenceInvalid
from odmd.model.kinds.base import TextKind
from odmd.model.secret_references import ManagedSecret, SecureString, parse_reference


class OfferedSecret(TextKind):
    """A secret in any store, by reference: a database's user that one enver makes and another one reads."""

    looks_like = "a reference that means the same everywhere, like vault://kv/acme/db#password or an ARN"
    refers_to_secret = True

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            found = parse_reference(text)
        except ReferenceInvalid:
            raise cls.refusal(text) from None
        if isinstance(found, ManagedSecret | SecureString) and not found.account:
            raise cls.refusal(text)
        return cls(str(found))
