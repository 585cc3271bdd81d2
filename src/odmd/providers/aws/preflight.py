"""Proof, before anything moves, that the credentials fit."""

from __future__ import annotations

from odmd.errors import CredentialsRefused
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions


def preflight(sessions: Sessions, target: Target) -> str:
    """Proves that credentials are for the account; the ARN of whose they are.

    Raises:
        CloudUnreachable, CredentialsRefused, CloudRefused
    """
    with reaching(target):
        caller = sessions.sts(target).get_caller_identity()
    if (account := caller["Account"]) != target.account:
        raise CredentialsRefused(
            f"the credentials are for account {account}, the enver is in {target.account}",
            next_step=_next_step(sessions.profile(target.account), target.account),
        )
    return caller["Arn"]


def _next_step(profile: str | None, account: str) -> str:
    if profile is None:
        return f'use a profile for {account}: [tool.odmd.profiles] {account} = "PROFILE" in pyproject.toml'
    return f"{account} has profile {profile} in [tool.odmd.profiles] of pyproject.toml: name another one or mend it"
