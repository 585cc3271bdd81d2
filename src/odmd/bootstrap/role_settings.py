"""What `[tool.odmd.roles]` says: whether runs act with roles of their own in AWS, and who takes them.

[tool.odmd.roles]
use = "auto"                              # where an account has them; or required, or off
trusts = ["arn:aws:iam::111122223333:role/odmd-worker"]  # who carries out runs; not said: whom the account itself lets
server = ["arn:aws:iam::111122223333:role/odmd-server"]  # who serves, where that is somebody else; not said: the same
github = "none"                           # or made, or there: jobs of GitHub take roles, too; who makes its provider
asset-key = false                         # true: buckets for assets that odmd makes have a key of the account's own
only-ids = false                          # true: of repositories with ids, these jobs alone whose tokens have them
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from odmd.bootstrap.choices import read_choice
from odmd.errors import SettingsInvalid
from odmd.graph.rights.used import GitHubProvider, RolesUsed

_KEYS: Final = ("use", "trusts", "server", "github", "asset-key", "only-ids")
_PRINCIPAL: Final = re.compile(
    r"arn:aws(-[a-z]+)*:iam::[0-9]{12}:(root|role/[\w+=,.@/-]{1,512}|user/[\w+=,.@/-]{1,512})"
)


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """How roles are used, and by whom."""

    use: RolesUsed = RolesUsed.AUTO
    trusts: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    github: GitHubProvider = GitHubProvider.NONE
    only_ids: bool = False
    asset_key: bool = False


def read_roles(said: object, file: str) -> RoleSettings:
    """As the table says it.

    Raises:
        SettingsInvalid
    """
    where = f"{file}: [tool.odmd.roles]"
    if not isinstance(said, dict):
        raise SettingsInvalid(f"{where} must be a table", next_step='write use = "auto" below it')
    given = cast("Mapping[str, object]", said)
    if unknown := sorted(set(given) - set(_KEYS)):
        raise SettingsInvalid(f"{where} has no {', '.join(unknown)}", next_step=f"it has {', '.join(_KEYS)}")
    use = read_choice(RolesUsed, given.get("use"), f"{where} use")
    github = read_choice(GitHubProvider, given.get("github"), f"{where} github")
    only_ids, asset_key = (_flag(given, key, where) for key in ("only-ids", "asset-key"))
    trusts, server = _principals(given, "trusts", where), _principals(given, "server", where)
    return RoleSettings(use or RolesUsed.AUTO, trusts, server, github or GitHubProvider.NONE, only_ids, asset_key)


def _flag(given: Mapping[str, object], key: str, where: str) -> bool:
    if isinstance(said := given.get(key, False), bool):
        return said
    raise SettingsInvalid(f"{where} {key} must be true or false, not {said!r}")


def _principals(given: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    said = given.get(key, [])
    listed = cast("list[object]", said) if isinstance(said, list) else [said]
    if wrong := [one for one in listed if not (isinstance(one, str) and _PRINCIPAL.fullmatch(one))]:
        raise SettingsInvalid(
            f"{where} {key} names {wrong[0]!r}, which is nobody by name",
            next_step=f'write {key} = ["arn:aws:iam::ACCOUNT:role/NAME"]: roles, users, or an account\'s root',
        )
    return tuple(map(str, listed))
