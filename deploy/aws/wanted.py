"""What the app's context says of this deployment."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_SECRET: Final = re.compile(r"(ODMD_[A-Z0-9_]+)=(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+)")


@dataclass(frozen=True)
class Wanted:
    """All that differs between organisations; `cdk.json` has the names, `-c NAME=VALUE` gives one."""

    image: str
    """The organisation's own, by digest: odmd's, with its contracts in /contracts."""
    certificate: str
    """ARN of the certificate of `hostname`."""
    hostname: str
    """As people reach it, from within the network; nothing is answered by another one."""
    vpc: str
    """Id of a network that is there, with private subnets that reach AWS; empty: one is made."""
    proxies: tuple[str, ...]
    """With `vpc`: the ranges of subnets there that are to hold the balancer, and hold nothing else; none: nobody knows
    where requests come from."""
    accounts: tuple[str, ...]
    """Where envers live, and the organisation's own: there server and workers take roles of `odmd bootstrap`."""
    looks: tuple[str, ...]
    """ARNs of the roles with which the server looks for drift and new secrets, by the image's AWS profiles."""
    secrets: Mapping[str, str]
    """Variables of the server that are secrets, with the ARNs of these: who is told, keys of webhooks and anchors."""
    account: str | None
    region: str | None

    @staticmethod
    def of(context: Callable[[str], object]) -> Wanted:
        """Args:
            context: what is said under a name, or nothing.

        Raises:
            SystemExit: what is needed is missing, is something else, or may be another one tomorrow.
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
            proxies=_networks(_list(context("proxies"))),
            accounts=_accounts(_list(context("accounts"))),
            looks=_list(context("looks")),
            secrets=_secrets(_list(context("secrets"))),
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=os.environ.get("CDK_DEFAULT_REGION"),
        )


def _list(said: object) -> tuple[str, ...]:
    """A list in `cdk.json`, or with `-c` as JSON or as one after the other."""
    if isinstance(said, str):
        said = json.loads(said) if said.startswith("[") else [one for one in said.split(",") if one]
    return tuple(map(str, said)) if isinstance(said, list) else ()


def _accounts(said: Sequence[str]) -> tuple[str, ...]:
    if wrong := [one for one in said if not _ACCOUNT.fullmatch(one)]:
        raise SystemExit(f"{wrong[0]} is no account: say -c accounts=444455556666,777788889999")
    return tuple(said)


def _networks(said: Sequence[str]) -> tuple[str, ...]:
    for one in said:
        try:
            ipaddress.ip_network(one)
        except ValueError as wrong:
            raise SystemExit(f"-c proxies: {wrong}") from None
    return tuple(said)


def _secrets(said: Sequence[str]) -> Mapping[str, str]:
    found = [_SECRET.fullmatch(one) for one in said]
    if not all(found):
        raise SystemExit("say -c secrets=ODMD_NAME=arn:aws:secretsmanager:…, one after the other, with whole ARNs")
    return {one[1]: one[2] for one in found if one}
