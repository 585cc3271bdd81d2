"""The right to a run, for the job of GitHub that it is for: it proves by GitHub's own token which job it is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from odmd.client.client import Client
from odmd.client.proving import Means, proof_for
from odmd.control.access.addresses import host_of_url, is_safe
from odmd.control.access.identities import IdentityTold, IdentityType
from odmd.errors import FailedForNow, IdentityUnknown, SignInFailed

_TRIES: Final = 5
_AGAIN_SECONDS: Final = 2.0


def right_of_job(server: str, run: int, audience: str = "", *, prepares: bool = False) -> str:
    """Its text. A proof is good once, so whoever asks again proves anew.

    Args:
        audience: what the server is called in the proof, if not by its address.

    Raises:
        SignInFailed, IdentityUnknown, ProofRefused, ServerUnreachable, ServerBusy
    """
    if not is_safe(server):
        raise SignInFailed(f"{server} is neither https nor on this machine", next_step="proofs are sent to no other")
    means = Means(host_of_url(server), lambda _line: None, audience)
    with closing(Client(server, token="")) as client:
        told = _jobs(client.identities())
        for left in reversed(range(_TRIES)):
            try:
                return client.right_to(run, told.name, proof_for(told, means), prepares=prepares).text
            except FailedForNow:
                if not left:
                    raise
                time.sleep(_AGAIN_SECONDS)
    raise AssertionError("unreachable")


def _jobs(found: Sequence[IdentityTold]) -> IdentityTold:
    jobs = [one for one in found if one.type is IdentityType.GITHUB_ACTIONS]
    if len(jobs) == 1:
        return jobs[0]
    raise IdentityUnknown(
        f"the server knows jobs of GitHub by {len(jobs)} identities", next_step="it needs one, in [tool.odmd.actions]"
    )
