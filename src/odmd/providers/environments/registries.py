"""What installers get of who runs odmd: where registries are, and how to sign in there. Nothing else.

In a cage they get it file by file and variable by variable, as build scripts of strangers read it too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from odmd.providers.cage import Placed

_HANDED_ON: Final = re.compile(
    r"LANG|LC_ALL|PATH|.*_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|NETRC"
    r"|(PIP|UV|NPM_CONFIG|YARN|PNPM)_.*|NPM_TOKEN|NODE_AUTH_TOKEN|CODEARTIFACT_AUTH_TOKEN",
    re.IGNORECASE,
)
_PLACES: Final = re.compile(
    r"HOME|TMPDIR|XDG_.*|.*_(CACHE|CACHE_DIR|CACHE_FOLDER|STORE_DIR|GLOBAL_FOLDER|INSTALL_DIR|BIN_DIR|PREFIX|HOME)",
    re.IGNORECASE,
)
"""Where on this machine things are kept: of no use in a cage, which has a home of its own."""
_OF_USER: Final = re.compile(r"HOME|TMPDIR|XDG_.*", re.IGNORECASE)
_FOLDERS: Final = re.compile(r".*_FIND_LINKS|SSL_CERT_DIR", re.IGNORECASE)
_CONFIG: Final = ".config"
_OF_HOME: Final[Mapping[str, tuple[str, ...]]] = {
    "uv": (f"{_CONFIG}/uv/uv.toml", ".local/share/uv/credentials", ".netrc"),
    "pip": (f"{_CONFIG}/pip/pip.conf", ".pip/pip.conf", ".netrc"),
    "npm": (".npmrc",),
    "pnpm": (".npmrc", f"{_CONFIG}/pnpm/rc", f"{_CONFIG}/pnpm/auth.ini"),
    "yarn": (".npmrc", ".yarnrc", ".yarnrc.yml"),
}
"""What each tool reads in a home folder."""
_OF_MACHINE: Final = ("/etc/pip.conf", "/etc/uv/uv.toml", "/etc/npmrc", "/usr/etc/npmrc")
NO_SCRIPTS: Final = {
    "UV_NO_BUILD": "1",
    "PIP_ONLY_BINARY": ":all:",
    "NPM_CONFIG_IGNORE_SCRIPTS": "true",
    "YARN_IGNORE_SCRIPTS": "true",
    "YARN_ENABLE_SCRIPTS": "false",
}
"""What tells all of these tools to run no script of a package."""


def handed_on(*, caged: bool) -> Mapping[str, str]:
    """Of this process's variables, those that installers get; no credentials of a cloud among them."""

    def is_one(name: str) -> bool:
        if _PLACES.fullmatch(name):
            return not caged and bool(_HANDED_ON.fullmatch(name) or _OF_USER.fullmatch(name))
        return _HANDED_ON.fullmatch(name) is not None

    return {name: text for name, text in os.environ.items() if is_one(name)}


def files_for(tool: str, home: Path) -> Iterator[Placed]:
    """What a tool reads of the user's and the machine's settings; the user's stand in the home of the cage."""
    for name in _OF_HOME.get(tool, ()):
        if (file := _mine(name)).exists():
            yield Placed(home / name, file)
    for named in (*map(Path, _OF_MACHINE), *_named_by_variables()):
        if named.exists():
            yield Placed(named, named)


def _mine(name: str) -> Path:
    first, _, rest = name.partition("/")
    elsewhere = os.environ.get("XDG_CONFIG_HOME")
    return Path(elsewhere, rest) if first == _CONFIG and elsewhere else Path.home() / name


def _named_by_variables() -> Iterator[Path]:
    """Files, such as of certificates, and folders of packages."""
    for name, text in handed_on(caged=True).items():
        if name.upper() == "PATH":
            continue
        for word in text.split():
            path = Path(word)
            if path.is_absolute() and (path.is_file() or (path.is_dir() and _FOLDERS.fullmatch(name))):
                yield path
