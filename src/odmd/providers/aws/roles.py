"""Roles that an assembly names: those of `cdk bootstrap` stand for the credentials of the account, others do not."""

from __future__ import annotations

import re
from typing import Final

from odmd.errors import AssemblyUnfit

_BOOTSTRAPPED: Final = re.compile(r":role/cdk-[a-z0-9]{1,10}-(deploy|cfn-exec|file-publishing|lookup)-role-")


def refuse_own_role(whose: str, arn: str) -> None:
    """Refuses a role that the app chose itself: odmd acts with the credentials of the account.

    Raises:
        AssemblyUnfit
    """
    if arn and not _BOOTSTRAPPED.search(arn):
        raise AssemblyUnfit(
            f"{whose} is to be deployed with role {arn}, and odmd acts with the credentials of the account",
            next_step="leave the synthesizer's role ARNs out, and give the account's profile that role",
        )
