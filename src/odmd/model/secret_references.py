"""Where a secret's text is kept: a reference, read from what people write and written back the same. Never a text.

    secretsmanager:acme/db#password         AWS Secrets Manager, in the enver's account and region
    arn:aws:secretsmanager:…:secret:acme/db-AbCdEf#password
    ssm:/acme/db-password                   a SecureString of AWS Systems Manager, likewise
    arn:aws:ssm:…:parameter/acme/db-password
    github:acme/orders/production/NPM_TOKEN a secret of a GitHub environment
    op://acme/database/password             1Password: vault, item, (section,) field
    vault://kv/acme/db#password             Vault: mount, path, field

A `#field` is one member of a secret that is a JSON object. What has a name that a reference cannot hold (with spaces,
say) has an id in its store that it can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from odmd.errors import ReferenceInvalid

_LONGEST: Final = 2048
_FORMS: Final = (
    "secretsmanager:NAME, ssm:/PATH, the ARN of one of these, github:OWNER/REPOSITORY/ENVIRONMENT/NAME, "
    "op://VAULT/ITEM/FIELD, or vault://MOUNT/PATH#FIELD"
)


@dataclass(frozen=True, slots=True)
class ManagedSecret:
    """One of AWS Secrets Manager."""

    name: str
    """With the six characters that AWS added to it, where it is of an ARN."""
    field: str = ""
    partition: str = ""
    region: str = ""
    """Empty: those of the enver."""
    account: str = ""

    @property
    def id(self) -> str:
        """What Secrets Manager knows it by: its ARN, or its name in the enver's account."""
        if not self.account:
            return self.name
        return f"arn:{self.partition}:secretsmanager:{self.region}:{self.account}:secret:{self.name}"

    def __str__(self) -> str:
        return f"{self.id if self.account else f'secretsmanager:{self.name}'}{'#' if self.field else ''}{self.field}"


@dataclass(frozen=True, slots=True)
class SecureString:
    """A parameter of AWS Systems Manager that is kept encrypted."""

    name: str
    """Begins with a slash."""
    partition: str = ""
    region: str = ""
    account: str = ""

    @property
    def id(self) -> str:
        """What the parameter store knows it by."""
        if not self.account:
            return self.name
        return f"arn:{self.partition}:ssm:{self.region}:{self.account}:parameter{self.name}"

    def __str__(self) -> str:
        return self.id if self.account else f"ssm:{self.name}"


@dataclass(frozen=True, slots=True)
class GithubSecret:
    """One of a GitHub environment: that it is there can be asked, and its text cannot."""

    owner: str
    repository: str
    environment: str
    name: str

    def __str__(self) -> str:
        return f"github:{self.owner}/{self.repository}/{self.environment}/{self.name}"


@dataclass(frozen=True, slots=True)
class OnePasswordField:
    """A field of an item of 1Password."""

    vault: str
    item: str
    field: str
    section: str = ""

    def __str__(self) -> str:
        section = f"{self.section}/" if self.section else ""
        return f"op://{self.vault}/{self.item}/{section}{self.field}"


@dataclass(frozen=True, slots=True)
class VaultSecret:
    """A field of a secret in a Vault's store of keys and values, version 2."""

    mount: str
    path: str
    field: str

    def __str__(self) -> str:
        return f"vault://{self.mount}/{self.path}#{self.field}"


SecretReference = ManagedSecret | SecureString | GithubSecret | OnePasswordField | VaultSecret


def parse_reference(text: str) -> SecretReference:
    """The reference that people wrote.

    Raises:
        ReferenceInvalid: it is none. Its text is not in the error: it may be the secret itself.
    """
    scheme, colon, _ = text.partition(":")
    if not colon or scheme not in _SCHEMES:
        raise ReferenceInvalid(
            f"what is given ({len(text)} characters, not shown) is no reference to a secret",
            next_step=f"put the text into a store and write where it is: {_FORMS}",
        )
    form, example, make = next((one for one in _SCHEMES[scheme] if one[0].fullmatch(text)), _SCHEMES[scheme][0])
    found = form.fullmatch(text)
    if found is None or len(text) > _LONGEST or not text.isprintable() or _leads_astray(text):
        raise ReferenceInvalid(
            f"what is given ({scheme}:…, {len(text)} characters) is no reference to a secret",
            next_step=f"write it as {example}",
        )
    return make({name: part or "" for name, part in found.groupdict().items()})


