"""What `[tool.odmd.github]` says: the repository whose pull requests are reviewed, as they change the contracts.

[tool.odmd.github]
contracts = "acme/contracts"
folder = "."                              # in it, from which `contracts` of [tool.odmd] is found
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, cast

from odmd.errors import SettingsInvalid

_KEYS: Final = ("contracts", "folder")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class GithubSettings:
    """Where the contracts are at GitHub."""

    contracts: str
    folder: str


def read_github(said: object, file: str) -> GithubSettings:
    """As the table says it.

    Raises:
        SettingsInvalid
    """
    where = f"{file}: [tool.odmd.github]"
    given = cast("Mapping[str, object]", said) if isinstance(said, dict) else {"": said}
    if unknown := sorted(set(given) - set(_KEYS)):
        raise SettingsInvalid(f"{where} has no {', '.join(unknown)}", next_step=f"it has {', '.join(_KEYS)}")
    contracts, folder = given.get("contracts"), given.get("folder", ".")
    if not (isinstance(contracts, str) and _NAME.fullmatch(contracts)):
        raise SettingsInvalid(f"{where} contracts is no repository", next_step='write contracts = "OWNER/NAME"')
    if not isinstance(folder, str) or PurePosixPath(folder).is_absolute() or ".." in PurePosixPath(folder).parts:
        raise SettingsInvalid(f"{where} folder is none of the repository", next_step='write folder = "."')
    return GithubSettings(contracts, folder)
