"""What `[tool.odmd.actions]` says: how runs of builds that run on GitHub Actions are given to jobs there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from odmd.bootstrap.identity_settings import IdentitySettings
from odmd.control.access.identities import IdentityType
from odmd.errors import SettingsInvalid

_KNOWN: Final = ("identity", "claimed-within", "server", "workflows")
_HOW: Final = ("propose", "commit")
_USUAL_SECONDS: Final = 3600.0
_LEAST_SECONDS: Final = 60.0
_MOST_SECONDS: Final = 24 * 3600.0
"""GitHub gives up a job that finds no runner for so long."""


@dataclass(frozen=True, slots=True)
class ActionsSettings:
    """By whom these jobs are known, and how long they are waited for."""

    identity: str
    """A name in `[tool.odmd.identities]`."""
    claimed_within: float = _USUAL_SECONDS
    """Seconds, for each half of a run."""
    server: str = ""
    """Its address, as jobs reach it; empty: whoever writes workflows says it."""
    workflows: str = ""
    """What `odmd serve` does where other contracts want other ones: propose or commit them; empty: nothing."""


def read_actions(said: object, identities: Mapping[str, IdentitySettings], file: str) -> ActionsSettings:
    """As the table says it.

    Raises:
        SettingsInvalid
    """
    where = f"{file}: [tool.odmd.actions]"
    if not isinstance(said, dict):
        raise SettingsInvalid(f"{where} must be a table", next_step='write identity = "actions" below it')
    given = cast("Mapping[str, object]", said)
    if unknown := sorted(set(given) - set(_KNOWN)):
        raise SettingsInvalid(f"{where} has no {', '.join(unknown)}", next_step=f"it has {', '.join(_KNOWN)}")
    identity, seconds = given.get("identity"), given.get("claimed-within", _USUAL_SECONDS)
    of = identities.get(identity) if isinstance(identity, str) else None
    if of is None or of.type is not IdentityType.GITHUB_ACTIONS:
        raise SettingsInvalid(
            f"{where} identity {identity!r} is none of [tool.odmd.identities] whose type is github-actions",
            next_step="name the one by which jobs of GitHub are known",
        )
    if not isinstance(seconds, (int, float)) or not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        raise SettingsInvalid(
            f"{where} claimed-within must be seconds, {_LEAST_SECONDS:g} to {_MOST_SECONDS:g}, not {seconds!r}"
        )
    server, workflows = given.get("server", ""), given.get("workflows", "")
    if not isinstance(server, str):
        raise SettingsInvalid(f"{where} server must be an address", next_step='write server = "https://HOST"')
    if workflows and (workflows not in _HOW or not server):
        raise SettingsInvalid(
            f"{where} workflows must be {' or '.join(_HOW)}, with server beside it",
            next_step='write workflows = "propose", and server = "https://HOST"',
        )
    return ActionsSettings(str(identity), float(seconds), server, str(workflows))
