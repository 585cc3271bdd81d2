"""What the app's context says of this deployment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """All that differs between organisations; `cdk.json` has the names, `-c NAME=VALUE` gives one."""

    image: str
    """The organisation's own, by digest: odmd's, its contracts in /contracts, and an AWS profile for each account."""
    certificate: str
    """ARN of the certificate of `hostname`."""
    hostname: str
    """As people reach it, from within the network."""
    vpc: str
    """Id of a network that is there, with private subnets that reach AWS; empty: one is made."""
    roles: tuple[str, ...]
    """ARNs of the roles that server and workers may take on in the accounts where envers live, and no others."""
    account: str | None
    region: str | None

    @staticmethod
    def of(context: Callable[[str], object]) -> Wanted:
        """Args:
            context: what is said under a name, or nothing.

        Raises:
            SystemExit: what is needed is missing, or may be another one tomorrow.
        """
        said = {name: str(context(name) or "") for name in ("image", "certificate", "hostname", "vpc")}
        if missing := [name for name in ("image", "certificate", "hostname") if not said[name]]:
            raise SystemExit(
                f"say {' and '.join(f'-c {name}=…' for name in missing)}: deploy/README.md says what they are"
            )
        if "@sha256:" not in said["image"]:
            raise SystemExit(f"{said['image']} may be another one tomorrow: name the image by its digest")
        return Wanted(
            **said,
            roles=_list(context("roles")),
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=os.environ.get("CDK_DEFAULT_REGION"),
        )


def _list(said: object) -> tuple[str, ...]:
    """A list in `cdk.json`, or with `-c` as JSON or as one ARN after the other."""
    if isinstance(said, str):
        said = json.loads(said) if said.startswith("[") else [one for one in said.split(",") if one]
    return tuple(map(str, said)) if isinstance(said, list) else ()