def _leads_astray(text: str) -> bool:
    """Whether part of a path means another one: addresses of stores are made of it."""
    return any(f"/{part}/" in f"{text.partition('#')[0]}/" for part in (".", ".."))


def known_as(reference: SecretReference) -> tuple[str, str]:
    """What its store knows a secret by, and the field of it; empty where it has none, or is named with it."""
    match reference:
        case ManagedSecret():
            return reference.id, reference.field
        case SecureString():
            return reference.id, ""
        case VaultSecret():
            return f"{reference.mount}/{reference.path}", reference.field
        case GithubSecret() | OnePasswordField():
            return str(reference), ""
        case _:
            assert_never(reference)


def bound(reference: SecretReference, version: str = "") -> str:
    """A reference as a fingerprint holds it: with its version, where a new one is to be deployed."""
    return f"{reference} {version}" if version else str(reference)


def unbound(identity: str) -> tuple[SecretReference, str]:
    """Back: the reference and the version, which is empty where any will do.

    Raises:
        ReferenceInvalid
    """
    reference, _, version = identity.partition(" ")
    return parse_reference(reference), version


_Make = Callable[[Mapping[str, str]], SecretReference]
_Form = tuple[re.Pattern[str], str, _Make]
"""What it looks like, an example, and what it makes of the named parts."""

_MANAGED: Final = r"(?P<name>[A-Za-z0-9/_+=.@-]{1,512})(#(?P<field>[^\s#]{1,256}))?"
_PARAMETER: Final = r"(?P<name>(/[A-Za-z0-9_.-]+){1,15})"
_AWS: Final = r"(?P<region>[a-z]{2}(-[a-z]+)+-[0-9]):(?P<account>[0-9]{12})"
_PLAIN: Final = "[A-Za-z0-9_.][A-Za-z0-9_.-]*"
_managed: Final[_Make] = lambda said: ManagedSecret(**said)  # noqa: E731
_secure_string: Final[_Make] = lambda said: SecureString(**said)  # noqa: E731
_SCHEMES: Final[Mapping[str, tuple[_Form, ...]]] = {
    "secretsmanager": ((re.compile(f"secretsmanager:{_MANAGED}"), "secretsmanager:acme/db#password", _managed),),
    "ssm": ((re.compile(f"ssm:{_PARAMETER}"), "ssm:/acme/db-password", _secure_string),),
    "arn": (
        (
            re.compile(rf"arn:(?P<partition>aws[a-z-]*):secretsmanager:{_AWS}:secret:{_MANAGED}"),
            "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf, or arn:aws:ssm:REGION:ACCOUNT:parameter/PATH",
            _managed,
        ),
        (re.compile(rf"arn:(?P<partition>aws[a-z-]*):ssm:{_AWS}:parameter{_PARAMETER}"), "", _secure_string),
    ),
    "github": (
        (
            re.compile(
                rf"github:(?P<owner>{_PLAIN})/(?P<repository>{_PLAIN})/(?P<environment>[^/\s#]{{1,255}})/"
                "(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
            ),
            "github:acme/orders/production/NPM_TOKEN",
            lambda said: GithubSecret(**said),
        ),
    ),
    "op": (
        (
            re.compile(rf"op://(?P<vault>{_PLAIN})/(?P<item>{_PLAIN})/((?P<section>{_PLAIN})/)?(?P<field>{_PLAIN})"),
            "op://acme/database/password; what has other characters in its name has an id",
            lambda said: OnePasswordField(**said),
        ),
    ),
    "vault": (
        (
            re.compile(rf"vault://(?P<mount>{_PLAIN})/(?P<path>{_PLAIN}(/{_PLAIN})*)#(?P<field>[^\s#]{{1,256}})"),
            "vault://kv/acme/db#password",
            lambda said: VaultSecret(**said),
        ),
    ),
}
