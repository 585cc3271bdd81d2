"""The proof for one kind of identities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from odmd.client.proving.browser import by_browser
from odmd.client.proving.device import by_device
from odmd.client.proving.job import of_job
from odmd.client.proving.signing import signed_question
from odmd.control.access.identities import IdentityProof, IdentityTold, IdentityType
from odmd.errors import SignInFailed

POD_TOKEN: Final = Path("/var/run/secrets/odmd/token")
"""Where a pod has the token that its manifest asks for."""


@dataclass(frozen=True, slots=True)
class Means:
    """What there is where somebody signs in."""

    server: str
    """The name by which the server is asked: its host, with the port where that is not the usual one."""
    say: Callable[[str], None]
    """What he has to know, or do."""
    audience: str = ""
    """What else the server may be called in what is signed for it."""
    on_another_device: bool = False
    """He has no browser here."""
    token_file: Path = POD_TOKEN


def proof_for(told: IdentityTold, means: Means) -> IdentityProof:
    """Raises:
    SignInFailed: whoever knows him did not say who he is.
    """
    if told.type is not IdentityType.OIDC:
        _refuse_other(told, means)
    match told.type:
        case IdentityType.OIDC if means.on_another_device:
            if not told.devices:
                raise SignInFailed(
                    f"{means.server} takes no sign-in by another device",
                    next_step=f"sign in where a browser is; or its settings say devices = true for {told.name}",
                )
            return by_device(told, means.say)
        case IdentityType.OIDC:
            return by_browser(told, means.server, means.say)
        case IdentityType.AWS_IAM:
            return signed_question(told)
        case IdentityType.GITHUB_ACTIONS:
            return of_job(told)
        case IdentityType.KUBERNETES:
            return _of_pod(means.token_file)
    assert_never(told.type)


def _refuse_other(told: IdentityTold, means: Means) -> None:
    """A server that has something signed for another one could sign in there with it."""
    host = means.server.rpartition(":")[0] if ":" in means.server.rpartition("]")[2] else means.server
    if told.audience not in filter(None, (means.audience, means.server, host)):
        raise SignInFailed(
            f"{means.server} wants a proof for {told.audience}",
            next_step=f"if that is its name, give --audience {told.audience}",
        )


def _of_pod(file: Path) -> IdentityProof:
    try:
        return IdentityProof(file.read_text("ascii").strip())
    except (OSError, UnicodeDecodeError) as wrong:
        raise SignInFailed(
            f"the service account's token cannot be read: {wrong}",
            next_step="let the pod have a projected token there, or give --token-file",
        ) from None
