"""What `[tool.odmd.clusters]` says: how clusters are reached that are not to be looked up in EKS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from odmd.errors import SettingsInvalid

_SERVER, _AUTHORITY, _TOKEN = "server", "certificate-authority", "token-file"
_KNOWN: Final = {_SERVER, _AUTHORITY, _TOKEN}
_EXAMPLE: Final = f'write [tool.odmd.clusters.NAME] with {_SERVER} = "https://…" and {_TOKEN} = "path"'


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """One cluster."""

    server: str
    authority_file: Path | None
    token_file: Path


def read_clusters(said: object, base: Path, file: str) -> Mapping[str, ClusterSettings]:
    """By name; paths start from `base`.

    Raises:
        SettingsInvalid
    """
    if not isinstance(said, dict):
        raise SettingsInvalid(f"{file}: [tool.odmd.clusters] must be tables by name", next_step=_EXAMPLE)
    tables = cast("Mapping[str, object]", said)
    return {name: _cluster(f"{file}: [tool.odmd.clusters.{name}]", table, base) for name, table in tables.items()}


def _cluster(where: str, table: object, base: Path) -> ClusterSettings:
    texts: Mapping[str, object] = cast("Mapping[str, object]", table) if isinstance(table, dict) else {}
    if not texts or texts.keys() - _KNOWN or not all(isinstance(one, str) and one for one in texts.values()):
        raise SettingsInvalid(f"{where} must say {', '.join(sorted(_KNOWN))}, each a text", next_step=_EXAMPLE)
    given = cast("Mapping[str, str]", texts)
    if _SERVER not in given or _TOKEN not in given:
        raise SettingsInvalid(f"{where} lacks {_SERVER} or {_TOKEN}", next_step=_EXAMPLE)
    authority = given.get(_AUTHORITY)
    return ClusterSettings(given[_SERVER], base / authority if authority else None, base / given[_TOKEN])
