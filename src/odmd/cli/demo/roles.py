"""Roles of AWS that people of the coffee shop assume, and the server that knows them by that alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import DemoFailed
from odmd.private import private_file, private_folder
from odmd.providers.leash import leashed

_THIS_MACHINE: Final = "127.0.0.1"
_SERVING: Final = re.compile(r"^serving \S+ on (http://\S+)\n", re.MULTILINE)
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


@contextmanager
def served(folder: Path) -> Generator[str]:
    """A server by the settings in a folder, while inside; where it listens.

    Raises:
        DemoFailed: it does not start.
    """
    log = private_file(folder / "server.log")
    with log.open("wb") as output:
        server = leashed(
            [sys.executable, "-m", "odmd", "serve", "--port", "0"],
            env={**os.environ, "XDG_STATE_HOME": str(private_folder(folder / "server")), "PYTHONUNBUFFERED": "1"},
            cwd=folder,
            output=output,
        )
    try:
        yield _address(server, log)
    finally:
        if server.stdin:
            server.stdin.close()
        server.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    while (found := _SERVING.search(log.read_text("utf-8", "replace"))) is None:
        if server.poll() is not None:
            raise DemoFailed(f"the server does not start: {log.read_text('utf-8', 'replace').strip()}")
        time.sleep(0.02)
    return found[1]
