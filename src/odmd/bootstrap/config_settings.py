"""What `[tool.odmd.config]` says: where layers of config are kept, if not in the state's own database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from odmd.errors import SettingsInvalid

_REPOSITORY, _BRANCH, _FOLDER = "repository", "branch", "folder"
_PARAMETERS, _ACCOUNT, _REGION, _KEY = "parameters", "account", "region", "key"
_PREFIX: Final = re.compile(r"(?!/(aws|ssm))(/[A-Za-z0-9_.-]+)+", re.IGNORECASE)
_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
_OUTSIDE: Final = re.compile(r"^/|(^|/)\.\.(/|$)")
_EXAMPLE: Final = (
    f'write {_REPOSITORY} = "acme/config", or {_PARAMETERS} = "/acme/odmd" with {_ACCOUNT} = "111122223333" '
    f'and {_REGION} = "eu-west-1"'
)


@dataclass(frozen=True, slots=True)
class ConfigInGit:
    """In a repository, where they are reviewed."""

    repository: str
    """As repositories are called in the contracts."""
    branch: str = "main"
    folder: str = "config"

    def __str__(self) -> str:
        return f"repository {self.repository}, branch {self.branch}, folder {self.folder}"


@dataclass(frozen=True, slots=True)
class ConfigInParameters:
    """In the parameter store of an account."""

    prefix: str
    account: str
    region: str
    key: str = ""
    """Of KMS; empty: the account's own."""

    def __str__(self) -> str:
        return f"parameters below {self.prefix}, account {self.account}, region {self.region}"


ConfigStore = ConfigInGit | ConfigInParameters


def read_config_store(said: object, file: str) -> ConfigStore | None:
    """None: nothing is said.

    Raises:
        SettingsInvalid
    """
    if said is None:
        return None
    where = f"{file}: [tool.odmd.config]"
    if not isinstance(said, dict) or not all(
        isinstance(one, str) and one for one in cast("dict[str, object]", said).values()
    ):
        raise SettingsInvalid(f"{where} must be a table of texts", next_step=_EXAMPLE)
    texts = cast("Mapping[str, str]", said)
    match texts:
        case {"repository": repository, **more} if more.keys() <= {_BRANCH, _FOLDER}:
            found = ConfigInGit(repository, **more)
            is_right = not _OUTSIDE.search(found.folder)
        case {"parameters": prefix, "account": account, "region": region, **more} if more.keys() <= {_KEY}:
            found = ConfigInParameters(prefix, account, region, **more)
            is_right = bool(_PREFIX.fullmatch(prefix) and _ACCOUNT_ID.fullmatch(account))
        case _:
            found, is_right = None, False
    if not is_right:
        raise SettingsInvalid(f"{where} names no store of config, or two: {dict(texts)}", next_step=_EXAMPLE)
    return found
