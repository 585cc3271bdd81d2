"""Roles of AWS that people of the coffee shop assume, and by which a server knows them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from odmd.private import private_folder

_THIS_MACHINE: Final = "127.0.0.1"
_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has no token, but may assume a role."""

    name: str
    role: str
    team: str
    """Whom the role answers for at the server."""

    @property
    def profile(self) -> str:
        """Of the AWS config, which assumes the role."""
        return self.role.lower()


BARISTA: Final = Person("ann", "Barista", "baristas")
OWNER: Final = Person("grace", "ShopOwner", "owners")


class Roles:
    """The roles of one account, and what lets these people assume them."""

    def __init__(self, folder: Path, account: str, *people: Person) -> None:
        self._folder, self._account, self._people = folder, account, people

    def make(self) -> None:
        """Makes the roles in the account, and a profile for each on this machine."""
        from boto3.session import Session

        iam = cast("Any", Session()).client("iam")
        root = f"arn:aws:iam::{self._account}:root"
        statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        for person in self._people:
            iam.create_role(RoleName=person.role, AssumeRolePolicyDocument=trust)
        self._config.write_text("".join(map(self._profile, self._people)))

    def settings(self, sts: str) -> str:
        """By which a server lets them in."""
        head = f'[tool.odmd.identities.aws]\ntype = "aws-iam"\naudience = "{_THIS_MACHINE}"\nsts = ["{sts}/"]\n'
        return head + "".join(map(self._rule, self._people))

    def environment(self, person: Person) -> Mapping[str, str]:
        """Of his own machine: his profile is all that he has of AWS."""
        others = {name: text for name, text in os.environ.items() if name not in _KEYS}
        home = private_folder(self._folder / person.name)
        return {
            **others,
            "AWS_PROFILE": person.profile,
            "AWS_CONFIG_FILE": str(self._config),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "XDG_STATE_HOME": str(home),
        }

    @property
    def _config(self) -> Path:
        return self._folder / "aws-config"

    def _arn(self, person: Person) -> str:
        return f"arn:aws:iam::{self._account}:role/{person.role}"

    def _profile(self, person: Person) -> str:
        return (
            f"[profile {person.profile}]\nrole_arn = {self._arn(person)}\nrole_session_name = {person.name}\n"
            f"source_profile = {person.name}\n\n[profile {person.name}]\n"
            f"aws_access_key_id = {self._account}\naws_secret_access_key = of-this-machine-only\n\n"
        )

    def _rule(self, person: Person) -> str:
        return (
            f'\n[[tool.odmd.identities.aws.allow]]\nwhen = {{ arn = "{self._arn(person)}" }}\n'
            f'scope = "write"\nteams = ["{person.team}"]\n'
        )
