"""`${odmd.config:NAME.FIELD}`: how private config is named in what a build is told, as arguments and manifests."""

from __future__ import annotations

import re
from typing import Final

CONFIG_PLACE: Final = re.compile(r"\$\{odmd\.config:([^}]*)\}")
"""Whatever is said there; not all of it is a path."""
CONFIG_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""Of a config, or of a field of one."""
